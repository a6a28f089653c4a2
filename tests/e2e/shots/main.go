package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"grapevine/tests/digests"
	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/live"
	"grapevine/wasm/api"
)

// tellingPercent is when a lab tells most, as a share of its run: something
// has happened, and something is under way.
const tellingPercent = 40

// moments are the labs with a better moment than that, in virtual time.
var moments = map[string]time.Duration{}

var devices = []struct {
	name string
	view browser.View
}{
	{"desktop", browser.View{Width: 1280, Height: 800}},
	{"phone", browser.View{Width: 390, Height: 844, Phone: true}},
}

func main() {
	t := &browser.Program{Name: "shots"}
	defer t.Close()
	if len(os.Args) < 2 {
		t.Fatalf("which folder? ./build.sh shots DIR [LAB]")
	}
	dir := os.Args[1]
	labs, err := digests.Labs(browser.Root(t))
	if err != nil {
		t.Fatalf("%v", err)
	}
	if len(os.Args) > 2 {
		if !slices.Contains(labs, os.Args[2]) {
			t.Fatalf("there is no lab %q; there are %s", os.Args[2], strings.Join(labs, ", "))
		}
		labs = os.Args[2:3]
	}
	site := browser.Serve(t)
	chromium := browser.Start(t)
	for _, lab := range labs {
		at := moment(t, chromium, site, lab)
		for _, device := range devices {
			for _, theme := range []string{"light", "dark"} {
				for _, lang := range []string{"en", "zh"} {
					name := strings.ReplaceAll(lab, "/", "-") + "-" + device.name + "-" + theme + "-" + lang + ".png"
					address := fmt.Sprintf("%s?lang=%s&theme=%s#%s?t=%s", site, lang, theme, lab, at)
					tab := chromium.OpenView(address, device.view)
					settle(t, tab, at)
					if err := os.WriteFile(filepath.Join(dir, name), tab.Screenshot(), 0o644); err != nil {
						t.Fatalf("%v", err)
					}
					tab.Close()
					fmt.Println(name)
				}
			}
		}
	}
}

// moment is when to look at the lab: as listed, or by its run's length.
func moment(t browser.T, chromium *browser.Chromium, site, lab string) time.Duration {
	if at, ok := moments[lab]; ok {
		return at
	}
	tab := chromium.Open(site + "#" + lab)
	defer tab.Close()
	end := live.Attach(t, tab).Finish()
	return time.Duration(end.End*tellingPercent/100) * time.Microsecond // a link takes no less than a microsecond
}

// settle waits until the page stands at the instant and has drawn it.
func settle(t browser.T, tab *browser.Tab, at time.Duration) {
	run := live.Attach(t, tab)
	run.Until("stands at the instant", func(s api.Status) bool {
		return !s.Seeking && !s.Playing && s.Now >= at.Microseconds()
	})
	// Two frames: the stage draws in the one after it was told.
	tab.Script("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
}
