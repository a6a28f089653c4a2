package worker

import (
	"syscall/js"

	"grapevine/wasm/engine/session"
	"grapevine/wasm/lab"
)

// Main plays these labs for the page until the worker is ended.
// public/worker.js gives it:
//
//	grapevineLink     the run to open first, as a link; "" for the default lab,
//	                  undefined to wait for the page to open one
//	grapevineSend     called with each frame as a Uint8Array
//	grapevineReceive  set here: called with each command as a Uint8Array
func Main(labs []*lab.Lab) {
	global := js.Global()
	bytes := global.Get("Uint8Array")
	send := global.Get("grapevineSend")
	performance := global.Get("performance")
	w := &loop{}
	s := session.New(session.Config{
		Labs: labs,
		Send: func(message []byte) {
			// A fresh array each time: it is transferred to the page.
			view := bytes.New(len(message))
			js.CopyBytesToJS(view, message)
			send.Invoke(view)
		},
		Clock: func() int64 { return int64(performance.Call("now").Float() * 1000) },
	})
	w.session = s
	w.run = js.FuncOf(func(js.Value, []js.Value) any { w.slice(); return nil })
	// A message to oneself comes sooner than any timer of 0 ms, and after the
	// messages that are already waiting.
	w.channel = global.Get("MessageChannel").New()
	w.channel.Get("port1").Set("onmessage", w.run)
	if link := global.Get("grapevineLink"); !link.IsUndefined() {
		s.OpenLink(link.String())
	}
	global.Set("grapevineReceive", js.FuncOf(func(_ js.Value, args []js.Value) any {
		message := make([]byte, args[0].Length())
		js.CopyBytesToGo(message, args[0])
		s.Message(message)
		w.wake()
		return nil
	}))
	w.wake()
	select {}
}

// loop calls the session's slices when they want to be called.
type loop struct {
	session *session.Session
	run     js.Func
	channel js.Value
	waiting bool // a slice has been asked for and not yet begun
	timer   js.Value
}

// wake asks for a slice as soon as messages have been heard.
func (w *loop) wake() {
	if !w.timer.IsUndefined() {
		js.Global().Call("clearTimeout", w.timer)
		w.timer = js.Undefined()
	} else if w.waiting {
		return
	}
	w.waiting = true
	w.channel.Get("port2").Call("postMessage", 0)
}

func (w *loop) slice() {
	w.waiting, w.timer = false, js.Undefined()
	switch wait := w.session.Slice(); {
	case wait == session.Idle:
	case wait < 1000:
		w.wake()
	default:
		w.waiting = true
		w.timer = js.Global().Call("setTimeout", w.run, wait/1000)
	}
}
