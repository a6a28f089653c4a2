package ui

import (
	"strconv"
	"strings"

	"grapevine/wasm/api"
)

// viewLeft is what a run is made of: lab, presets, parameters, seed, script.
func viewLeft(m *Model) []*Node {
	nodes := []*Node{viewLabs(m)}
	lab := m.lab()
	if lab == nil {
		return nodes
	}
	if len(lab.Presets) > 0 {
		nodes = append(nodes, viewPresets(m, lab))
	}
	return append(nodes, viewParams(m, lab), viewScript(m))
}

func viewLabs(m *Model) *Node {
	section := el("nav.section", attr("key", "labs"), attr("aria-label", m.say(wLabs)))
	groups := append(families[:len(families):len(families)], struct {
		id   string
		name api.Text
	}{"", wFamilyOther})
	for _, family := range groups {
		list := el("ul.choices")
		for _, lab := range m.Labs {
			if familyOf(lab.ID) != family.id {
				continue
			}
			// Links, not buttons: they can be opened in another tab, and the
			// browser's history does the rest.
			list.Children = append(list.Children, el("li", attr("key", lab.ID),
				el("a", attr("href", "#"+defaultRun(lab.ID).Link()), when(lab.ID == m.Opened.Lab, attr("aria-current", "page")),
					attr("title", m.say(lab.Claim)), m.say(lab.Title))))
		}
		if len(list.Children) > 0 {
			section.Children = append(section.Children, el("h2", m.say(family.name)), list)
		}
	}
	if len(m.Labs) == 0 {
		section.Children = []*Node{el("h2", m.say(wLabs)), el("p.quiet", m.say(wLoading))}
	}
	return section
}

func familyOf(lab string) string {
	id, _, _ := strings.Cut(lab, "/")
	for _, f := range families {
		if f.id == id {
			return id
		}
	}
	return ""
}

func viewPresets(m *Model, lab *api.Lab) *Node {
	list := el("ul.choices")
	for _, p := range lab.Presets {
		link := p.Run.Link()
		list.Children = append(list.Children, el("li", attr("key", p.ID),
			el("a", attr("href", "#"+link), when(link == m.Opened.Link, attr("aria-current", "true")), m.say(p.Label))))
	}
	return el("section.section", attr("key", "presets"), el("h2", m.say(wPresets)), list)
}

// viewParams is the form of parameters. Its key is the lab, so that another
// lab gets fields of its own.
func viewParams(m *Model, lab *api.Lab) *Node {
	form := el("section.section", attr("key", "params-"+lab.ID), el("h2", m.say(wParams)))
	for _, p := range lab.Params {
		form.Children = append(form.Children, viewParam(m, p))
	}
	form.Children = append(form.Children, viewSeed(m))
	if len(m.Opened.Run.Params) > 0 {
		form.Children = append(form.Children, el("button", attr("key", "defaults"), attr("type", "button"), on("click", Defaults{}), m.say(wDefaults)))
	}
	return form
}

func viewParam(m *Model, p api.Param) *Node {
	id := "param-" + p.Name
	describe := id + "-help"
	fault := m.fault(p)
	if fault != nil {
		describe = id + "-fault " + describe
	}
	help := el("p.help", attr("id", id+"-help"), m.say(p.Help))
	field := el("div.field", attr("key", p.Name))
	switch p.Kind {
	case "choice":
		field.Children = append(field.Children, viewChoice(m, p, id), help)
	case "bool":
		on := m.draft(p) == "true"
		field.Children = append(field.Children, el("label.switch",
			el("input", attr("id", id), attr("type", "checkbox"), attr("role", "switch"), truth("checked", on), attr("aria-describedby", describe),
				onValue("change", func(e Event) Msg { return SetParam{p.Name, strconv.FormatBool(e.Checked)} })),
			el("span", m.say(p.Label))), help)
	default:
		unit := ""
		if p.Kind == "ratio" {
			unit = "%"
		}
		hint := ""
		if p.Min != "" || p.Max != "" {
			hint = m.say(wRange, shown(p, p.Min), shown(p, p.Max)+unit)
		}
		field.Children = append(field.Children,
			el("label", attr("for", id), m.say(p.Label)),
			el("span.entry",
				el("input", attr("id", id), attr("type", "text"), attr("inputmode", inputMode(p)), attr("autocomplete", "off"), attr("spellcheck", "false"),
					attr("value", m.draft(p)), attr("aria-describedby", describe), when(fault != nil, attr("aria-invalid", "true")),
					onValue("input", func(e Event) Msg { return TypeParam{p.Name, e.Value} })),
				el("span.unit", unit)),
			viewFault(m, id, fault),
			el("p.help", attr("id", id+"-help"), m.say(p.Help)+" "+hint))
	}
	return field
}

