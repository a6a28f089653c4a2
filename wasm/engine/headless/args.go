package headless

import (
	"fmt"
	"strconv"
	"strings"

	"grapevine/wasm/engine/line"
	"grapevine/wasm/sim"
)

// request is what a command line asks for.
type request struct {
	line.Line
	first  uint64 // seeds, both included
	last   uint64
	until  sim.Time
	json   bool
	digest bool
	pcap   string // a file
}

// maxSeeds bounds -seeds: beyond it a range is more likely a slip.
const maxSeeds = 10_000_000

// flags are the command's own.
func (r *request) flags() []line.Flag {
	return []line.Flag{
		{Name: "seed", Value: r.setSeed},
		{Name: "seeds", Value: r.setSeeds},
		{Name: "until", Value: r.setUntil},
		{Name: "json", Alone: func() { r.json = true }},
		{Name: "pcap", Value: func(file string) error { r.pcap = file; return nil }},
		{Name: "digest", Alone: func() { r.digest = true }},
	}
}

func parse(args []string) (request, error) {
	r := request{until: -1}
	if err := r.Parse(args, r.flags()...); err != nil {
		return r, err
	}
	if r.last < r.first || r.last == 0 && r.first == 0 {
		r.first, r.last = r.Run.Seed, r.Run.Seed
	}
	if r.pcap != "" && r.first != r.last {
		return r, fmt.Errorf("-pcap %s: a capture is of one run; give one seed", r.pcap)
	}
	if r.until < 0 {
		r.until = sim.Forever
		if r.Wait {
			r.until = r.Until
		}
	}
	return r, nil
}

func (r *request) setSeed(s string) error {
	err := r.SetSeed(s)
	r.first, r.last = r.Run.Seed, r.Run.Seed
	return err
}

func (r *request) setSeeds(s string) error {
	a, b, ok := strings.Cut(s, "..")
	first, err1 := strconv.ParseUint(a, 10, 64)
	last, err2 := strconv.ParseUint(b, 10, 64)
	if !ok || err1 != nil || err2 != nil || last < first || last-first >= maxSeeds {
		return fmt.Errorf("-seeds %s: expected a range such as 1..100, at most %d seeds", s, maxSeeds)
	}
	r.first, r.last, r.Run.Seed = first, last, first
	return nil
}

func (r *request) setUntil(s string) error {
	t, err := sim.ParseTime(s)
	if err != nil {
		return fmt.Errorf("-until: %w", err)
	}
	r.until = t
	return nil
}
