package lab

import (
	"strings"
	"testing"

	"grapevine/wasm/sim"
)

func TestParams(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"n", "20", "20"},
		{"n", " 20 ", "20"},
		{"n", "10000", "10000"},
		{"loss", "10%", "10%"},
		{"loss", "0.1", "10%"},
		{"loss", ".25", "25%"},
		{"loss", "0", "0%"},
		{"loss", "1", "100%"},
		{"loss", "100%", "100%"},
		{"loss", "0.5%", "0.5%"},
		{"loss", "0.0001%", "0.0001%"},
		{"loss", "33.3333%", "33.3333%"},
		{"loss", "5.%", "5%"},
		{"delay", "20ms", "20ms"},
		{"delay", "0", "0s"},
		{"delay", "1.5us", "expected a whole number of microseconds"},
		{"delay", "20", "such as 20ms or 1.5s"},
		{"delay", "2s", "it is outside 0s to 1s"},
		{"keepers", "on", "true"},
		{"keepers", "0", "false"},
		{"keepers", "yes", "expected true or false"},
		{"clock", "cycles", "cycles"},
		{"clock", "sundial", "expected one of real, cycles"},
		{"n", "1", "it is outside 2 to 10000"},
		{"n", "10001", "it is outside 2 to 10000"},
		{"n", "many", "expected a whole number from 2 to 10000"},
		{"n", "1e3", "expected a whole number"},
		{"n", "99999999999999999999", "expected a whole number"},
		{"n", "", "expected a whole number"},
		{"loss", "101%", "it is outside 0% to 100%"},
		{"loss", "-1%", "expected a share such as 10% or 0.1"},
		{"loss", "+1%", "expected a share"},
		{"loss", "1.2.3", "expected a share"},
		{"loss", "0.0000001", "expected a share"},
		{"loss", "%", "expected a share"},
		{"loss", ".", "expected a share"},
		{"loss", "ten", "expected a share"},
		{"speed", "1", `this lab has no parameter "speed"; it has n, loss, delay, keepers, most, clock`},
	} {
		v := crowded.Defaults()
		if err := v.Set(c.name, c.text); err != nil {
			if x := Explain(err); x.Zh == x.En || strings.Contains(x.Zh, "expected") {
				t.Errorf("%s=%s: %q, expected Chinese", c.name, c.text, x.Zh)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s=%s: %v, expected %s", c.name, c.text, err, c.want)
			}
			if len(v.Settings(false)) != 0 {
				t.Errorf("%s=%s was refused and has set %v", c.name, c.text, v.Settings(false))
			}
			continue
		}
		for _, s := range v.Settings(true) {
			if s.Name == c.name && s.Value != c.want {
				t.Errorf("%s=%s is %s, expected %s", c.name, c.text, s.Value, c.want)
			}
		}
	}
}

// The settings of a run are what differs from the lab's own; values are read
// by the kind they have.
func TestValues(t *testing.T) {
	v := crowded.Defaults()
	for _, s := range []Setting{{"n", "20"}, {"loss", "1%"}, {"delay", "2ms"}, {"clock", "cycles"}, {"keepers", "false"}} {
		if err := v.Set(s.Name, s.Value); err != nil {
			t.Fatal(err)
		}
	}
	got := ""
	for _, s := range v.Settings(false) {
		got += s.Name + "=" + s.Value + " "
	}
	if want := "n=20 delay=2ms keepers=false clock=cycles "; got != want { // 1 % loss is the lab's own
		t.Errorf("differs from the lab's own: %s, expected %s", got, want)
	}
	if v.Int("n") != 20 || v.Ratio("loss") != 10_000 || v.Time("delay") != 2*sim.Millisecond || v.Bool("keepers") || v.Choice("clock") != "cycles" {
		t.Error("a value is read as another")
	}
	defer func() {
		if recover() == nil {
			t.Error("a lab reads a parameter that it does not have, and nobody says so")
		}
	}()
	v.Int("nodes")
}

// Whatever is accepted is written so that it is read again as the same.
func FuzzParams(f *testing.F) {
	for _, text := range []string{"20", "10%", "0.1", "33.3333%", "20ms", "1h2m3.000004s", "true", "cycles", "-1", "1_0", "99999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range crowded.Params {
			p := &crowded.Params[i]
			x, err := p.Parse(text)
			if err != nil {
				continue
			}
			if p.Kind != Choice && p.Kind != Bool && (x < p.Min || x > p.Max) {
				t.Errorf("%s=%q is %d, outside its limits", p.Name, text, x)
			}
			written := p.Format(x)
			if again, err := p.Parse(written); err != nil || again != x {
				t.Errorf("%s=%q is %d, written %q and read as %d, %v", p.Name, text, x, written, again, err)
			}
		}
	})
}
