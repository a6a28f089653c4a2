package headless

import (
	"fmt"
	"io"

	"grapevine/wasm/lab"
	"grapevine/wasm/labs"
	"grapevine/wasm/sim"
)

// list prints every lab and its claim.
func list(out io.Writer) {
	for _, l := range labs.All {
		fmt.Fprintf(out, "%-22s %s\n", l.ID, l.Claim.En)
	}
}

// describe prints a lab's parameters.
func describe(out io.Writer, l *lab.Lab) {
	fmt.Fprintf(out, "\n%s: %s\n\n", l.ID, l.Claim.En)
	for i := range l.Params {
		p := &l.Params[i]
		fmt.Fprintf(out, "  %-12s %-22s %s\n", p.Name, limits(p), p.Help.En)
	}
}

// limits says which values a parameter takes: "2..1000, 50".
func limits(p *lab.Param) string {
	switch p.Kind {
	case lab.Choice:
		s := ""
		for i, c := range p.Choices {
			if i > 0 {
				s += "|"
			}
			s += c.Value
		}
		return s + ", " + p.Format(p.Default)
	case lab.Bool:
		return "true|false, " + p.Format(p.Default)
	}
	return fmt.Sprintf("%s..%s, %s", p.Format(p.Min), p.Format(p.Max), p.Format(p.Default))
}

// people prints a run to be read.
func people(out io.Writer, p *lab.Play, rep *report) {
	fmt.Fprintf(out, "%s  seed %d  digest %s\n", rep.Lab, rep.Seed, rep.Digest)
	fmt.Fprintf(out, "  %-14s %v, %d events\n", "until", p.Now(), rep.Events)
	for _, m := range rep.Metrics {
		switch m.Unit {
		case "us":
			fmt.Fprintf(out, "  %-14s %v\n", m.Name, sim.Time(m.Value))
		default:
			fmt.Fprintf(out, "  %-14s %.6g %s\n", m.Name, m.Value, m.Unit)
		}
	}
	for _, c := range p.Checks() {
		when := ""
		if c.State == lab.Failed && c.Check.Kind == lab.Always {
			when = fmt.Sprintf(" at %v", c.At) // what was found is of that instant
		}
		fmt.Fprintf(out, "  %-6s %s%s: %s\n", c.State, c.Check.Name, when, c.Check.Claim.En)
		if c.Detail.En != "" {
			fmt.Fprintf(out, "         %s\n", c.Detail.En)
		}
	}
}
