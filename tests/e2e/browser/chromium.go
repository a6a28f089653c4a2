package browser

import (
	"context"
	"os/exec"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/chromedp"
)

// Chromium is one running browser.
type Chromium struct {
	t   T
	ctx context.Context
}

// Start starts a headless Chromium with an empty profile; it ends with t. More
// command line flags may be given by name ("enable-gpu").
func Start(t T, flags ...string) *Chromium {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		// Root has no sandbox in a container; the site is our own.
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.ExecPath(executable(t, "chromium", "chromium-browser", "google-chrome")),
	)
	for _, flag := range flags {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	// The protocol grows faster than the library: what it does not know yet is no news.
	ctx, end := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	t.Cleanup(func() {
		end()
		endAllocator()
	})
	return &Chromium{t, ctx}
}

// executable finds the first of names on the PATH.
func executable(t T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if file, err := exec.LookPath(name); err == nil {
			return file
		}
	}
	t.Fatalf("no %s on this machine: ./build.sh test installs it or says how", names[0])
	return ""
}

// For is the same browser for a part of the test: its tabs close with t.
func (c *Chromium) For(t T) *Chromium { return &Chromium{t, c.ctx} }

// Renderers are the process numbers of the pages.
func (c *Chromium) Renderers() []int64 {
	c.t.Helper()
	result, err := chromedp.CallBrowser(c.ctx, systeminfo.GetProcessInfo, cdp.Empty{})
	if err != nil {
		c.t.Fatalf("ask Chromium for its processes: %v", err)
	}
	var renderers []int64
	for _, process := range result.ProcessInfo {
		if process.Type == "renderer" {
			renderers = append(renderers, process.ID)
		}
	}
	return renderers
}
