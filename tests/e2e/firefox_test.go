package e2e

import (
	"testing"

	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/firefox"
	"grapevine/tests/e2e/live"
)

// TestFirefox walks one visitor's path in another browser: look, pause, step,
// play to the end.
func TestFirefox(t *testing.T) {
	window := firefox.Open(t, browser.Serve(t)+"#gossip/rumor?n=20&seed=3")
	run := live.Attach(t, window)
	window.Wait("performance.getEntriesByName('first-picture').length")
	before := run.Status()
	window.Click("#play")
	window.Click("#step")
	end := run.Finish()
	if !end.Finished || end.Events <= before.Events {
		t.Errorf("the run ended with %d events (finished: %v), expected more than the %d at first",
			end.Events, end.Finished, before.Events)
	}
}
