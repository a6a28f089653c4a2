package labs

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

var rewrite = flag.Bool("rewrite", false, "write the stories anew; read the diff before you commit it")

// A story is a file testdata/*.txt: a run, a line of dashes, and what became
// of it. The run is a lab with its parameters and its seed, then the script,
// one action a line, if it is not the lab's own:
//
//	gossip/rumor n=12 seed=3
//	2.5s crash gossiper/4
//	----
//	     0s  gossiper/0 begins to spread the news
//	...
//
// Told are the nodes' notes, crashes, restarts and the script's deeds, then
// the metrics and the checks. When behaviour is meant to change, write the
// stories anew: go test ./wasm/labs -run Stories -rewrite.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		run, told, _ := strings.Cut(string(text), "----\n")
		got := tell(t, file, run)
		switch {
		case got == told:
		case *rewrite:
			if err := os.WriteFile(file, []byte(run+"----\n"+got), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s: the story goes differently now, from here:\n%s", file, firstDifference(told, got))
		}
	}
}

// tell plays the run and writes what happens.
func tell(t *testing.T, file, text string) string {
	t.Helper()
	p := openText(t, file, text)
	var b strings.Builder
	next := 0 // action of the script
	p.World.Net.Journal.OnEvent = func(e *sim.Event) {
		if line := line(p, e, &next); line != "" {
			fmt.Fprintf(&b, "%12v  %s\n", e.At, line)
		}
	}
	for p.Advance(sim.Forever, 1<<20) != sim.Finished {
	}
	fmt.Fprintf(&b, "%12v  the end\n\n", p.Now())
	for _, m := range p.World.Metrics() {
		fmt.Fprintf(&b, "%-12s %.5g %s\n", m.Name, m.Value, m.Unit)
	}
	b.WriteByte('\n')
	for _, s := range p.Checks() {
		fmt.Fprintf(&b, "%-12s %v: %s\n", s.Check.Name, s.State, s.Detail.En)
	}
	return b.String()
}

// line puts an event into words, "" for those that a story leaves out.
func line(p *lab.Play, e *sim.Event, next *int) string {
	net := p.World.Net
	switch e.Kind {
	case sim.KindNote:
		return net.Name(e.Node) + " " + p.World.Say(e).En
	case sim.KindStart:
		if e.Value > 0 {
			return net.Name(e.Node) + " starts again"
		}
	case sim.KindCrash:
		return net.Name(e.Node) + " crashes"
	case sim.KindPause, sim.KindResume:
		return net.Name(e.Node) + " " + e.Kind.String() + "s"
	case sim.KindRule, sim.KindOrder:
		// The journal keeps a hash of the deed; the script has its words.
		for script := net.Script(); *next < len(script); {
			a := script[*next]
			*next++
			if a.At == e.At && len(a.Text) == int(e.Size) {
				return "the script: " + a.Text
			}
		}
	}
	return ""
}

// openText opens the run that a story begins with.
func openText(t *testing.T, file, text string) *lab.Play {
	t.Helper()
	first, script, _ := strings.Cut(text, "\n")
	words := strings.Fields(first)
	run := lab.Run{Lab: Find(words[0]), Seed: 1}
	if run.Lab == nil {
		t.Fatalf("%s: there is no lab %q", file, words[0])
	}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		if name == "seed" {
			if _, err := fmt.Sscan(value, &run.Seed); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			continue
		}
		run.Settings = append(run.Settings, lab.Setting{Name: name, Value: value})
	}
	for deed := range strings.Lines(script) {
		at, do, _ := strings.Cut(strings.TrimSpace(deed), " ")
		instant, err := sim.ParseTime(at)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		run.Script, run.Scripted = append(run.Script, lab.Step{At: instant, Do: do}), true
	}
	p, faults, err := lab.Open(run)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%s: %v %v", file, err, faults)
	}
	return p
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	upTo := func(lines []string) string { return strings.Join(lines[i:min(i+4, len(lines))], "\n\t") }
	return fmt.Sprintf("line %d\nwas\n\t%s\nis\n\t%s", i+1, upTo(w), upTo(g))
}
