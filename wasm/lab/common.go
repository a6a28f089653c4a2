package lab

import "grapevine/wasm/sim"

// SpanParam is a duration from 0 to most.
func SpanParam(name string, normal, most sim.Time, label, help Text) Param {
	return Param{Name: name, Kind: Span, Default: int64(normal), Max: int64(most), Label: label, Help: help}
}

// IntParam is a whole number from least to most.
func IntParam(name string, normal, least, most int64, label, help Text) Param {
	return Param{Name: name, Kind: Int, Default: normal, Min: least, Max: most, Label: label, Help: help}
}

// ShareParam is a share from nothing to all.
func ShareParam(name string, normal sim.PPM, label, help Text) Param {
	return Param{Name: name, Kind: Ratio, Default: int64(normal), Max: int64(sim.Certain), Label: label, Help: help}
}

// BoolParam is a yes or no.
func BoolParam(name string, normal bool, label, help Text) Param {
	p := Param{Name: name, Kind: Bool, Label: label, Help: help}
	if normal {
		p.Default = 1
	}
	return p
}

// LinkParams are the network's: they come last in a lab. Physics reads them.
func LinkParams(delay, jitter sim.Time, loss sim.PPM) []Param {
	return []Param{
		SpanParam("delay", delay, 10*sim.Second, Text{En: "Delay", Zh: "延迟"},
			Text{En: "How long a packet is under way at least.", Zh: "数据包在路上至少要走多久。"}),
		SpanParam("jitter", jitter, 10*sim.Second, Text{En: "Jitter", Zh: "抖动"},
			Text{En: "Each packet takes up to this much longer, by chance.", Zh: "每个数据包会随机多走一段时间，最多这么久。"}),
		ShareParam("loss", loss, Text{En: "Loss", Zh: "丢包率"},
			Text{En: "The share of packets that the network loses.", Zh: "网络会丢掉多大比例的数据包。"}),
		ShareParam("duplicate", 0, Text{En: "Duplication", Zh: "重复"},
			Text{En: "The share of packets that arrive twice.", Zh: "有多大比例的数据包会到达两次。"}),
		ShareParam("reorder", 0, Text{En: "Reordering", Zh: "乱序"},
			Text{En: "The share of packets that take twice as long, so that later ones overtake them.", Zh: "有多大比例的数据包要花两倍时间，被后发的包超过。"}),
	}
}

// Physics is the link that the values of LinkParams describe.
func Physics(v Values) sim.Link {
	return sim.Link{Delay: v.Time("delay"), Jitter: v.Time("jitter"), Loss: v.Ratio("loss"),
		Duplicate: v.Ratio("duplicate"), Reorder: v.Ratio("reorder")}
}

// Settings makes a preset's settings of names and values in turn. It stays a
// call: in the code that sets up a family's labs its loop would stand thirty
// times, and the browser would take that code, which runs once, for hot.
//
//go:noinline
func Settings(pairs ...string) (all []Setting) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}
