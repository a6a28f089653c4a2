package ui

import (
	"slices"
	"strconv"
	"strings"

	"grapevine/wasm/api"
)

// The address bar carries the run; this file keeps the two equal.
//
// What the visitor changes (lab, parameter, seed, deed) becomes a new entry in
// the history once the engine has said what it made of it. What only corrects
// the address (a link without a version, a misspelt value) replaces the entry.
// Passing time touches nothing.

// openAddress opens the run that an address names. A link that cannot be read
// gives a sentence and the nearest run: what was understood of it, or else the
// first lab.
func openAddress(m Model, address string) (Model, []Effect) {
	if address == m.Address {
		return m, nil
	}
	m.Address = address
	m.Drafts = nil
	m.Notices = nil
	link, err := api.ParseLink(address)
	if err != nil && address != "" {
		m.Notices = []api.Text{badLink(err)}
	}
	if link.Run.Lab == "" {
		if len(m.Labs) == 0 {
			return m, nil
		}
		link = api.Link{Run: defaultRun(m.Labs[0].ID)}
	}
	at, wait := link.At, link.Wait
	if undone, ok := lastUndone(m.Opened.Run, m.Status.Script, link.Run); ok && !wait {
		at = undone
	}
	m.Opening, m.Push = true, false
	return m, []Effect{command(api.Command{Verb: api.Open, Run: &link.Run, At: at, Play: !wait})}
}

// badLink says what of a link was not understood: ParseLink's errors are Texts.
func badLink(err error) api.Text {
	why, ok := err.(api.Text)
	if !ok {
		why = api.Text{En: err.Error(), Zh: err.Error()}
	}
	return api.Text{En: say(English, wBadLink, why.En), Zh: say(Chinese, wBadLink, why.Zh)}
}

// defaultRun is a lab as its own story tells it. The command line begins with
// the same seed.
func defaultRun(lab string) api.Run { return api.Run{Lab: lab, Seed: 1} }

// lastUndone tells Back from a mere change of run: if next is the run being
// shown without its last deeds, it is the instant of the first deed taken back,
// where the visitor will want to go on.
func lastUndone(shown api.Run, script []api.Action, next api.Run) (at int64, ok bool) {
	if shown.Lab != next.Lab || shown.Seed != next.Seed || !slices.Equal(shown.Params, next.Params) ||
		len(next.Script) >= len(script) || !slices.Equal(script[:len(next.Script)], next.Script) {
		return 0, false
	}
	return script[len(next.Script)].At, true
}

// plainLink is an address' run without the instant to wait at.
func plainLink(address string) string {
	link, err := api.ParseLink(address)
	if err != nil {
		return ""
	}
	return link.Run.Link()
}

// reopen opens the run that the fields now describe, if all of them make
// sense. Otherwise the run stays and the fields say what is wrong.
func reopen(m Model) (Model, []Effect) {
	lab := m.lab()
	if lab == nil || m.seedFault() != nil {
		return m, nil
	}
	run := m.run()
	run.Params = nil
	for _, p := range lab.Params {
		value := m.value(p.Name)
		if text, typed := m.Drafts[p.Name]; typed {
			checked, fault := checkValue(p, text)
			if fault != nil {
				return m, nil
			}
			value = checked
		}
		if value != p.Default {
			run.Params = append(run.Params, api.Setting{Name: p.Name, Value: value})
		}
	}
	if text, typed := m.Drafts[seedName]; typed {
		run.Seed, _ = strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	}
	return open(m, run, true)
}

// run is the run with everything done so far.
func (m *Model) run() api.Run {
	if link, err := api.ParseLink(m.Status.Link); err == nil {
		return link.Run
	}
	return m.Opened.Run
}

func open(m Model, run api.Run, push bool) (Model, []Effect) {
	m.Opening, m.Push = true, push
	m.Notices = nil
	return m, []Effect{command(api.Command{Verb: api.Open, Run: &run, Play: true})}
}

// stillWrong keeps the drafts that make no sense yet: what the visitor is
// typing must not vanish because another field changed the run.
func stillWrong(m Model) map[string]string {
	lab := m.lab()
	if lab == nil {
		return nil
	}
	var kept map[string]string
	for _, p := range lab.Params {
		if m.fault(p) != nil {
			kept = with(kept, p.Name, m.Drafts[p.Name])
		}
	}
	if m.seedFault() != nil {
		kept = with(kept, seedName, m.Drafts[seedName])
	}
	return kept
}

// shareText is what a copy button copies.
func (m *Model) shareText(what Share) string {
	run := m.run()
	switch what {
	case ShareLink:
		return m.Base + "#" + run.Link()
	case ShareEmbed:
		return m.embedCode(run)
	case ShareCommand:
		return m.commandLine(run)
	}
	return ""
}

func (m *Model) embedCode(run api.Run) string {
	attrs := []string{`lab="` + run.Lab + `"`, `seed="` + strconv.FormatUint(run.Seed, 10) + `"`}
	if len(run.Params) > 0 {
		attrs = append(attrs, `params="`+escapeHTML.Replace(settings(run.Params))+`"`)
	}
	if run.Scripted {
		var actions []string
		for _, a := range run.Script {
			actions = append(actions, api.FormatTime(a.At)+" "+a.Do)
		}
		attrs = append(attrs, `script="`+escapeHTML.Replace(strings.Join(actions, ";"))+`"`)
	}
	attrs = append(attrs, `lang="`+string(m.Lang)+`"`)
	if m.Theme != Auto {
		attrs = append(attrs, `theme="`+string(m.Theme)+`"`)
	}
	return `<script type="module" src="` + m.Base + `grapevine-lab.js"></script>` + "\n" +
		"<grapevine-lab " + strings.Join(attrs, " ") + " autoplay></grapevine-lab>"
}

func (m *Model) commandLine(run api.Run) string {
	line := "./build.sh run " + run.Lab
	if len(run.Params) > 0 {
		line += " " + settings(run.Params)
	}
	line += " -seed " + strconv.FormatUint(run.Seed, 10)
	if run.Scripted {
		line = "./build.sh run -link '" + strings.ReplaceAll(run.Link(), "'", "%27") + "'"
	}
	if !m.Status.Finished {
		line += " -until " + api.FormatTime(m.Status.Now)
	}
	return line + " -digest"
}

func settings(params []api.Setting) string {
	var words []string
	for _, p := range params {
		words = append(words, p.Name+"="+p.Value)
	}
	return strings.Join(words, " ")
}
