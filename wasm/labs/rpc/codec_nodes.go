package rpc

import (
	"fmt"

	"grapevine/protocols/rpc/codec"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// codecWriter is a client: it writes an order, sends it, and waits for the
// receipt.
type codecWriter struct {
	sim.Idle
	w       *codecWorld
	member  int
	waits   bool
	call    int // how many it has made in this life
	receipt codec.Value
}

// Timers of a codecWriter: the next call, and from timerGiveUp on, the end of
// its patience with a call.
const (
	timerWrite sim.Timer = iota
	timerGiveUp
)

// The packets' kinds.
const (
	kindOrder uint8 = iota
	kindReceipt
	kindRefusal
)

func (c *codecWriter) Start(h *sim.Host) {
	pair := &c.w.pairs[c.member]
	if pair.finished {
		return
	}
	h.After(0, timerWrite)
}

func (c *codecWriter) Wake(h *sim.Host, t sim.Timer) {
	if t != timerWrite {
		if c.waits && int(t-timerGiveUp) == c.call {
			h.Note(noteCodecUnanswered, 0)
			c.next(h)
		}
		return
	}
	c.write(h)
}

// write makes a call.
func (c *codecWriter) write(h *sim.Host) {
	p, pair := &c.w.plan, &c.w.pairs[c.member]
	format, schema := p.formats[c.member], p.schema(pair.newWriter)
	message := format.Write(schema, p.order(schema))
	pair.made++
	pair.sent++
	pair.bytes += len(message)
	if pair.last != len(message) {
		h.Note(noteCodecWrites, int64(len(message)))
	}
	pair.last = len(message)
	pair.fields, pair.others = codec.Sizes(schema, format.Read(schema, message).Field)
	c.call++
	c.waits = true
	port := p.port(c.member, pair.newWriter)
	h.SendTo(sim.NodeID(len(p.formats)+c.member), port, port, kindOrder, message)
	h.After(p.patience(), timerGiveUp+sim.Timer(c.call))
}

func (c *codecWriter) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	reading := c.w.plan.formats[c.member].Read(&codec.Receipt, payload)
	if reading.Err != nil || !c.waits {
		return // a second copy, or nothing that this client could read
	}
	c.receipt = reading.Value
	c.w.pairs[c.member].answered++
	c.next(h)
}

// next goes on to the next call, if there is to be one.
func (c *codecWriter) next(h *sim.Host) {
	p, pair := &c.w.plan, &c.w.pairs[c.member]
	c.waits = false
	if pair.made < p.calls {
		h.After(p.think, timerWrite)
	} else if !pair.finished {
		pair.finished = true
		c.w.done++
	}
}

// codecReader is a server: it reads an order by its own schema and answers.
type codecReader struct {
	sim.Idle
	w        *codecWorld
	member   int
	outcomes []codec.Outcome // of the latest order
	unknown  int
	err      error
	worst    codec.Result
	knows    bool // an order has come
}

func (c *codecReader) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	p, pair := &c.w.plan, &c.w.pairs[c.member]
	format := p.formats[c.member]
	schema, written := p.schema(pair.newReader), p.schema(port%2 == 1)
	reading := format.Read(schema, payload)
	if p.doubles && format.ID == "json" {
		reading.Value = reading.Value.AsDoubles()
	}
	// Only the lab knows what was meant; a real server could not tell.
	outcomes := codec.Compare(written, p.order(written), schema, reading)
	worst := codec.Worst(outcomes)
	if !c.knows || worst != c.worst {
		h.Note(noteCodecReads, int64(worst))
	}
	c.outcomes, c.unknown, c.err, c.worst, c.knows = outcomes, reading.Unknown, reading.Err, worst, true
	c.count(pair)
	answer, text, kind := true, "thank you", kindReceipt
	if reading.Err != nil {
		answer, text, kind = false, "bad order", kindRefusal
		pair.reason = reading.Err.Error()
	}
	message := format.Write(&codec.Receipt, codec.NewReceipt(p.id, answer, text))
	h.SendTo(from, port, fromPort, kind, message)
}

// count adds the latest reading to the pair's books.
func (c *codecReader) count(pair *codecPair) {
	seen := [codec.Denied + 1]bool{}
	for _, o := range c.outcomes {
		seen[o.Result] = true
		if o.Result == codec.Wrong || o.Result == codec.Defaulted && pair.wrongField == "" {
			pair.wrongField = fmt.Sprintf("%s = %v", o.Def.Name, o.Got)
		}
	}
	pair.refused += btoi(seen[codec.Denied])
	pair.wrong += btoi(seen[codec.Wrong])
	pair.taken += btoi(seen[codec.Defaulted])
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

var errCodecOrder = lab.Say("programs here take the order \"update\"", "这里的程序只接受命令“update”（升级）")

func codecAccepts(args []string) error {
	if len(args) != 1 || args[0] != "update" {
		return errCodecOrder
	}
	return nil
}

// Accepts takes "update".
func (c *codecWriter) Accepts(args []string) error { return codecAccepts(args) }

// Accepts takes "update".
func (c *codecReader) Accepts(args []string) error { return codecAccepts(args) }

// Order gives the program the new schema, from its next message on.
func (c *codecWriter) Order(h *sim.Host, _ []string) {
	c.w.pairs[c.member].newWriter = true
	h.Note(noteCodecUpdated, 0)
}

// Order gives the program the new schema, from its next message on.
func (c *codecReader) Order(h *sim.Host, _ []string) {
	c.w.pairs[c.member].newReader = true
	h.Note(noteCodecUpdated, 0)
}
