package queue

import (
	"grapevine/protocols/kafka/table"
	"grapevine/protocols/kafka/wire"
	"grapevine/wasm/sim"
)

// tableHouse is a node with a table.
type tableHouse struct {
	wires
	w     *cluster
	disk  *sim.Disk
	table *table.Table // nil: the disk cannot be used
}

// tableHost is its name in the network's own addresses.
const tableHost = "table-0"

// tableBytes is how large a table is.
const tableBytes = 4 << 20

func (b *tableHouse) Start(h *sim.Host) {
	p := &b.w.plan
	b.disk = b.w.tableDisks.Member(0)
	var err error
	b.table, err = table.New(int64(h.Now()), table.Config{
		Topic: p.topics[len(p.topics)-1], Host: tableHost, Port: insidePort, Rows: int64(tableBytes / p.size), RowBytes: p.size, FlushEach: p.settings.FlushEach,
		Key: func(value []byte) (int64, bool) {
			number, ok := b.w.ledger.number(value)
			return int64(number), ok
		},
	}, &disk{Disk: b.disk, ctx: h.Ctx})
	if err != nil {
		h.Note(noteBroken, 0)
		return
	}
	accept := func(int64, uint16) wire.Conn { return b.table.Accept() }
	b.wires = wires{machine: b.table, accept: accept, settle: b.settle, kinds: b.w.kinds(h.Self())}
	h.Listen(insidePort)
	b.settle(h)
}

func (b *tableHouse) settle(h *sim.Host) {
	for e, ok := b.table.Poll(); ok; e, ok = b.table.Poll() {
		if e.Kind == table.Send {
			b.send(e.Conn)
		} else {
			b.hangup(e.Conn)
		}
	}
	b.arm(h)
}

func (b *tableHouse) Wake(h *sim.Host, t sim.Timer) {
	if t == timerMachine {
		b.tick(h)
	}
	b.settle(h)
}
