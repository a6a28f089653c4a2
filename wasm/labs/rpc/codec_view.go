package rpc

import (
	"slices"
	"strconv"

	"grapevine/protocols/rpc/codec"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The notes of rpc/codec.
const (
	noteCodecWrites     uint16 = iota // a client: how many bytes, if not as many as before
	noteCodecReads                    // a server: codec.Result, if not as before
	noteCodecUpdated                  // no value
	noteCodecUnanswered               // no value
)

var codecKinds = []lab.Kind{
	kindOrder:   {ID: "order", Name: lab.Text{En: "order", Zh: "订单"}, Label: lab.Text{En: "the call's argument: an order", Zh: "调用的参数：一份订单"}, Mark: "O", Color: "push"},
	kindReceipt: {ID: "receipt", Name: lab.Text{En: "receipt", Zh: "回执"}, Label: lab.Text{En: "the call's result: a receipt", Zh: "调用的结果：一张回执"}, Mark: "R", Color: "reply"},
	kindRefusal: {ID: "refusal", Name: lab.Text{En: "refusal", Zh: "拒绝"}, Label: lab.Text{En: "the order could not be read", Zh: "订单读不懂"}, Mark: "X", Color: "warn"},
}

// The states of nodes.
const (
	codecIdle uint8 = iota
	codecWaits
	codecReadAll
	codecReadLess
	codecReadWrong
)

var codecStates = []lab.State{
	codecIdle:      {ID: "idle", Label: lab.Text{En: "has nothing to do", Zh: "空闲"}, Shape: "ring", Color: "idle"},
	codecWaits:     {ID: "waits", Label: lab.Text{En: "suspended until the receipt comes", Zh: "挂起，等待回执"}, Shape: "bar", Color: "done"},
	codecReadAll:   {ID: "all", Label: lab.Text{En: "read everything it has a field for", Zh: "该读的都读到了"}, Shape: "disc", Color: "active"},
	codecReadLess:  {ID: "less", Label: lab.Text{En: "takes defaults for what is missing", Zh: "缺的字段用默认值"}, Shape: "disc", Color: "done"},
	codecReadWrong: {ID: "wrong", Label: lab.Text{En: "refused the order, or read something wrong", Zh: "拒收，或者读错了"}, Shape: "ring", Color: "warn"},
}

// resultWords say what became of a field; resultColors and resultLooks show it.
var (
	resultWords = [...]lab.Text{
		codec.Kept: {En: "kept", Zh: "一致"}, codec.Missing: {En: "default", Zh: "默认值"}, codec.Defaulted: {En: "lost", Zh: "值丢了"},
		codec.Wrong: {En: "wrong", Zh: "读错"}, codec.Denied: {En: "refused", Zh: "拒收"},
	}
	resultColors = [...]string{codec.Kept: "active", codec.Missing: "idle", codec.Defaulted: "done", codec.Wrong: "warn", codec.Denied: "warn"}
	resultLooks  = [...]lab.Look{codec.Missing: lab.Faded, codec.Defaulted: lab.Hatched, codec.Wrong: lab.Lit, codec.Denied: lab.Crossed}
)

func (w *codecWorld) split(node sim.NodeID) (*codecWriter, *codecReader) {
	if n := len(w.pairs); int(node) >= n {
		return nil, w.readers.Member(int(node) - n)
	}
	return w.writers.Member(int(node)), nil
}

func (w *codecWorld) state(node sim.NodeID) uint8 {
	switch c, r := w.split(node); {
	case c != nil && c.waits:
		return codecWaits
	case r != nil && r.knows:
		return [...]uint8{codec.Kept: codecReadAll, codec.Missing: codecReadLess, codec.Defaulted: codecReadLess,
			codec.Wrong: codecReadWrong, codec.Denied: codecReadWrong}[r.worst]
	}
	return codecIdle
}

func (w *codecWorld) say(e *sim.Event) lab.Text {
	switch e.Code {
	case noteCodecWrites:
		return lab.Say("writes an order of %d bytes", "写出的订单有 %d 字节", e.Value)
	case noteCodecUpdated:
		return lab.Text{En: "has the new version of the structure from now on", Zh: "从现在起使用新版结构定义"}
	case noteCodecUnanswered:
		return lab.Text{En: "has waited long enough, and goes on", Zh: "不再等，继续下一次"}
	}
	return [...]lab.Text{
		codec.Kept:      {En: "reads the order as it was meant", Zh: "读到的订单与所写一致"},
		codec.Missing:   {En: "reads the order, and a default for what the client has no field for", Zh: "读懂了订单；客户端没有的字段用默认值"},
		codec.Defaulted: {En: "reads the order, but a value is lost", Zh: "读懂了订单，但丢了一个值"},
		codec.Wrong:     {En: "reads the order, but a value is wrong, and does not notice", Zh: "读懂了订单，但有个值错了，自己却不知道"},
		codec.Denied:    {En: "refuses the order", Zh: "拒收订单"},
	}[e.Value]
}

// versioned is a row's label that says which version of the structure it goes by.
func versioned(en, zh string, newer bool) lab.Text {
	if newer {
		return lab.Text{En: en + " (new)", Zh: zh + "（新版）"}
	}
	return lab.Text{En: en + " (old)", Zh: zh + "（旧版）"}
}

func (w *codecWorld) card(node sim.NodeID) lab.Card {
	c, r := w.split(node)
	switch {
	case c != nil:
		return lab.Card{Rows: w.writerRows(c)}
	case r != nil:
		return lab.Card{Rows: w.readerRows(r)}
	}
	return lab.Card{}
}

// largest is the length of the longest of the latest orders: the full gauge.
func (w *codecWorld) largest() int64 {
	most := 1
	for i := range w.pairs {
		most = max(most, w.pairs[i].last)
	}
	return int64(most)
}

// writerRows show how long the order is, and what of it each field takes; of
// one format alone, with the values.
func (w *codecWorld) writerRows(c *codecWriter) []lab.Row {
	pair := &w.pairs[c.member]
	s := w.plan.schema(pair.newWriter)
	name := lab.Row{Cells: []lab.Cell{{Text: codecName(w.plan.formats[c.member]), Color: "active"}}}
	size := lab.Row{Label: lab.Text{En: "order", Zh: "订单"}, Form: lab.Gauge}
	if pair.last > 0 {
		size.Cells = []lab.Cell{{Text: lab.Say("%d bytes", "%d 字节", pair.last), Color: "data", Value: int64(pair.last), Max: w.largest()}}
	}
	row := lab.Row{Label: versioned("bytes", "字节", pair.newWriter), Form: lab.Table}
	values := w.plan.order(s)
	for i, n := range pair.fields {
		if i >= len(s.Fields) {
			break // it was updated since it wrote
		}
		text := strconv.Itoa(n)
		if len(w.pairs) == 1 {
			text += ": " + short(values.Items[i].String())
		}
		row.Cells = append(row.Cells, lab.Cell{Text: lab.Plain(s.Fields[i].Name)}, lab.Cell{Text: lab.Plain(text)})
	}
	if pair.others > 0 {
		row.Cells = append(row.Cells, lab.Cell{Text: lab.Text{En: "rest", Zh: "其他"}, Look: lab.Faded}, lab.Cell{Text: lab.Plain(strconv.Itoa(pair.others)), Look: lab.Faded})
	}
	return []lab.Row{name, size, row}
}

// short cuts a value to what a cell can show.
func short(s string) string {
	const most = 18
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

// readerRows show what the reader makes of each of its fields.
func (w *codecWorld) readerRows(r *codecReader) []lab.Row {
	pair := &w.pairs[r.member]
	verdict := lab.Cell{Text: lab.Plain("-"), Look: lab.Faded}
	if r.knows {
		verdict = lab.Cell{Text: resultWords[r.worst], Color: resultColors[r.worst], Look: resultLooks[r.worst]}
	}
	row := lab.Row{Label: versioned("reads", "读到", pair.newReader), Form: lab.Table}
	// What is not plainly kept comes first: a small card cuts the rest.
	outcomes := slices.Clone(r.outcomes)
	slices.SortStableFunc(outcomes, func(a, b codec.Outcome) int { return int(b.Result) - int(a.Result) })
	for _, o := range outcomes {
		look, color := resultLooks[o.Result], resultColors[o.Result]
		row.Cells = append(row.Cells, lab.Cell{Text: lab.Plain(o.Def.Name), Look: look, Color: color}, lab.Cell{Text: lab.Plain(short(o.Got.String())), Look: look, Color: color})
	}
	return []lab.Row{{Cells: []lab.Cell{verdict}}, row}
}

func (w *codecWorld) inspect(node sim.NodeID) []lab.Fact {
	c, r := w.split(node)
	switch {
	case c != nil:
		return w.inspectWriter(c)
	case r != nil:
		return w.inspectReader(r)
	}
	return nil
}

func (w *codecWorld) inspectWriter(c *codecWriter) []lab.Fact {
	pair := &w.pairs[c.member]
	s := w.plan.schema(pair.newWriter)
	fields := lab.Fact{Label: lab.Text{En: "writes by", Zh: "结构定义"}, Value: lab.Plain(s.Name)}
	for i := range s.Fields {
		d := &s.Fields[i]
		fields.Parts = append(fields.Parts, lab.Fact{Label: lab.Plain(strconv.Itoa(d.Number) + " " + d.Name), Value: lab.Plain(d.Kind())})
	}
	return []lab.Fact{
		{Label: lab.Text{En: "format", Zh: "格式"}, Value: codecName(w.plan.formats[c.member])},
		{Label: lab.Text{En: "orders sent", Zh: "发出的订单"}, Value: lab.Plain(strconv.Itoa(pair.sent))},
		{Label: lab.Text{En: "receipt", Zh: "回执"}, Value: lab.Plain(c.receipt.String())},
		fields,
	}
}

func (w *codecWorld) inspectReader(r *codecReader) []lab.Fact {
	s := w.plan.schema(w.pairs[r.member].newReader)
	fields := lab.Fact{Label: lab.Text{En: "reads by", Zh: "结构定义"}, Value: lab.Plain(s.Name)}
	for _, o := range r.outcomes {
		words := resultWords[o.Result]
		got := o.Got.String()
		fields.Parts = append(fields.Parts, lab.Fact{Label: lab.Plain(strconv.Itoa(o.Def.Number) + " " + o.Def.Name),
			Value: lab.Text{En: got + " (" + words.En + ")", Zh: got + "（" + words.Zh + "）"}})
	}
	facts := []lab.Fact{{Label: lab.Text{En: "unknown fields skipped", Zh: "跳过的未知字段"}, Value: lab.Plain(strconv.Itoa(r.unknown))}, fields}
	if r.err != nil {
		facts = append(facts, lab.Fact{Label: lab.Text{En: "why refused", Zh: "拒收的原因"}, Value: lab.Plain(r.err.Error())})
	}
	return facts
}
