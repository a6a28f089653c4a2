package live

import (
	"encoding/base64"
	"fmt"
	"time"

	"grapevine/tests/e2e/browser"
	"grapevine/wasm/api"
)

// Page is a page in some browser.
type Page interface {
	Script(expression string) string
	WaitFor(expression string, limit time.Duration)
}

// runLimit is how long a run of a test may take to come to what is waited for;
// only a stuck one needs it.
const runLimit = 25 * time.Second

// Run is the run that a page shows.
type Run struct {
	// Limit is how long to wait for anything; Attach sets it to what tests need.
	Limit time.Duration

	t    browser.T
	page Page
}

// hook keeps a copy of the latest small frame of each kind, in base64. The
// frame's name stands near its beginning: {"frame": "status", ...}.
const hook = `(() => {
  const toPage = grapevine.onframe;
  globalThis.heard = {};
  grapevine.onframe = (bytes) => {
    const start = String.fromCharCode(...bytes.subarray(0, 40));
    const name = ["hello", "opened", "status", "inspection", "problem"].find((n) => start.includes("frame" + String.fromCharCode(0x60 + n.length) + n));
    if (name) heard[name] = { bytes: bytes.slice(), finished: name === "status" && isTrue(bytes, "finished") };
    toPage(bytes);
  };
  // CBOR's true, 0xf5, after the key.
  const isTrue = (bytes, key) => {
    const text = String.fromCharCode(...bytes.subarray(0, 200));
    return text.charCodeAt(text.indexOf(key) + key.length) === 0xf5;
  };
  return true;
})()`

// Attach listens to the page's engine from now on. The page must have been
// opened by the browser; Attach waits until it is up.
func Attach(t browser.T, page Page) *Run {
	t.Helper()
	page.WaitFor(`globalThis.grapevine && grapevine.onframe && document.documentElement.dataset.state === "open"`, runLimit)
	page.Script(hook)
	r := &Run{runLimit, t, page}
	// Any command is answered by a status; this one changes nothing.
	r.Send(api.Command{Verb: api.Follow})
	return r
}

// Send sends a command to the engine, as the page does.
func (r *Run) Send(command api.Command) {
	r.t.Helper()
	r.page.Script(fmt.Sprintf("grapevine.post(Uint8Array.from(atob(%q), (c) => c.charCodeAt(0)))",
		base64.StdEncoding.EncodeToString(api.MarshalCommand(command))))
}

// Status is the latest status that arrived; it waits for a first one.
func (r *Run) Status() api.Status {
	r.t.Helper()
	r.page.WaitFor("heard.status", r.Limit)
	text := r.page.Script("btoa(String.fromCharCode(...heard.status.bytes))")
	message, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		r.t.Fatalf("status: %v", err)
	}
	frame, err := api.UnmarshalFrame(message)
	if err != nil {
		r.t.Fatalf("status: %v", err)
	}
	status, ok := frame.(api.Status)
	if !ok {
		r.t.Fatalf("expected a status frame, got %T", frame)
	}
	return status
}

// Finish plays to the end, as fast as it goes, and returns how it ended.
func (r *Run) Finish() api.Status {
	r.t.Helper()
	// In this order: a playing run could end between the two, and Play begins
	// again from the end.
	r.Send(api.Command{Verb: api.Play})
	r.Send(api.Command{Verb: api.Speed, Speed: 0})
	r.page.WaitFor("heard.status && heard.status.finished", r.Limit)
	return r.Status()
}

// Until waits for a status that holds, and returns it. The engine sends a few
// a second; what is the wish in words, for the failure.
func (r *Run) Until(what string, holds func(api.Status) bool) api.Status {
	r.t.Helper()
	for deadline := time.Now().Add(r.Limit); ; time.Sleep(20 * time.Millisecond) {
		status := r.Status()
		if holds(status) {
			return status
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("the run never %s; its latest status is %+v", what, status)
		}
	}
}
