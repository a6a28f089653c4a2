package headless

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"grapevine/wasm/api"
	"grapevine/wasm/sim"
)

// request is what a command line asks for.
type request struct {
	run      api.Run
	settings []api.Setting // given beside the lab or the link
	first    uint64        // seeds, both included
	last     uint64
	until    sim.Time
	json     bool
	digest   bool
	help     bool
	list     bool
}

// maxSeeds bounds -seeds: beyond it a range is more likely a slip.
const maxSeeds = 10_000_000

// flags that take a value, and how each changes the request.
var valued = map[string]func(*request, string) error{
	"seed":   (*request).setSeed,
	"seeds":  (*request).setSeeds,
	"until":  (*request).setUntil,
	"script": (*request).setScript,
	"link":   (*request).setLink,
}

// parse reads a command line. Flags and parameters may stand in any order.
func parse(args []string) (request, error) {
	r := request{run: api.Run{Seed: 1}, until: sim.Forever}
	// A link gives the run that the others change, whatever comes first.
	if err := r.eachFlag(args, true); err != nil {
		return r, err
	}
	if err := r.eachFlag(args, false); err != nil {
		return r, err
	}
	if r.last < r.first || r.last == 0 && r.first == 0 {
		r.first, r.last = r.run.Seed, r.run.Seed
	}
	if r.run.Lab == "" && !r.help && !r.list {
		return r, fmt.Errorf("no lab named: expected for example gossip/rumor; -list shows them all")
	}
	return r, nil
}

// eachFlag walks the command line; links only, or everything but links.
func (r *request) eachFlag(args []string, links bool) error {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if !strings.HasPrefix(arg, "-") {
			if !links {
				if err := r.word(arg); err != nil {
					return err
				}
			}
			continue
		}
		name, value, inline := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if set := valued[name]; set != nil {
			if !inline {
				if i++; i == len(args) {
					return fmt.Errorf("%s: expected a value after it", arg)
				}
				value = args[i]
			}
			if (name == "link") == links {
				if err := set(r, value); err != nil {
					return err
				}
			}
			continue
		}
		if inline {
			return fmt.Errorf("%s: this flag takes no value; -help lists them", arg)
		}
		switch name {
		case "json":
			r.json = true
		case "digest":
			r.digest = true
		case "help", "h":
			r.help = true
		case "list":
			r.list = true
		case "pcap":
			return fmt.Errorf("-pcap is not there yet: it comes with the first lab that speaks over streams")
		default:
			return fmt.Errorf("there is no flag %s; -help lists them", arg)
		}
	}
	return nil
}

// word takes a lab's name or a parameter.
func (r *request) word(arg string) error {
	if name, value, ok := strings.Cut(arg, "="); ok {
		r.settings = append(r.settings, api.Setting{Name: name, Value: value})
		return nil
	}
	if r.run.Lab != "" && r.run.Lab != arg {
		return fmt.Errorf("%q: the lab is already %s; a parameter is written name=value", arg, r.run.Lab)
	}
	r.run.Lab = arg
	return nil
}

func (r *request) setSeed(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return fmt.Errorf("-seed %s: expected a whole number from 0 to %d", s, uint64(1<<64-1))
	}
	r.run.Seed, r.first, r.last = n, n, n
	return nil
}

func (r *request) setSeeds(s string) error {
	a, b, ok := strings.Cut(s, "..")
	first, err1 := strconv.ParseUint(a, 10, 64)
	last, err2 := strconv.ParseUint(b, 10, 64)
	if !ok || err1 != nil || err2 != nil || last < first || last-first >= maxSeeds {
		return fmt.Errorf("-seeds %s: expected a range such as 1..100, at most %d seeds", s, maxSeeds)
	}
	r.first, r.last, r.run.Seed = first, last, first
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

func (r *request) setLink(s string) error {
	l, err := api.ParseLink(s)
	if err != nil {
		return fmt.Errorf("-link: %w", err)
	}
	r.run = l.Run
	if l.Wait {
		r.until = sim.Time(l.At)
	}
	return nil
}

func (r *request) setScript(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("-script: %w", err)
	}
	r.run.Script, r.run.Scripted = nil, true
	for i, line := range strings.Split(string(b), "\n") {
		line, _, _ = strings.Cut(line, "#")
		at, do, _ := strings.Cut(strings.TrimSpace(line), " ")
		if at == "" {
			continue
		}
		t, err := sim.ParseTime(at)
		if err != nil || do == "" {
			return fmt.Errorf("%s:%d: %q: expected a time and a deed, such as \"1.5s crash gossiper/3\"", file, i+1, api.Shorten(strings.TrimSpace(line)))
		}
		r.run.Script = append(r.run.Script, api.Action{At: int64(t), Do: strings.TrimSpace(do)})
	}
	return nil
}
