package browser

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// waitLimit is how long a page may take to do what a test waits for. It is no
// measure of speed: a loaded machine is slow, and only a stuck page needs it.
const waitLimit = 60 * time.Second

// maxProblems is how many problems of a tab are reported.
const maxProblems = 10

// Tab is one page, of a visitor who has never been here.
type Tab struct {
	t    T
	ctx  context.Context
	host string // of the first address: all requests must go there

	mu       sync.Mutex
	problems []string
	expected []string
	closed   bool
	close    func()
}

// View is what the visitor looks at the page through. Zero values are those of
// a desktop: 1280x800, the system's light theme.
type View struct {
	Width, Height int64
	Phone         bool   // touch, and the page's own viewport
	Scheme        string // the system's theme, "light" or "dark"
	Before        string // a script to run before the page's own
}

// Open opens an address in a new tab, as seen on a desktop.
func (c *Chromium) Open(address string) *Tab {
	c.t.Helper()
	return c.OpenView(address, View{})
}

// OpenView opens an address in a new tab.
func (c *Chromium) OpenView(address string, view View) *Tab {
	c.t.Helper()
	tab := &Tab{t: c.t, host: hostOf(address)}
	ctx, end := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.listen))
	tab.ctx, tab.close = ctx, end
	if view.Width == 0 {
		view.Width, view.Height = 1280, 800
	}
	var viewport []chromedp.EmulateViewportOption
	if view.Phone {
		viewport = append(viewport, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	// Without a limit of its own: the first call's context is the tab's life.
	tab.must("open a tab", chromedp.Do(ctx))
	tab.do("choose a window", chromedp.EmulateViewport(view.Width, view.Height, viewport...))
	call(tab, network.Enable, network.EnableParams{})
	if view.Scheme != "" {
		call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.Scheme}},
		})
	}
	if view.Before != "" {
		call(tab, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: view.Before})
	}
	tab.Go(address)
	c.t.Cleanup(tab.Close)
	return tab
}

// Go navigates to an address.
func (tab *Tab) Go(address string) {
	tab.t.Helper()
	tab.do("go to "+address, chromedp.Navigate(address))
}

// Reload reloads the page.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.do("reload", chromedp.Reload())
}

// Back goes back in the history.
func (tab *Tab) Back() {
	tab.t.Helper()
	// Not chromedp.NavigateBack: it waits for a load, and a changed fragment loads nothing.
	Eval[chromedp.Void](tab, "history.back()")
}

// Close ends the tab and reports its problems. It happens by itself when the
// tab's T ends.
func (tab *Tab) Close() {
	tab.t.Helper()
	if tab.closed {
		return
	}
	tab.closed = true
	// The first ones tell; what breaks once often breaks at every frame after.
	for i, problem := range tab.Problems() {
		if i < maxProblems {
			tab.t.Errorf("%s", problem)
		}
	}
	tab.close()
}

// Expect says that problems which contain text are part of the test.
func (tab *Tab) Expect(text string) { tab.expected = append(tab.expected, text) }

// Problems are the errors on the console, the uncaught exceptions and the
// requests to other hosts so far.
func (tab *Tab) Problems() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	var problems []string
next:
	for _, problem := range tab.problems {
		for _, text := range tab.expected {
			if strings.Contains(problem, text) {
				continue next
			}
		}
		problems = append(problems, problem)
	}
	return problems
}

// listen collects the problems; it runs while the browser's messages wait.
func (tab *Tab) listen(event any) {
	problem := ""
	switch event := event.(type) {
	case *runtime.EventExceptionThrown:
		problem = "exception: " + describe(event.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		// Go's panics come as plain lines.
		text := consoleText(event)
		isError := event.Type == runtime.ConsoleAPICalledTypeError || event.Type == runtime.ConsoleAPICalledTypeAssert
		if !isError && !strings.Contains(text, "panic:") && !strings.Contains(text, "goroutine ") && !strings.Contains(text, ".go:") {
			return
		}
		problem = "console: " + text
	case *log.EventEntryAdded:
		if event.Entry.Level != log.EntryLevelError {
			return
		}
		problem = fmt.Sprintf("log: %s %s", event.Entry.Text, event.Entry.URL)
	case *network.EventRequestWillBeSent:
		url := event.Request.URL
		if host := hostOf(url); host == tab.host || host == "" {
			return
		}
		problem = "request to another host: " + url
	default:
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.problems = append(tab.problems, problem)
}

// hostOf is the host and port of an http address, "" of others (data:, blob:).
func hostOf(address string) string {
	rest, ok := strings.CutPrefix(address, "http://")
	if !ok {
		if rest, ok = strings.CutPrefix(address, "https://"); !ok {
			return ""
		}
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}

func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, waitLimit)
	defer cancel()
	tab.must(what, chromedp.Do(ctx, steps...))
}

// call sends one command of the browser's protocol.
func call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, waitLimit)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	tab.must("call "+command.Method, err)
	return result
}

// must ends the test when err is one, and says what the page looks like.
func (tab *Tab) must(what string, err error) {
	tab.t.Helper()
	if err == nil {
		return
	}
	ctx, cancel := context.WithTimeout(tab.ctx, 5*time.Second)
	defer cancel()
	shows, _ := chromedp.Run(ctx, chromedp.Evaluate[string](
		`location.href + "\n" + (document.body ? document.body.innerText : "").slice(0, 2000)`))
	tab.t.Fatalf("could not %s: %v\nproblems so far: %q\nthe page shows: %s", what, err, tab.Problems(), shows)
}

func consoleText(event *runtime.EventConsoleAPICalled) string {
	text := ""
	for _, arg := range event.Args {
		text += strings.Trim(string(arg.Value)+" "+arg.Description, `" `) + " "
	}
	return text
}

func describe(e *runtime.ExceptionDetails) string {
	text := fmt.Sprintf("%s at %s:%d", e.Text, e.URL, e.LineNumber+1)
	if e.Exception != nil {
		text += ": " + e.Exception.Description
	}
	return text
}
