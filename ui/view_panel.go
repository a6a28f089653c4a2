package ui

import (
	"grapevine/wasm/api"
)

// panels are the tabs, in their order. On a desktop they are a strip at the
// right edge, on a phone a row at the bottom.
var panels = []struct {
	panel Panel
	name  api.Text
	phone bool // only there
}{
	{Labs, wLabs, true},
	{Inspect, wInspect, false},
	{Sequence, wSequence, false},
	{Measures, wMeasures, false},
	{Lesson, wLesson, false},
	{Sharing, wShare, false},
}

func viewTabs(m *Model) []*Node {
	list := el("nav", attr("aria-label", m.say(wPanels)))
	for _, p := range panels {
		controls := "panel"
		if p.panel == Labs {
			controls = "left"
		}
		list.Children = append(list.Children, el("button.tab", attr("key", string(p.panel)), attr("id", "tab-"+string(p.panel)), attr("type", "button"),
			when(p.phone, attr("class", "phone")), truth("aria-expanded", m.Panel == p.panel), attr("aria-controls", controls),
			on("click", ShowPanel{p.panel}), m.say(p.name)))
	}
	return []*Node{list}
}

func viewPanel(m *Model) []*Node {
	var content []*Node
	var title api.Text
	switch m.Panel {
	case Inspect:
		title, content = wInspect, viewInspect(m)
	case Sequence:
		title, content = wSequenceTitle, viewSequence(m)
	case Measures:
		title, content = wMeasures, viewMeasures(m)
	case Lesson:
		title, content = wLesson, viewLesson(m)
	case Sharing:
		title, content = wShare, viewShare(m)
	default:
		return nil
	}
	return []*Node{el("div.sheet", attr("key", string(m.Panel)),
		el("div.sheet-head", el("h2", m.say(title)),
			el("button.plain", attr("type", "button"), attr("aria-label", m.say(wClose)), on("click", ShowPanel{m.Panel}), icon("close"))),
		el("div.sheet-body", content))}
}

func viewMeasures(m *Model) []*Node {
	if len(m.Status.Metrics) == 0 && len(m.Status.Checks) == 0 {
		return []*Node{el("p.quiet", m.say(wNoMetrics))}
	}
	rows := el("tbody")
	for _, metric := range m.Status.Metrics {
		rows.Children = append(rows.Children, el("tr", attr("key", metric.Name),
			el("th", attr("scope", "row"), m.say(metric.Label)), el("td", formatMetric(metric, m.Lang))))
	}
	nodes := []*Node{el("section", attr("key", "metrics"), el("h3", m.say(wMetrics)), el("table.metrics", rows))}
	if len(m.Status.Checks) > 0 {
		nodes = append(nodes, viewChecks(m))
	}
	return append(nodes, el("section", attr("key", "digest"), el("h3", m.say(wDigest)),
		el("p", el("code.digest", m.Status.Digest)), el("p.quiet", m.say(wDigestIs))))
}

// checkStates gives each state of a check a mark besides its colour.
var checkStates = map[string]struct {
	mark string
	name api.Text
}{
	"open":   {"?", wOpen},
	"held":   {"✓", wHeld},
	"failed": {"✗", wFailed},
}

var checkKinds = map[string]api.Text{"always": wAlways, "finally": wFinally, "sometimes": wSometimes}

func viewChecks(m *Model) *Node {
	list := el("ul.checks")
	for _, c := range m.Status.Checks {
		state, ok := checkStates[c.State]
		if !ok {
			state = checkStates["open"]
		}
		detail := m.say(c.Detail)
		if c.State == "failed" {
			detail = m.say(wFailedAt, formatMicros(c.At), detail)
		}
		list.Children = append(list.Children, el("li", attr("key", c.Name), attr("data-state", c.State),
			el("b.mark", attr("aria-hidden", "true"), state.mark),
			el("div", el("p", m.say(c.Claim)),
				el("p.quiet", m.say(checkKinds[c.Kind])+" · "+m.say(state.name)), optional("p.quiet", detail))))
	}
	return el("section", attr("key", "checks"), el("h3", m.say(wChecks)), list)
}

// optional is an element for a text that may be missing.
func optional(name, text string) *Node {
	if text == "" {
		return nil
	}
	return el(name, text)
}

func viewLesson(m *Model) []*Node {
	switch {
	case m.LessonBad:
		claim := ""
		if lab := m.lab(); lab != nil {
			claim = m.say(lab.Claim)
		}
		return []*Node{optional("p", claim), el("p.quiet", m.say(wLessonNone)),
			el("button", attr("type", "button"), on("click", RetryLesson{}), m.say(wTryAgain))}
	case m.Lesson == "":
		return []*Node{el("p.quiet", m.say(wLessonWaits))}
	}
	text := m.Lesson
	// Keyed by the lesson, so that an opened answer of another lab is not open here.
	return []*Node{lazy(m.LessonFor, text, func() *Node { return el("article.lesson", attr("key", m.LessonFor), markdown(text)) })}
}

func viewShare(m *Model) []*Node {
	if m.Opened.Lab == "" {
		return []*Node{el("p.quiet", m.say(wLoading))}
	}
	var nodes []*Node
	for _, s := range []struct {
		what     Share
		name, is api.Text
	}{{ShareLink, wShareLink, wShareLinkIs}, {ShareEmbed, wShareEmbed, wShareEmbedIs}, {ShareCommand, wShareCmd, wShareCmdIs}} {
		label := wCopy
		if m.Copied == s.what {
			label = wCopied
		}
		nodes = append(nodes, el("section.share", attr("key", string(s.what)),
			el("h3", m.say(s.name)), el("p.quiet", m.say(s.is)), el("pre", attr("tabindex", "0"), el("code", m.shareText(s.what))),
			el("button", attr("type", "button"), on("click", Copy{s.what}), m.say(label))))
	}
	return append(nodes, el("section", attr("key", "digest"), el("h3", m.say(wDigest)),
		el("p", el("code.digest", m.Status.Digest)), el("p.quiet", m.say(wDigestIs))))
}
