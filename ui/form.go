package ui

import (
	"strconv"
	"strings"
	"time"

	"grapevine/wasm/api"
)

// updateForm takes in what is typed and chosen in the form of parameters and
// seed. What is typed counts once the visitor has paused.
func updateForm(m Model, msg Msg) (Model, []Effect) {
	switch msg := msg.(type) {
	case TypeParam:
		m.Drafts = with(m.Drafts, msg.Name, msg.Text)
		m.Edits++
		return m, []Effect{After{settleMillis, Settled{m.Edits}}}
	case TypeSeed:
		m.Drafts = with(m.Drafts, seedName, msg.Text)
		m.Edits++
		return m, []Effect{After{settleMillis, Settled{m.Edits}}}
	case SetParam:
		m.Drafts = with(m.Drafts, msg.Name, msg.Text)
		m.Edits++
		return reopen(m)
	case Settled:
		if msg.Edits != m.Edits {
			return m, nil
		}
		return reopen(m)
	case NewLuck:
		return m, []Effect{DrawLuck{}}
	case LuckDrawn:
		m.Drafts = with(m.Drafts, seedName, strconv.FormatUint(msg.Seed, 10))
		return reopen(m)
	case Defaults:
		m.Drafts = nil
		return open(m, api.Run{Lab: m.Opened.Lab, Seed: m.Opened.Run.Seed}, true)
	}
	return m, nil
}

// checkValue says what is wrong with a parameter's text, in a sentence beside
// its field, and returns the value as it goes into the run. The engine has the
// last word; the page checks so that a visitor need not wait for it.
func checkValue(p api.Param, text string) (value string, fault *api.Text) {
	text = strings.TrimSpace(text)
	switch p.Kind {
	case "int":
		n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
		if err != nil {
			return "", fill(wNotWhole, text)
		}
		low, _ := strconv.ParseInt(p.Min, 10, 64)
		high, errHigh := strconv.ParseInt(p.Max, 10, 64)
		if p.Min != "" && n < low || errHigh == nil && n > high {
			return "", fill(wOutside, text, p.Min, p.Max)
		}
		return strconv.FormatInt(n, 10), nil
	case "ratio":
		n, ok := parsePercent(text + "%")
		if strings.HasSuffix(text, "%") {
			n, ok = parsePercent(text)
		}
		if !ok {
			return "", fill(wNotPercent, text)
		}
		low, okLow := parsePercent(p.Min)
		high, okHigh := parsePercent(p.Max)
		if okLow && n < low || okHigh && n > high {
			return "", fill(wOutside, text, bare(p.Min), bare(p.Max))
		}
		return strings.TrimSuffix(text, "%") + "%", nil
	case "duration":
		d, err := time.ParseDuration(text)
		if err != nil {
			return "", fill(wNotDuration, text)
		}
		low, _ := time.ParseDuration(p.Min)
		high, errHigh := time.ParseDuration(p.Max)
		if p.Min != "" && d < low || errHigh == nil && d > high {
			return "", fill(wOutside, text, p.Min, p.Max)
		}
		return text, nil
	}
	return text, nil
}

// parsePercent reads "12.5%" as 12.5, and "0.125" as the same. For display and
// comparison on the page only, so a float will do.
func parsePercent(s string) (float64, bool) {
	number, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n != n || n < 0 {
		return 0, false
	}
	if !percent {
		n *= 100
	}
	return n, true
}

// bare takes the sign off a percentage: the field's unit shows it.
func bare(ratio string) string {
	if n, ok := parsePercent(ratio); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return ratio
}

// shown is a value as its field shows it.
func shown(p api.Param, value string) string {
	if p.Kind == "ratio" {
		return bare(value)
	}
	return value
}

// limits is the hint below a field: what it takes.
func limits(p api.Param) string {
	if p.Min == "" && p.Max == "" {
		return ""
	}
	if p.Kind == "ratio" {
		return bare(p.Min) + "–" + bare(p.Max)
	}
	return p.Min + "–" + p.Max
}