func inputMode(p api.Param) string {
	switch p.Kind {
	case "int":
		return "numeric"
	case "ratio":
		return "decimal"
	}
	return "text"
}

func viewFault(m *Model, id string, fault *api.Text) *Node {
	// Always there, so that a screen reader notices when it fills.
	text := ""
	if fault != nil {
		text = m.say(*fault) + " " + m.say(wKeptRun)
	}
	return el("p.fault", attr("id", id+"-fault"), attr("role", "status"), text)
}

// viewChoice shows a few values side by side, more as a list to unfold.
func viewChoice(m *Model, p api.Param, id string) *Node {
	const maxSegments = 3
	value := m.draft(p)
	if len(p.Choices) > maxSegments {
		list := el("select", attr("id", id), attr("value", value), attr("aria-describedby", id+"-help"),
			onValue("change", func(e Event) Msg { return SetParam{p.Name, e.Value} }))
		for _, c := range p.Choices {
			list.Children = append(list.Children, el("option", attr("value", c.Value), m.say(c.Label)))
		}
		return el("div", el("label", attr("for", id), m.say(p.Label)), list)
	}
	segments := el("div.segments")
	for _, c := range p.Choices {
		segments.Children = append(segments.Children, el("label", attr("key", c.Value),
			el("input", attr("type", "radio"), attr("name", id), attr("value", c.Value), truth("checked", c.Value == value),
				onValue("change", func(e Event) Msg { return SetParam{p.Name, c.Value} })),
			el("span", m.say(c.Label))))
	}
	return el("fieldset", attr("aria-describedby", id+"-help"), el("legend", m.say(p.Label)), segments)
}

func viewSeed(m *Model) *Node {
	fault := m.seedFault()
	return el("div.field", attr("key", seedName),
		el("label", attr("for", "seed"), m.say(wSeed)),
		el("span.entry",
			el("input", attr("id", "seed"), attr("type", "text"), attr("inputmode", "numeric"), attr("autocomplete", "off"), attr("spellcheck", "false"),
				attr("value", m.seedText()), attr("aria-describedby", "seed-fault seed-help"), when(fault != nil, attr("aria-invalid", "true")),
				onValue("input", func(e Event) Msg { return TypeSeed{e.Value} })),
			el("button", attr("type", "button"), on("click", NewLuck{}), m.say(wNewLuck))),
		viewFault(m, "seed", fault),
		el("p.help", attr("id", "seed-help"), m.say(wSeedHelp)))
}

// viewScript lists what was done to the run; each line leads to its instant.
func viewScript(m *Model) *Node {
	section := el("section.section", attr("key", "script"), el("h2", m.say(wScript)))
	if len(m.Status.Script) == 0 {
		section.Children = append(section.Children, el("p.quiet", m.say(wScriptEmpty)))
		return section
	}
	list := el("ol.script")
	for _, a := range m.Status.Script {
		at := formatMicros(a.At)
		list.Children = append(list.Children, el("li",
			el("button.plain", attr("type", "button"), attr("title", m.say(wGoTo, at)), on("click", ScrubTo{a.At}),
				el("span.time", at), el("span", a.Do))))
	}
	section.Children = append(section.Children, list)
	return section
}
