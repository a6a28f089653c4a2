package headless

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"grapevine/wasm/api"
	"grapevine/wasm/engine/pcap"
	"grapevine/wasm/engine/session"
	"grapevine/wasm/lab"
	"grapevine/wasm/labs"
	"grapevine/wasm/sim"
)

// Exit statuses.
const (
	allHeld    = 0
	someFailed = 1
	wrongUsage = 2
)

// Main carries out `run` with these arguments and returns the exit status.
func Main(args []string, out, problems io.Writer) int {
	buffered := bufio.NewWriter(out)
	status := carryOut(args, buffered, problems)
	if err := buffered.Flush(); err != nil && status != wrongUsage {
		fmt.Fprintf(problems, "run: the output is not complete: %v\n", err)
		return wrongUsage
	}
	return status
}

func carryOut(args []string, out *bufio.Writer, problems io.Writer) int {
	r, err := parse(args)
	if err != nil {
		fmt.Fprintf(problems, "run: %v\n", err)
		return wrongUsage
	}
	if r.List {
		list(out)
		return allHeld
	}
	l := labs.Find(r.Run.Lab)
	if r.Help {
		fmt.Fprint(out, usage)
		if l != nil {
			describe(out, l)
		}
		return allHeld
	}
	if l == nil {
		fmt.Fprintf(problems, "run: there is no lab %q; -list shows them all\n", r.Run.Lab)
		return wrongUsage
	}
	if older := r.OlderVersion(l); older != "" {
		fmt.Fprintf(problems, "run: %s\n", older)
	}
	status := allHeld
	for seed := r.first; ; seed++ {
		r.Run.Seed = seed
		p, err := play(l, &r)
		if err != nil {
			fmt.Fprintf(problems, "run: %v\n", err)
			return wrongUsage
		}
		if !print(out, problems, p, &r) {
			status = someFailed
		}
		// Whoever reads on need not wait for the last seed.
		if out.Flush() != nil || seed == r.last {
			return status
		}
	}
}

// play plays one run to where it was asked to stop.
func play(l *lab.Lab, r *request) (*lab.Play, error) {
	p, err := r.Open(l)
	if err != nil {
		return nil, err
	}
	if r.pcap == "" {
		advance(p, r.until)
		return p, nil
	}
	file, err := os.Create(r.pcap)
	if err != nil {
		return nil, fmt.Errorf("-pcap: %w", err)
	}
	capture := pcap.Record(p.World.Net, file)
	advance(p, r.until)
	if err := errors.Join(capture.Flush(), file.Close()); err != nil {
		return nil, fmt.Errorf("-pcap: %w", err)
	}
	return p, nil
}

func advance(p *lab.Play, until sim.Time) {
	for p.Advance(until, math.MaxInt) == sim.Budget {
	}
}

// report is the JSON of one run: the contract of design.md, section 8.
type report struct {
	Lab     string            `json:"lab"`
	Version int               `json:"version"`
	Params  map[string]string `json:"params"`
	Seed    uint64            `json:"seed"`
	Digest  string            `json:"digest"`
	TimeUS  int64             `json:"time_us"`
	Events  uint64            `json:"events"`
	Metrics metrics           `json:"metrics"`
	Checks  []check           `json:"checks"`
}

type check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// metrics keeps the lab's order, which a map would lose.
type metrics []api.Metric

// MarshalJSON writes an object; what could not be measured is null.
func (m metrics) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, x := range m {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, x.Name)
		b = append(b, ':')
		if math.IsNaN(x.Value) || math.IsInf(x.Value, 0) {
			b = append(b, "null"...)
			continue
		}
		number, err := json.Marshal(x.Value)
		if err != nil {
			return nil, err
		}
		b = append(b, number...)
	}
	return append(b, '}'), nil
}

// print prints a run and reports whether no check failed.
func print(out io.Writer, problems io.Writer, p *lab.Play, r *request) bool {
	rep := report{
		Lab: p.Lab.ID, Version: p.Lab.Version, Params: map[string]string{}, Seed: p.Seed(),
		Digest: p.World.Net.Journal.Digest(), TimeUS: int64(p.Now()), Events: p.World.Net.Journal.Total(),
		Metrics: session.Metrics(p.World), Checks: []check{},
	}
	for _, s := range p.Values.Settings(true) {
		rep.Params[s.Name] = s.Value
	}
	held := true
	for _, c := range p.Checks() {
		detail := c.Detail.En
		if c.State == lab.Undecided {
			detail = fmt.Sprintf("not decided: stopped at %v, before the run's end", p.Now())
		}
		ok := c.State != lab.Failed
		held = held && ok
		rep.Checks = append(rep.Checks, check{c.Check.Name, ok, detail})
	}
	switch {
	case r.digest:
		fmt.Fprintln(out, rep.Digest)
	case r.json:
		b, err := json.Marshal(rep)
		if err != nil {
			panic("headless: a report that JSON cannot write: " + err.Error())
		}
		fmt.Fprintf(out, "%s\n", b)
	default:
		people(out, p, &rep)
	}
	if !held {
		// A link may hold an apostrophe, the shell's end of a quotation.
		link := strings.ReplaceAll(session.Run(p).Link(), "'", "%27")
		if _, err := api.ParseLink(link); err != nil {
			fmt.Fprintf(problems, "run: a check failed with -seed %d; the script is too long for a link, so repeat the run with the same -script\n", p.Seed())
			return false
		}
		fmt.Fprintf(problems, "run: a check failed; this line repeats the run: ./build.sh run -link '%s'%s\n", link, untilFlag(r))
	}
	return held
}

func untilFlag(r *request) string {
	if r.until == sim.Forever {
		return ""
	}
	return " -until " + r.until.String()
}
