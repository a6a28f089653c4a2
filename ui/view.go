package ui

import (
	"strings"

	"grapevine/wasm/api"
)

// A Region is a part of the page with its place in index.html, the element
// with this ID, whose content View gives.
type Region struct {
	ID   string
	View func(*Model) []*Node
}

// Regions are all parts of the page, in the order of index.html. The stage and
// the chart are not among them: JavaScript draws those.
func Regions() []Region {
	return []Region{
		{"skip", viewSkip},
		{"head", viewHead},
		{"notices", viewNotices},
		{"left", viewLeft},
		{"caption", viewCaption},
		{"legend", viewLegend},
		{"panel", viewPanel}, // before time, so that Tab leads from a picked node to its deeds
		{"transport", viewTransport},
		{"tabs", viewTabs},
		{"help", viewHelp},
		{"live", func(m *Model) []*Node { return []*Node{{Text: m.Narration}} }},
	}
}

// viewSkip is for keyboards: past the labs and parameters, straight to time. A
// button, because a link to a fragment would be a run's address.
func viewSkip(m *Model) []*Node {
	return []*Node{el("button", attr("type", "button"), on("click", Skip{}), m.say(wSkip))}
}

func viewHead(m *Model) []*Node {
	title := m.say(wSubtitle)
	if lab := m.lab(); lab != nil {
		title = m.say(lab.Title)
	}
	other, otherLang := Chinese, "zh"
	if m.Lang == Chinese {
		other, otherLang = English, "en"
	}
	present := wPresent
	if m.Present {
		present = wPresentEnd
	}
	return []*Node{
		el("button.plain.desktop", attr("id", "fold-left"), attr("type", "button"), truth("aria-expanded", !m.LeftFolded), attr("aria-controls", "left"),
			attr("aria-label", m.say(wFoldLeft)), attr("title", m.say(wFoldLeft)), on("click", FoldLeft{}), icon("menu")),
		el("h1", m.say(wName)),
		el("p.title", title),
		el("button.plain.desktop", attr("type", "button"), truth("aria-pressed", m.Present), on("click", Presented{}), m.say(present)),
		el("button.plain", attr("type", "button"), attr("lang", otherLang), on("click", SetLang{other}), m.say(wOtherLang)),
		viewTheme(m),
		el("button.plain", attr("id", "help-open"), attr("type", "button"), truth("aria-expanded", m.Help), attr("aria-label", m.say(wHelp)), attr("title", m.say(wHelp)), on("click", AskHelp{}), "?"),
	}
}

func viewTheme(m *Model) *Node {
	choose := el("select", attr("aria-label", m.say(wTheme)), attr("title", m.say(wTheme)), attr("value", string(m.Theme)),
		onValue("change", func(e Event) Msg { return SetTheme{Theme(e.Value)} }))
	for _, t := range []struct {
		theme Theme
		name  string
	}{{Auto, m.say(wThemeAuto)}, {Light, m.say(wThemeLight)}, {Dark, m.say(wThemeDark)}} {
		choose.Children = append(choose.Children, el("option", attr("value", string(t.theme)), t.name))
	}
	return choose
}

// viewNotices shows what the engine understood differently, until dismissed.
func viewNotices(m *Model) []*Node {
	if len(m.Notices) == 0 {
		return nil
	}
	const maxNotices = 4
	texts := el("div.texts")
	for i, t := range m.Notices {
		if i == maxNotices {
			break
		}
		texts.Children = append(texts.Children, el("p", m.say(t)))
	}
	return []*Node{el("div.notice", texts,
		el("button.plain", attr("type", "button"), attr("aria-label", m.say(wDismiss)), on("click", Dismiss{}), icon("close")))}
}

// viewCaption is one sentence above the stage: what is being seen, what to do
// next. It keeps its height, so that the stage does not move.
func viewCaption(m *Model) []*Node {
	lab := m.lab()
	switch {
	case lab == nil:
		return []*Node{el("p", m.say(wFirstClaim))}
	case m.Pairing:
		return []*Node{el("p", el("strong", m.say(wPickSecond)))}
	case m.Status.Seeking:
		return []*Node{el("p", el("strong", m.say(wSeeking, formatMicros(m.now()))), " ", m.say(wSeekingHow))}
	case m.Status.Finished:
		how, next := m.ending()
		return []*Node{el("p", el("strong", m.say(how, formatMicros(m.Status.Now))), " ", m.say(next))}
	}
	return []*Node{el("p", m.say(lab.Claim))}
}

