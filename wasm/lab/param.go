package lab

import (
	"fmt"
	"strconv"
	"strings"

	"grapevine/wasm/sim"
)

// ParamKind says how a parameter's value is written.
type ParamKind uint8

// The kinds of parameters. Every value is an int64 inside.
const (
	Int    ParamKind = iota // a whole number
	Ratio                   // parts per million; written "10%" or "0.1"
	Span                    // microseconds; written "20ms"
	Choice                  // an index into Choices; written as the choice's value
	Bool                    // 0 or 1; written "false" or "true"
)

// String names the kind as the page and the docs do.
func (k ParamKind) String() string {
	return [...]string{"int", "ratio", "duration", "choice", "bool"}[k]
}

// Param is one parameter of a lab. Default, Min and Max are in the kind's
// inner unit; Choice and Bool need no limits.
type Param struct {
	Name     string
	Kind     ParamKind
	Label    Text
	Help     Text
	Default  int64
	Min, Max int64
	Choices  []Option
}

// Option is one value of a Choice.
type Option struct {
	Value string
	Label Text
}

// Format writes a value as Parse reads it.
func (p *Param) Format(v int64) string {
	switch p.Kind {
	case Ratio:
		return sim.PPM(v).String()
	case Span:
		return sim.Time(v).String()
	case Choice:
		return p.Choices[v].Value
	case Bool:
		return strconv.FormatBool(v != 0)
	}
	return strconv.FormatInt(v, 10)
}

// Parse reads a value. Its errors say what was expected.
func (p *Param) Parse(s string) (int64, error) {
	v, err := p.read(strings.TrimSpace(s))
	if err == nil && p.Kind != Choice && p.Kind != Bool && (v < p.Min || v > p.Max) {
		err = Say("it is outside %s to %s", "超出了 %s 到 %s 的范围", p.Format(p.Min), p.Format(p.Max))
	}
	return v, err
}

func (p *Param) read(s string) (int64, error) {
	switch p.Kind {
	case Ratio:
		return parseRatio(s)
	case Span:
		t, err := sim.ParseTime(s)
		if err != nil {
			return 0, Say("expected a whole number of microseconds, written with a unit, such as 20ms or 1.5s", "应为带单位的时长，例如 20ms、1.5s，最细到微秒")
		}
		return int64(t), nil
	case Choice:
		var values []string
		for i, o := range p.Choices {
			if o.Value == s {
				return int64(i), nil
			}
			values = append(values, o.Value)
		}
		return 0, Say("expected one of %s", "可选的值有 %s", strings.Join(values, ", "))
	case Bool:
		switch s {
		case "true", "on", "1":
			return 1, nil
		case "false", "off", "0":
			return 0, nil
		}
		return 0, Say("expected true or false", "应为 true 或 false")
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, Say("expected a whole number from %d to %d", "应为 %d 到 %d 之间的整数", p.Min, p.Max)
	}
	return v, nil
}

var notShare = Text{"expected a share such as 10% or 0.1", "应为比例，例如 10% 或 0.1"}

func parseRatio(s string) (int64, error) {
	v, err := sim.ParsePPM(s)
	if err != nil {
		return 0, notShare
	}
	return int64(v), nil
}

// Values are the parameters of one run, all of them, checked.
type Values struct {
	params []Param
	values []int64
}

// Defaults returns the lab's own values.
func (l *Lab) Defaults() Values {
	v := Values{l.Params, make([]int64, len(l.Params))}
	for i := range l.Params {
		v.values[i] = l.Params[i].Default
	}
	return v
}

// Set changes the parameter called name. An error leaves it as it was.
func (v *Values) Set(name, text string) error {
	for i := range v.params {
		if p := &v.params[i]; p.Name == name {
			x, err := p.Parse(text)
			if err == nil {
				v.values[i] = x
			}
			return err
		}
	}
	var names []string
	for i := range v.params {
		names = append(names, v.params[i].Name)
	}
	return Say("this lab has no parameter %q; it has %s", "这个实验没有参数 %q，可用的参数有 %s", name, strings.Join(names, ", "))
}

// Settings returns every parameter with its value, or only those that differ
// from the defaults.
func (v Values) Settings(all bool) []Setting {
	var out []Setting
	for i := range v.params {
		if p := &v.params[i]; all || v.values[i] != p.Default {
			out = append(out, Setting{p.Name, p.Format(v.values[i])})
		}
	}
	return out
}

// value panics for a name that the lab does not have: a bug in the lab.
func (v Values) value(name string) (*Param, int64) {
	for i := range v.params {
		if v.params[i].Name == name {
			return &v.params[i], v.values[i]
		}
	}
	panic(fmt.Sprintf("lab: no parameter %q", name))
}

// Int returns an Int parameter.
func (v Values) Int(name string) int { _, x := v.value(name); return int(x) }

// Ratio returns a Ratio parameter.
func (v Values) Ratio(name string) sim.PPM { _, x := v.value(name); return sim.PPM(x) }

// Time returns a Span parameter.
func (v Values) Time(name string) sim.Time { _, x := v.value(name); return sim.Time(x) }

// Bool returns a Bool parameter.
func (v Values) Bool(name string) bool { _, x := v.value(name); return x != 0 }

// Choice returns a Choice parameter.
func (v Values) Choice(name string) string { p, x := v.value(name); return p.Choices[x].Value }
