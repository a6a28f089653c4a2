package line

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Line is what a command line asks for.
type Line struct {
	Run      api.Run
	Settings []api.Setting // given beside the lab or the link: they win
	// Wait says that the link names an instant to stop at, Until.
	Wait  bool
	Until sim.Time
	Help  bool
	List  bool
}

// Flag is one that a command has of its own: it takes a value, or none. A name
// that is one of those here stands in for it.
type Flag struct {
	Name  string
	Value func(value string) error
	Alone func()
}

// Parse reads a command line. Flags and parameters may stand in any order.
func (l *Line) Parse(args []string, own ...Flag) error {
	l.Run.Seed = 1
	flags := map[string]Flag{}
	for _, f := range append(l.flags(), own...) {
		flags[f.Name] = f
	}
	// A link gives the run that the others change, whatever comes first.
	if err := l.walk(args, flags, true); err != nil {
		return err
	}
	if err := l.walk(args, flags, false); err != nil {
		return err
	}
	if l.Run.Lab == "" && !l.Help && !l.List {
		return fmt.Errorf("no lab named: expected for example gossip/rumor; -list shows them all")
	}
	return nil
}

func (l *Line) flags() []Flag {
	return []Flag{
		{Name: linkFlag, Value: l.setLink},
		{Name: "seed", Value: l.SetSeed},
		{Name: "script", Value: l.setScript},
		{Name: "help", Alone: func() { l.Help = true }},
		{Name: "h", Alone: func() { l.Help = true }},
		{Name: "list", Alone: func() { l.List = true }},
	}
}

const linkFlag = "link"

// walk takes in links only, or everything but links.
func (l *Line) walk(args []string, flags map[string]Flag, links bool) error {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if !strings.HasPrefix(arg, "-") {
			if !links {
				if err := l.word(arg); err != nil {
					return err
				}
			}
			continue
		}
		name, value, inline := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		flag, known := flags[name]
		switch {
		case known && flag.Value != nil:
			if !inline {
				if i++; i == len(args) {
					return fmt.Errorf("%s: expected a value after it", arg)
				}
				value = args[i]
			}
			if (name == linkFlag) == links {
				if err := flag.Value(value); err != nil {
					return err
				}
			}
		case inline:
			return fmt.Errorf("%s: this flag takes no value; -help lists them", arg)
		case !known:
			return fmt.Errorf("there is no flag %s; -help lists them", arg)
		default:
			flag.Alone()
		}
	}
	return nil
}

// word takes a lab's name or a parameter.
func (l *Line) word(arg string) error {
	if name, value, ok := strings.Cut(arg, "="); ok {
		l.Settings = append(l.Settings, api.Setting{Name: name, Value: value})
		return nil
	}
	if l.Run.Lab != "" && l.Run.Lab != arg {
		return fmt.Errorf("%q: the lab is already %s; a parameter is written name=value", arg, l.Run.Lab)
	}
	l.Run.Lab = arg
	return nil
}

// SetSeed takes the value of -seed.
func (l *Line) SetSeed(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return fmt.Errorf("-seed %s: expected a whole number from 0 to %d", s, uint64(1<<64-1))
	}
	l.Run.Seed = n
	return nil
}

func (l *Line) setLink(s string) error {
	link, err := api.ParseLink(s)
	if err != nil {
		return fmt.Errorf("-link: %w", err)
	}
	l.Run, l.Wait, l.Until = link.Run, link.Wait, sim.Time(link.At)
	return nil
}

// maxScriptBytes is the longest script that is read.
const maxScriptBytes = 4 << 20

func (l *Line) setScript(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("-script: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxScriptBytes+1))
	if err != nil {
		return fmt.Errorf("-script: %w", err)
	}
	if len(b) > maxScriptBytes {
		return fmt.Errorf("-script: %s is longer than %d MiB; is it a script, with one action a line?", name, maxScriptBytes>>20)
	}
	l.Run.Script, l.Run.Scripted = nil, true
	for i, line := range strings.Split(string(b), "\n") {
		line, _, _ = strings.Cut(line, "#")
		at, do, _ := strings.Cut(strings.TrimSpace(line), " ")
		if at == "" {
			continue
		}
		t, err := sim.ParseTime(at)
		if err != nil || do == "" {
			return fmt.Errorf("%s:%d: %q: expected a time and a deed, such as \"1.5s crash gossiper/3\"", name, i+1, api.Shorten(strings.TrimSpace(line)))
		}
		l.Run.Script = append(l.Run.Script, api.Action{At: int64(t), Do: strings.TrimSpace(do)})
	}
	return nil
}

// Open builds the run, to be played forward only. What the lab does not
// understand of it is an error.
func (l *Line) Open(which *lab.Lab) (*lab.Play, error) {
	run := lab.Run{Lab: which, Seed: l.Run.Seed, Scripted: l.Run.Scripted, Once: true}
	for _, s := range append(l.Run.Params[:len(l.Run.Params):len(l.Run.Params)], l.Settings...) {
		run.Settings = append(run.Settings, lab.Setting(s))
	}
	for _, a := range l.Run.Script {
		run.Script = append(run.Script, lab.Step{At: sim.Time(a.At), Do: a.Do})
	}
	p, faults, err := lab.Open(run)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%s: %w", which.ID, faults[0])
	}
	return p, nil
}

// OlderVersion says that a link was made with another version of the lab, ""
// if not.
func (l *Line) OlderVersion(which *lab.Lab) string {
	if v := l.Run.Version; v != 0 && v != which.Version {
		return fmt.Sprintf("the link was made with version %d of %s, this is version %d: the run may differ", v, which.ID, which.Version)
	}
	return ""
}