// ending is how a finished run ended, and what to do next.
func (m *Model) ending() (how, next api.Text) {
	const instant = 1000 // microseconds: no hand can stop within a run as short as that
	switch {
	case m.Status.CutOff:
		return wCutOff, wCutOffNext
	case m.Status.Now < instant:
		return wInstant, wInstantHow
	}
	return wFinished, wFinishNext
}

// viewLegend tells the shapes and colours on the stage, with counts. On a
// phone a long one is only a row of the signs, which unfolds.
func viewLegend(m *Model) []*Node {
	if len(m.Opened.States) == 0 {
		return nil
	}
	list := el("ul", attr("id", "signs"), attr("aria-label", m.say(wLegend)))
	for _, s := range m.Opened.States {
		list.Children = append(list.Children, el("li", attr("key", "s"+s.ID),
			el("i.node."+word(s.Shape)+".c-"+word(s.Color), attr("aria-hidden", "true")),
			el("span", m.say(s.Label)), el("b", formatCount(uint64(m.count(s.ID))))))
	}
	if down := m.count("crashed"); down > 0 {
		list.Children = append(list.Children, el("li", attr("key", "down"),
			el("i.node.down.c-idle", attr("aria-hidden", "true")), el("span", m.say(wCrashed)), el("b", formatCount(uint64(down)))))
	}
	if m.Status.Cut {
		list.Children = append(list.Children, el("li", attr("key", "cut"), el("i.cut", attr("aria-hidden", "true")), el("span", m.say(wCutLine))))
	}
	for _, k := range m.Opened.Kinds {
		if k.Unused {
			continue
		}
		list.Children = append(list.Children, el("li", attr("key", "k"+k.ID),
			el("i.packet.c-"+word(k.Color), attr("aria-hidden", "true"), k.Mark), el("span", m.say(k.Label))))
	}
	const maxUnfolded = 6 // entries that a phone has room for
	if len(list.Children) <= maxUnfolded {
		return []*Node{list}
	}
	row := el("button.signs.plain", attr("type", "button"), attr("aria-label", m.say(wLegend)), truth("aria-expanded", m.Legend), attr("aria-controls", "signs"), on("click", ShowLegend{}))
	for _, entry := range list.Children {
		sign := el("span", entry.Children[0])
		if last := entry.Children[len(entry.Children)-1]; last.Tag == "b" {
			sign.Children = append(sign.Children, last)
		}
		row.Children = append(row.Children, sign)
	}
	return []*Node{row, list}
}

// word keeps what an engine says from becoming more than one class.
func word(s string) string {
	if isClass(s) {
		return s
	}
	return "idle"
}

func isClass(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}

func (m *Model) count(state string) int {
	for _, c := range m.Status.Counts {
		if c.State == state {
			return c.Nodes
		}
	}
	return 0
}

// standing is how the run stands, in a sentence for those who cannot see it.
func (m *Model) standing() string {
	text := m.say(wAtTime, formatMicros(m.Status.Now))
	if m.Status.Finished {
		how, _ := m.ending()
		text = m.say(how, formatMicros(m.Status.Now)) + " "
	}
	var parts []string
	for _, s := range m.Opened.States {
		parts = append(parts, m.say(wNodesIn, m.count(s.ID), m.say(s.Label)))
	}
	text += strings.Join(parts, m.say(wListSep)) + m.say(wFullStop)
	for _, c := range m.Status.Checks {
		if c.State == "failed" {
			text += " " + m.say(c.Claim) + " — " + m.say(wFailed) + m.say(wFullStop)
		}
	}
	return text
}

func viewHelp(m *Model) []*Node {
	if !m.Help {
		return nil
	}
	keys := el("dl.keys")
	for _, k := range [][2]string{
		{m.say(wKeySpace), m.say(wKeyPlay)}, {".", m.say(wKeyStep)}, {"[ ]", m.say(wKeySpeed)},
		{"r", m.say(wKeyRestart)}, {"?", m.say(wKeyHelp)}, {"Esc", m.say(wKeyEscape)},
	} {
		keys.Children = append(keys.Children, el("dt", el("kbd", k[0])), el("dd", k[1]))
	}
	return []*Node{el("div.dialog", attr("role", "dialog"), attr("aria-labelledby", "help-title"),
		el("h2", attr("id", "help-title"), m.say(wHelpTitle)),
		el("p", m.say(wHelpStage)), el("h3", m.say(wKeys)), keys,
		el("button", attr("id", "help-close"), attr("type", "button"), on("click", AskHelp{}), m.say(wClose)))}
}

// icon is a small drawing made by the style sheet, of no meaning by itself.
func icon(name string) *Node { return el("i.icon."+name, attr("aria-hidden", "true")) }
