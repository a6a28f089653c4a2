package main

import (
	"embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"grapevine/tests/e2e/browser"
)

// The run that speeds are compared on: half of the nodes know, and go on
// pushing for ten minutes because the other half is cut off. Some 9 M events,
// so that compiling and asking for the end hardly count. Above 2,000 nodes the
// journal only counts.
const speedRun = "gossip/faults?n=10000&crash=0%25&loss=0%25&cut=100ms&heal=10m"

// speedSeeds is how often each engine plays it, with another seed each time.
// The first time does not count: the program is starting and being compiled.
// Of the others the fastest does: what else the machine does only slows it.
const speedSeeds = 4

func engineArgs() []string {
	return []string{"run", "-link", "#" + speedRun, "-seeds", "1.." + strconv.Itoa(speedSeeds), "-json"}
}

// speed plays one run natively, in Node, in Chromium and in the tab.
func speed(b *bench) []figure {
	native := b.headless("build/engine")
	chromium := b.inChromium()
	node := b.headless("node", "tests/digests/engine.mjs", "build/engine.wasm")
	part := &browser.Program{Name: "speed"}
	defer part.Close()
	tab := browser.Start(part).Open(b.site + "#" + speedRun)
	_, events, took := b.finish(part, tab)
	return []figure{
		{"native", native / 1e6, "M events/s", "", speedRun},
		{"WebAssembly in Chromium, of native", chromium / native, "ratio", ">= 0.5", "the same, in a worker"},
		{"WebAssembly in Node, of native", node / native, "ratio", ">= 0.5", "the same"},
		{"in the tab", events / took.Seconds() / 1e6, "M events/s", ">= 1", "the same, 10,000 nodes, journal counting only, stage live"},
	}
}

// fastest is the most events a second over the lines that an engine printed,
// each at so many milliseconds.
func fastest(lines []string, millis []float64) (most float64, err error) {
	for i, line := range lines {
		var result struct{ Events float64 }
		if err := json.Unmarshal([]byte(line), &result); err != nil {
			return 0, err
		}
		if i > 0 {
			most = max(most, result.Events*1000/(millis[i]-millis[i-1]))
		}
	}
	return most, nil
}

func (b *bench) headless(command ...string) float64 {
	run := exec.Command(command[0], append(command[1:], engineArgs()...)...)
	run.Dir, run.Stderr = b.root, os.Stderr
	out, err := run.StdoutPipe()
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		b.t.Fatalf("%v: %v", run.Args, err)
	}
	var lines []string
	var millis []float64
	began := time.Now()
	for results := json.NewDecoder(out); len(lines) < speedSeeds; {
		var line json.RawMessage
		if err := results.Decode(&line); err != nil {
			b.t.Fatalf("%v: %v", run.Args, err)
		}
		lines, millis = append(lines, string(line)), append(millis, time.Since(began).Seconds()*1000)
	}
	run.Wait() // a check that failed is no matter here
	most, err := fastest(lines, millis)
	if err != nil {
		b.t.Fatalf("%v: %v", run.Args, err)
	}
	return most
}

// A page with nothing on it, and a worker that runs the headless engine.
//
//go:embed engine
var enginePage embed.FS

// inChromium plays the speed run as Node does, with the same engine.wasm.
func (b *bench) inChromium() float64 {
	part := &browser.Program{Name: "speed in Chromium"}
	defer part.Close()
	dir, err := os.MkdirTemp("", "grapevine-bench-")
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	part.Cleanup(func() { os.RemoveAll(dir) })
	for name, from := range map[string]string{
		"index.html": "", "worker.js": "", "engine.wasm": browser.Built(part, "engine.wasm"), "wasm_exec.js": filepath.Join(b.dir, "wasm_exec.js"),
	} {
		bytes, err := enginePage.ReadFile("engine/" + name)
		if from != "" {
			bytes, err = os.ReadFile(from)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), bytes, 0o644)
		}
		if err != nil {
			b.t.Fatalf("%v", err)
		}
	}
	tab := browser.Start(part).Open(browser.ServeFolder(part, dir))
	args, _ := json.Marshal(engineArgs())
	tab.Script("start(" + string(args) + ")")
	tab.WaitFor("printed.length === "+strconv.Itoa(speedSeeds), benchLimit)
	lines := strings.Split(tab.Script(`printed.map((p) => p.line).join("\n")`), "\n")
	most, err := fastest(lines, browser.Eval[[]float64](tab, "printed.map((p) => p.at)"))
	if err != nil {
		b.t.Fatalf("the engine in Chromium printed %q: %v", lines, err)
	}
	return most
}
