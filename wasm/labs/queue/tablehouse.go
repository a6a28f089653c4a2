package queue

import "grapevine/wasm/sim"

// tableHouse is a node with a table.
type tableHouse struct {
	wires
	w     *cluster
	table *table
}

// tableHost is its name in the network's own addresses.
const tableHost = "table-0"

// tableBytes is how large a table is.
const tableBytes = 4 << 20

func (b *tableHouse) Start(h *sim.Host) {
	p := &b.w.plan
	b.table = newTable(int64(h.Now()), table{
		disk:  &disk{Disk: b.w.tableDisks.Member(0), ctx: h.Ctx},
		topic: p.topics[len(p.topics)-1], host: tableHost, rows: int64(tableBytes / p.size), rowBytes: p.size, flushEach: p.settings.FlushEach,
		key: func(value []byte) (int64, bool) {
			number, ok := b.w.ledger.number(value)
			return int64(number), ok
		},
	})
	b.wires = wires{machine: b.table, accept: b.table.accept, settle: b.settle, kinds: b.w.kinds(h.Self())}
	h.Listen(insidePort)
	b.settle(h)
}

func (b *tableHouse) settle(h *sim.Host) {
	t := b.table
	for _, c := range t.sends {
		b.send(c)
	}
	for _, c := range t.hangups {
		b.hangup(c)
	}
	t.sends, t.hangups = t.sends[:0], t.hangups[:0]
	b.arm(h)
}

func (b *tableHouse) Wake(h *sim.Host, t sim.Timer) {
	if t == timerMachine {
		b.tick(h)
	}
	b.settle(h)
}
