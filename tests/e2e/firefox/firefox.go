package firefox

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"grapevine/tests/e2e/browser"
)

// preferences keep Firefox from everything that is not the page: Marionette on
// a port of its own choice, no updates, no telemetry, no calls home.
const preferences = `
user_pref("marionette.port", 0);
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.search.update", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("intl.accept_languages", "en");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "");
user_pref("toolkit.telemetry.enabled", false);
`

// startLimit is how long Firefox may take to open its port. It is no measure of
// speed: only one that never starts needs it.
const startLimit = 60 * time.Second

// waitLimit is how long a page may take to do what a test waits for.
const waitLimit = 20 * time.Second

// Window is the one window of a running Firefox.
type Window struct {
	t    browser.T
	conn *connection
}

// Open starts Firefox with an empty profile and opens the address; it ends with t.
func Open(t browser.T, address string) *Window {
	t.Helper()
	program := ""
	for _, name := range []string{"firefox-esr", "firefox"} {
		if file, err := exec.LookPath(name); err == nil && program == "" {
			program = file
		}
	}
	if program == "" {
		t.Fatalf("no firefox-esr on this machine: ./build.sh test installs it or says how")
	}
	profile, err := os.MkdirTemp("", "grapevine-firefox-")
	if err != nil {
		t.Fatalf("no folder for Firefox's profile: %v", err)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o644); err != nil {
		t.Fatalf("Firefox's preferences: %v", err)
	}
	firefox := exec.Command(program, "--headless", "--marionette", "--no-remote", "--profile", profile, "--width", "1280", "--height", "800")
	// Firefox as root insists on a home of its own.
	firefox.Env = append(os.Environ(), "HOME="+profile, "MOZ_HEADLESS_WIDTH=1280", "MOZ_HEADLESS_HEIGHT=800")
	if err := firefox.Start(); err != nil {
		t.Fatalf("Firefox does not start: %v", err)
	}
	w := &Window{t: t}
	t.Cleanup(func() {
		if w.conn != nil {
			w.conn.call("Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}})
		}
		timer := time.AfterFunc(10*time.Second, func() { firefox.Process.Kill() })
		firefox.Wait()
		timer.Stop()
		os.RemoveAll(profile)
	})
	w.connect(filepath.Join(profile, "MarionetteActivePort"))
	w.call("WebDriver:NewSession", nil)
	w.call("WebDriver:SetTimeouts", map[string]any{"script": waitLimit.Milliseconds(), "pageLoad": waitLimit.Milliseconds()})
	w.Go(address)
	return w
}

func (w *Window) connect(portFile string) {
	w.t.Helper()
	for deadline := time.Now().Add(startLimit); ; time.Sleep(50 * time.Millisecond) {
		port, err := os.ReadFile(portFile)
		if err == nil && len(port) > 0 {
			conn, err := net.Dial("tcp4", "127.0.0.1:"+strings.TrimSpace(string(port)))
			if err == nil {
				w.conn, err = greet(conn)
			}
			if err != nil {
				w.t.Fatalf("Firefox's Marionette port %s: %v", port, err)
			}
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("Firefox wrote no %s within %v", filepath.Base(portFile), startLimit)
		}
	}
}

func (w *Window) call(name string, params any) json.RawMessage {
	w.t.Helper()
	result, err := w.conn.call(name, params)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return result
}

// Go navigates to an address.
func (w *Window) Go(address string) {
	w.t.Helper()
	w.call("WebDriver:Navigate", map[string]any{"url": address})
}

// Script evaluates a JavaScript expression in the page and returns its value as text.
func (w *Window) Script(expression string) string {
	w.t.Helper()
	// eval, because a script of Marionette's runs beside the page, with globals of its own.
	result := w.call("WebDriver:ExecuteScript", map[string]any{
		"script": "return window.eval(arguments[0])",
		"args":   []any{"(async () => String(await (" + expression + ")))()"},
	})
	var value struct{ Value string }
	if err := json.Unmarshal(result, &value); err != nil {
		w.t.Fatalf("%s gave %s: %v", expression, result, err)
	}
	return value.Value
}

// Wait waits until the JavaScript expression is true.
func (w *Window) Wait(expression string) {
	w.t.Helper()
	w.WaitFor(expression, waitLimit)
}

// WaitFor is Wait with a limit of its own, for what may take long.
func (w *Window) WaitFor(expression string, limit time.Duration) {
	w.t.Helper()
	for deadline := time.Now().Add(limit); w.Script("Boolean("+expression+")") != "true"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("did not see within %v that %s\nthe page shows: %s", limit, expression,
				w.Script(`location.href + "\n" + document.body.innerText.slice(0, 2000)`))
		}
	}
}

// Click clicks the middle of the first element that the CSS selector names.
func (w *Window) Click(selector string) {
	w.t.Helper()
	result := w.call("WebDriver:FindElement", map[string]any{"using": "css selector", "value": selector})
	var found struct{ Value map[string]string }
	if err := json.Unmarshal(result, &found); err != nil {
		w.t.Fatalf("%s: %v", selector, err)
	}
	for _, id := range found.Value {
		w.call("WebDriver:ElementClick", map[string]any{"id": id})
	}
}

// Screenshot is the window as a PNG file.
func (w *Window) Screenshot() []byte {
	w.t.Helper()
	var shot struct{ Value []byte }
	if err := json.Unmarshal(w.call("WebDriver:TakeScreenshot", map[string]any{"full": false}), &shot); err != nil {
		w.t.Fatalf("screenshot: %v", err)
	}
	return shot.Value
}
