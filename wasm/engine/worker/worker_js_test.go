package worker

import (
	"os"
	"path/filepath"
	"strings"
	"syscall/js"
	"testing"

	"grapevine/wasm/api"
	"grapevine/wasm/labs"
)

// TestMain makes two programs of one, as the site does: in the test's page it
// runs the tests, in the worker that they start it is the engine.
func TestMain(m *testing.M) {
	if js.Global().Get("grapevineRole").Equal(js.ValueOf("engine")) {
		Main(labs.All)
	}
	os.Exit(m.Run())
}

// glue does what public/worker.js does, which cannot be fetched here. In it
// HERE is the address of the test's own files, and PROGRAM that of this test.
const glue = `
importScripts("HERE/wasm_exec.js");
const early = [];
let receive = null;
Object.defineProperty(globalThis, "grapevineReceive", { set(f) { receive = f; for (const c of early.splice(0)) f(c); } });
globalThis.grapevineSend = (frame) => postMessage(frame);
onmessage = ({ data }) => {
  if (data instanceof Uint8Array) return receive ? receive(data) : early.push(data);
  globalThis.grapevineRole = "engine";
  globalThis.grapevineLink = data;
  const go = new Go();
  go.argv = ["PROGRAM"];
  WebAssembly.instantiateStreaming(fetch("HERE/PROGRAM"), go.importObject).then(({ instance }) => go.run(instance));
};`

// engine is a worker that plays runs.
type engine struct {
	t      *testing.T
	worker js.Value
	frames chan []byte
}

func start(t *testing.T, link string) *engine {
	source := strings.NewReplacer("HERE", js.Global().Get("location").Get("origin").String(),
		"PROGRAM", filepath.Base(os.Args[0])).Replace(glue)
	blob := js.Global().Get("Blob").New([]any{source})
	worker := js.Global().Get("Worker").New(js.Global().Get("URL").Call("createObjectURL", blob))
	e := &engine{t, worker, make(chan []byte, 1000)}
	heard := js.FuncOf(func(_ js.Value, args []js.Value) any {
		data := args[0].Get("data")
		frame := make([]byte, data.Length())
		js.CopyBytesToGo(frame, data)
		e.frames <- frame
		return nil
	})
	worker.Set("onmessage", heard)
	worker.Call("postMessage", link)
	t.Cleanup(func() { worker.Call("terminate"); heard.Release() })
	return e
}

func (e *engine) send(c api.Command) {
	e.t.Helper()
	message := api.MarshalCommand(c)
	array := js.Global().Get("Uint8Array").New(len(message))
	js.CopyBytesToJS(array, message)
	e.worker.Call("postMessage", array)
}

// next waits for a frame of one kind that holds; bulk frames pass by uncounted.
func next[F any](e *engine, holds func(F) bool) F {
	for {
		if frame, err := api.UnmarshalFrame(<-e.frames); err == nil {
			if f, ok := frame.(F); ok && holds(f) {
				return f
			}
		}
	}
}

// TestRoundTrip plays a run in a worker, by messages alone, forth and back: the
// way there does not change what comes out.
func TestRoundTrip(t *testing.T) {
	e := start(t, "gossip/rumor?n=20&seed=3")
	e.send(api.Command{Verb: api.Pause}) // surely too early: it must wait, not get lost
	if opened := next(e, func(api.Opened) bool { return true }); opened.Nodes != 20 || opened.Run.Seed != 3 {
		t.Errorf("opened %s with %d nodes", opened.Link, opened.Nodes)
	}
	next(e, func(s api.Status) bool { return !s.Playing })

	e.send(api.Command{Verb: api.Play})
	e.send(api.Command{Verb: api.Speed, Speed: 0})
	end := next(e, func(s api.Status) bool { return s.Finished })
	e.send(api.Command{Verb: api.Seek, At: 0})
	next(e, func(s api.Status) bool { return !s.Seeking && s.Events < end.Events })
	e.send(api.Command{Verb: api.Play})
	if again := next(e, func(s api.Status) bool { return s.Finished }); again.Digest != end.Digest || again.Events != end.Events {
		t.Errorf("played again the run has %d events and digest %s, at first %d and %s", again.Events, again.Digest, end.Events, end.Digest)
	}

	e.send(api.Command{Verb: "dance"})
	next(e, func(p api.Problem) bool { return p.Text.En != "" && p.Text.Zh != "" })
}
