package ui

import (
	"syscall/js"
	"time"

	"grapevine/wasm/api"
)

// do carries an effect out. It must not wait: what takes time answers later by
// a message.
func (p *page) do(e Effect) {
	switch e := e.(type) {
	case Send:
		message := api.MarshalCommand(e.Command)
		bytes := js.Global().Get("Uint8Array").New(len(message))
		js.CopyBytesToJS(bytes, message)
		p.glue.Call("post", bytes)
	case PushURL:
		history("pushState", "#"+e.Link)
	case ReplaceURL:
		history("replaceState", "#"+e.Link)
	case After:
		time.AfterFunc(time.Duration(e.Millis)*time.Millisecond, func() { p.send(e.Msg) })
	case DrawLuck:
		// Few digits: a teacher may want to read it out.
		p.send(LuckDrawn{uint64(js.Global().Get("Math").Call("random").Float()*99_999) + 1})
	case FetchLesson:
		fetchText("lessons/"+e.For+".md", func(text string, ok bool) { p.send(LessonCame{e.For, text, ok}) })
	case CopyText:
		p.copy(e)
	case SelectOnStage:
		if stage := p.glue.Get("stage"); stage.Truthy() {
			stage.Call("select", map[string]any{"node": e.Node, "second": e.Second, "packet": float64(e.Packet)})
		}
		if sequence := p.glue.Get("sequence"); sequence.Truthy() {
			sequence.Call("select", float64(e.Packet))
		}
	case Remember:
		remember(e.Name, e.Value)
	case Reveal:
		reveal(".hex")
	case Focus:
		if el := js.Global().Get("document").Call("getElementById", e.ID); el.Truthy() {
			el.Call("focus")
		}
	}
}

// history calls the browser's own: the dom package's has no body yet.
func history(method, url string) { js.Global().Get("history").Call(method, nil, "", url) }

func (p *page) copy(e CopyText) {
	clipboard := js.Global().Get("navigator").Get("clipboard")
	if !clipboard.Truthy() {
		p.send(DidCopy{e.What, false})
		return
	}
	await(clipboard.Call("writeText", e.Text), func(_ js.Value, ok bool) { p.send(DidCopy{e.What, ok}) })
}

// reveal scrolls a list, and nothing around it, to what is lit in it. What is
// under the pointer is in sight already and does not move.
func reveal(list string) {
	box := js.Global().Get("document").Call("querySelector", list)
	if !box.Truthy() {
		return
	}
	lit := box.Call("querySelector", ".lit")
	if !lit.Truthy() {
		return
	}
	top, height := lit.Get("offsetTop").Int(), box.Get("clientHeight").Int()
	if shown := box.Get("scrollTop").Int(); top < shown || top+lit.Get("offsetHeight").Int() > shown+height {
		box.Set("scrollTop", top-height/3)
	}
}

// fetchText gets a file of the site.
func fetchText(path string, done func(text string, ok bool)) {
	await(js.Global().Call("fetch", path), func(response js.Value, ok bool) {
		if !ok || !response.Get("ok").Bool() {
			done("", false)
			return
		}
		await(response.Call("text"), func(text js.Value, ok bool) {
			if ok {
				done(text.String(), true)
			} else {
				done("", false)
			}
		})
	})
}

// await calls done with a promise's result, once, and releases what it needed.
func await(promise js.Value, done func(result js.Value, ok bool)) {
	var kept, broken js.Func
	settle := func(ok bool) js.Func {
		return js.FuncOf(func(_ js.Value, args []js.Value) any {
			kept.Release()
			broken.Release()
			done(args[0], ok)
			return nil
		})
	}
	kept, broken = settle(true), settle(false)
	promise.Call("then", kept, broken)
}

// asked is what the address' query asks for, or else what the browser
// remembers, "" if neither does.
func asked(query js.Value, name string) string {
	if value := query.Call("get", name); value.Truthy() {
		return value.String()
	}
	value := ""
	try(func() {
		if v := js.Global().Get("localStorage").Call("getItem", "grapevine-"+name); v.Truthy() {
			value = v.String()
		}
	})
	return value
}

// remember keeps a choice for the next visit, and in the address where the
// address had one, so that reloading does not bring the old one back.
func remember(name, value string) {
	try(func() { js.Global().Get("localStorage").Call("setItem", "grapevine-"+name, value) })
	url := js.Global().Get("URL").New(js.Global().Get("location").Get("href"))
	if params := url.Get("searchParams"); params.Call("has", name).Bool() {
		params.Call("set", name, value)
		history("replaceState", url.Get("href").String())
	}
}

// try does something that a browser may forbid: storage in a private window.
func try(do func()) {
	defer func() { _ = recover() }()
	do()
}
