package ui

import (
	"strings"
	"syscall/js"

	"grapevine/wasm/api"
)

// page is the model in its document.
type page struct {
	model   Model
	regions []region
	root    js.Value          // the html element
	shown   map[string]string // its attributes as set last
	title   string
	glue    js.Value // globalThis.grapevine, made by boot.js
}

type region struct {
	view     func(*Model) []*Node
	document *document
}

// Main runs the page. It does not return.
func Main() {
	p := &page{
		root:  js.Global().Get("document").Get("documentElement"),
		shown: make(map[string]string),
		glue:  js.Global().Get("grapevine"),
	}
	location := js.Global().Get("location")
	query := js.Global().Get("URLSearchParams").New(location.Get("search"))
	p.model = New(chooseLang(query), chooseTheme(query))
	p.model.Base = location.Get("origin").String() + location.Get("pathname").String()
	p.model.Base = strings.TrimSuffix(p.model.Base, "index.html")
	p.model.Address = fragment()
	for _, r := range Regions() {
		host := js.Global().Get("document").Call("getElementById", r.ID)
		p.regions = append(p.regions, region{r.View, newDocument(host, p.send)})
	}
	p.render()

	listen(js.Global(), "popstate", func(js.Value) { p.send(AddressChanged{fragment()}) })
	listen(js.Global(), "keydown", p.key)
	listen(js.Global().Call("matchMedia", "(prefers-color-scheme: dark)"), "change", func(js.Value) { p.render() })
	p.glue.Set("onpick", js.FuncOf(func(_ js.Value, args []js.Value) any {
		p.send(Picked{args[0].String(), uint64(max(args[1].Float(), 0))})
		return nil
	}))
	p.glue.Set("onframe", js.FuncOf(func(_ js.Value, args []js.Value) any {
		message := make([]byte, args[0].Length())
		js.CopyBytesToGo(message, args[0])
		frame, err := api.UnmarshalFrame(message)
		if err != nil {
			js.Global().Get("console").Call("error", err.Error())
			return nil
		}
		p.send(frame)
		return nil
	}))
	select {}
}

// listen hears an event for as long as the page lives. The dom package's own way
// hands over a Go object for whatever kind of event comes: with that the linker
// keeps wrappers of all kinds of events and elements, 24 KB of each download.
func listen(target js.Value, event string, heard func(e js.Value)) {
	target.Call("addEventListener", event, js.FuncOf(func(_ js.Value, args []js.Value) any {
		heard(args[0])
		return nil
	}))
}

// send is the loop's one turn. Neither Update nor an effect ever waits, so two
// turns never mix.
func (p *page) send(m Msg) {
	var effects []Effect
	p.model, effects = Update(p.model, m)
	p.render()
	for _, e := range effects {
		p.do(e)
	}
}

func (p *page) render() {
	for _, r := range p.regions {
		r.document.Show(r.view(&p.model))
	}
	m := &p.model
	p.attribute("lang", string(m.Lang))
	p.attribute("data-theme", string(resolve(m.Theme)))
	p.attribute("data-panel", string(m.Panel))
	p.attribute("data-left", map[bool]string{true: "folded", false: "open"}[m.LeftFolded])
	p.attribute("data-state", map[bool]string{true: "open", false: "loading"}[m.Opened.Lab != ""])
	if m.Present {
		p.attribute("data-present", "true")
	} else if _, has := p.shown["data-present"]; has {
		delete(p.shown, "data-present")
		p.root.Call("removeAttribute", "data-present")
	}
	title := m.say(wName)
	if lab := m.lab(); lab != nil {
		title = m.say(lab.Title) + " – " + title
	}
	if title != p.title {
		p.title = title
		js.Global().Get("document").Set("title", title)
	}
}

// attribute sets one of the html element, by which the style sheet and the
// stage know the page's language, theme and shape.
func (p *page) attribute(name, value string) {
	if was, has := p.shown[name]; !has || was != value {
		p.shown[name] = value
		p.root.Call("setAttribute", name, value)
	}
}

// resolve gives the theme to show: auto is what the system asks for.
func resolve(t Theme) Theme {
	if t != Auto {
		return t
	}
	if js.Global().Call("matchMedia", "(prefers-color-scheme: dark)").Get("matches").Bool() {
		return Dark
	}
	return Light
}

// key turns a shortcut into a message, unless the key belongs to the element
// that has focus: a field takes letters, a button takes the space bar.
func (p *page) key(e js.Value) {
	if e.Get("ctrlKey").Bool() || e.Get("altKey").Bool() || e.Get("metaKey").Bool() || e.Get("defaultPrevented").Bool() {
		return
	}
	key, target := e.Get("key").String(), e.Get("target")
	m, known := shortcuts[key]
	if !known {
		return
	}
	matches := func(selector string) bool {
		return target.Get("closest").Type() == js.TypeFunction && target.Call("closest", selector).Truthy()
	}
	const takesText = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select"
	const takesSpace = "button, a, summary, select, input:not([type=range]), [tabindex='0']:not(canvas)"
	if key != "Escape" && matches(takesText) || key == " " && matches(takesSpace) {
		return
	}
	e.Call("preventDefault")
	p.send(m)
}

// shortcuts are the page's keys.
var shortcuts = map[string]Msg{
	" ":      TogglePlay{},
	".":      StepOnce{},
	"[":      SpeedBy{-1},
	"]":      SpeedBy{1},
	"r":      Restart{},
	"?":      AskHelp{},
	"Escape": Escape{},
}

// fragment is the address after its '#', as it stands there.
func fragment() string {
	return strings.TrimPrefix(js.Global().Get("location").Get("hash").String(), "#")
}

func chooseLang(query js.Value) Lang {
	for _, text := range []string{asked(query, "lang"), js.Global().Get("navigator").Get("language").String()} {
		switch {
		case strings.HasPrefix(text, "zh"):
			return Chinese
		case strings.HasPrefix(text, "en"):
			return English
		}
	}
	return English
}

func chooseTheme(query js.Value) Theme {
	switch theme := Theme(asked(query, "theme")); theme {
	case Light, Dark:
		return theme
	}
	return Auto
}
