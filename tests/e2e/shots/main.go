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

// moments are when each lab tells most: something has happened, and something
// is under way. In virtual time of the default run.
var moments = map[string]time.Duration{
	"gossip/rumor":         5200 * time.Millisecond,     // all three states, and both kinds of message
	"gossip/multicast":     1100 * time.Millisecond,     // from the fourth level of the tree to the fifth
	"gossip/spread":        2500 * time.Millisecond,     // the curves cross
	"gossip/exchange":      3200 * time.Millisecond,     // the newest versions at a third of the nodes
	"gossip/anti-entropy":  9600 * time.Millisecond,     // the newcomer is being filled
	"queue/ptp":            9100 * time.Millisecond,     // the record that the dead consumer had begun is begun again
	"queue/pubsub":         7 * time.Second,             // two have read all, the slow one has not
	"queue/kafka-groups":   7100 * time.Millisecond,     // the third member joins, two have not heard of it
	"queue/idempotence":    6300 * time.Millisecond,     // records are written, unacknowledged, and sent again
	"rpc/call":             300 * time.Millisecond,      // the server multiplies, the caller is suspended
	"rpc/call-id":          170 * time.Millisecond,      // an entry was looked up at either end
	"rpc/registry":         9400 * time.Millisecond,     // server/1 is dead, listed, and called
	"rpc/codec":            4950 * time.Millisecond,     // the servers are new, the clients are not
	"rpc/semantics":        900 * time.Millisecond,      // the duplicate table has entries
	"rpc/io":               15736689 * time.Microsecond, // all three compute, and connections wait for the pool
	"rpc/grpc":             390 * time.Millisecond,      // one client streams, both sides stream in another call
	"rpc/transport":        700 * time.Millisecond,      // quick calls overtake a slow one
	"queue/kafka":          8 * time.Second,             // records in all partitions, some not yet read
	"queue/kafka-replicas": 10 * time.Second,            // the leader is down, and another has been elected
	"queue/kafka-disk":     400 * time.Millisecond,      // the log has outrun the table
	"gossip/faults":        7500 * time.Millisecond,     // cut in two, and some have crashed
}

var devices = []struct {
	name string
	view browser.View
}{
	{"desktop", browser.View{Width: 1280, Height: 800}},
	{"phone", browser.View{Width: 390, Height: 844, Phone: true}},
}

// readme is the picture of the README: small enough to be kept with the source.
var readme = struct {
	lab, lang, theme string
	view             browser.View
}{"gossip/rumor", "en", "light", browser.View{Width: 1120, Height: 700}}

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
	for _, lab := range labs {
		if _, ok := moments[lab]; !ok {
			t.Fatalf("the lab %s has no telling moment: choose one in tests/e2e/shots", lab)
		}
	}
	if len(os.Args) > 2 {
		if !slices.Contains(labs, os.Args[2]) {
			t.Fatalf("there is no lab %q; there are %s", os.Args[2], strings.Join(labs, ", "))
		}
		labs = os.Args[2:3]
	}
	s := shooter{t, browser.Serve(t), browser.Start(t)}
	if strings.HasSuffix(dir, ".png") {
		s.shoot(dir, readme.lab, readme.theme, readme.lang, readme.view)
		return
	}
	for _, lab := range labs {
		for _, device := range devices {
			for _, theme := range []string{"light", "dark"} {
				for _, lang := range []string{"en", "zh"} {
					name := strings.ReplaceAll(lab, "/", "-") + "-" + device.name + "-" + theme + "-" + lang + ".png"
					s.shoot(filepath.Join(dir, name), lab, theme, lang, device.view)
				}
			}
		}
	}
}

type shooter struct {
	t        browser.T
	site     string
	chromium *browser.Chromium
}

// shoot writes one picture of a lab at its moment.
func (s shooter) shoot(file, lab, theme, lang string, view browser.View) {
	at := moments[lab]
	tab := s.chromium.OpenView(fmt.Sprintf("%s?lang=%s&theme=%s#%s?t=%s", s.site, lang, theme, lab, at), view)
	defer tab.Close()
	settle(s.t, tab, at)
	if err := os.WriteFile(file, tab.Screenshot(), 0o644); err != nil {
		s.t.Fatalf("%v", err)
	}
	fmt.Println(filepath.Base(file))
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
