package session

import (
	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// deeds are what can be done to the nodes and links of any lab.
var deeds = []api.Deed{
	{On: "node", Form: "crash {a}", Label: api.Text{En: "Crash", Zh: "崩溃"}},
	{On: "node", Form: "restart {a}", Label: api.Text{En: "Restart", Zh: "重启"}},
	{On: "node", Form: "pause {a}", Label: api.Text{En: "Pause", Zh: "暂停"}},
	{On: "node", Form: "resume {a}", Label: api.Text{En: "Resume", Zh: "继续"}},
	{On: "node", Form: "cut {a}", Label: api.Text{En: "Cut off", Zh: "隔离"}},
	{On: "node", Form: "heal {a}", Label: api.Text{En: "Reconnect", Zh: "恢复连接"}},
	{On: "link", Form: "cut {a} {b}", Label: api.Text{En: "Cut", Zh: "切断"}},
	{On: "link", Form: "cut {a} to {b}", Label: api.Text{En: "Cut one way", Zh: "单向切断"}},
	{On: "link", Form: "slow {a} {b} 500ms", Label: api.Text{En: "Slow by 500 ms", Zh: "减慢 500 毫秒"}},
	{On: "link", Form: "lose {a} {b} 10%", Label: api.Text{En: "Lose 10 %", Zh: "丢失 10%"}},
	{On: "link", Form: "duplicate {a} {b} 10%", Label: api.Text{En: "Duplicate 10 %", Zh: "重复 10%"}},
	{On: "link", Form: "reorder {a} {b} 10%", Label: api.Text{En: "Reorder 10 %", Zh: "打乱 10%"}},
	{On: "link", Form: "heal {a} {b}", Label: api.Text{En: "Heal", Zh: "修复"}},
	{On: "network", Form: "heal", Label: api.Text{En: "Heal every link", Zh: "修复所有连接"}},
}

// Catalogue is the Hello frame that describes the labs, as a message. The site
// holds one of all labs, so that a page whose engine knows one family lists
// them all.
func Catalogue(labs []*lab.Lab) []byte {
	h := api.Hello{Frame: "hello"}
	for _, l := range labs {
		h.Labs = append(h.Labs, describe(l))
	}
	return api.MarshalFrame(h)
}

func text(t lab.Text) api.Text { return api.Text{En: t.En, Zh: t.Zh} }

func describe(l *lab.Lab) api.Lab {
	d := api.Lab{ID: l.ID, Version: l.Version, Title: text(l.Title), Claim: text(l.Claim), Deeds: deeds[:len(deeds):len(deeds)]}
	for _, o := range l.Orders {
		d.Deeds = append(d.Deeds, api.Deed{On: "node", Form: o.Form, Role: o.Role, Label: text(o.Label)})
	}
	for i := range l.Params {
		p := &l.Params[i]
		a := api.Param{Name: p.Name, Kind: p.Kind.String(), Label: text(p.Label), Help: text(p.Help), Default: p.Format(p.Default)}
		if p.Kind != lab.Choice && p.Kind != lab.Bool {
			a.Min, a.Max = p.Format(p.Min), p.Format(p.Max)
		}
		for _, c := range p.Choices {
			a.Choices = append(a.Choices, api.Choice{Value: c.Value, Label: text(c.Label)})
		}
		d.Params = append(d.Params, a)
	}
	for _, p := range l.Presets {
		r := api.Run{Lab: l.ID, Version: l.Version, Params: settings(p.Settings), Seed: max(p.Seed, 1),
			Script: actions(p.Script), Scripted: len(p.Script) > 0}
		d.Presets = append(d.Presets, api.Preset{ID: p.ID, Label: text(p.Label), Run: r})
	}
	return d
}

func settings(in []lab.Setting) []api.Setting {
	var out []api.Setting
	for _, s := range in {
		out = append(out, api.Setting(s))
	}
	return out
}

func actions(in []lab.Step) []api.Action {
	var out []api.Action
	for _, s := range in {
		out = append(out, api.Action{At: int64(s.At), Do: s.Do})
	}
	return out
}

// runOf translates a run for package lab.
func runOf(l *lab.Lab, r api.Run) lab.Run {
	out := lab.Run{Lab: l, Seed: r.Seed, Scripted: r.Scripted}
	for _, s := range r.Params {
		out.Settings = append(out.Settings, lab.Setting(s))
	}
	for _, a := range r.Script {
		out.Script = append(out.Script, lab.Step{At: sim.Time(a.At), Do: a.Do})
	}
	return out
}

// Run is the present run in its canonical form: what differs from the
// defaults, and everything done so far.
func Run(p *lab.Play) api.Run {
	steps, scripted := p.Script()
	r := api.Run{Lab: p.Lab.ID, Version: p.Lab.Version, Params: settings(p.Values.Settings(false)), Seed: p.Seed(), Scripted: scripted}
	if scripted {
		r.Script = actions(steps)
	}
	return r
}
