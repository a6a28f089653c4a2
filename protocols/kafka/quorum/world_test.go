package quorum

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/wire"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// disk is a log.Disk that takes time to sync, and loses what is not synced.
type disk struct {
	*log.Memory
	syncMicros int64
	syncs      map[string][]syncing
}

type syncing struct{ at, size int64 }

func (d *disk) Sync(now int64, file string) (int64, error) {
	size, _ := d.Size(file)
	at := now + d.syncMicros
	d.syncs[file] = append(d.syncs[file], syncing{at, size})
	return at, nil
}

func (d *disk) Rename(now int64, from, to string) error {
	d.syncs[to] = d.syncs[from]
	delete(d.syncs, from)
	return d.Memory.Rename(now, from, to)
}

func (d *disk) Delete(now int64, file string) error {
	delete(d.syncs, file)
	return d.Memory.Delete(now, file)
}

func (d *disk) Truncate(now int64, file string, size int64) error {
	for i := range d.syncs[file] {
		d.syncs[file][i].size = min(d.syncs[file][i].size, size)
	}
	return d.Memory.Truncate(now, file, size)
}

// crash loses what no sync has made safe by now, or part of it.
func (d *disk) crash(now int64, luck *prototest.Rand) {
	safeNow := map[string][]syncing{}
	for _, file := range d.List("") {
		b := d.Contents(file)
		safe := int64(0)
		for _, s := range d.syncs[file] {
			if s.at <= now {
				safe = max(safe, s.size)
			}
		}
		safe = min(safe, int64(len(b)))
		safe += int64(luck.Below(len(b) - int(safe) + 1))
		d.Put(file, b[:safe])
		safeNow[file] = []syncing{{now, safe}}
	}
	d.syncs = safeNow
}

// world is a quorum on a network with faults, whose claims are checked as they
// are made.
type world struct {
	prototest.Agenda
	t       *testing.T
	luck    *prototest.Rand
	nodes   []*member
	tokens  uint64
	asked   map[uint64]question
	cut     map[[2]int32]bool
	lossPpm int
	fragile bool // a node may crash when it has just voted
	voters  int

	leaders   map[int32]int32 // by epoch
	committed []string        // batches, by what any node said first
	offsets   []int64         // where they end
	values    int
	sent      int
}

type member struct {
	id   int32
	disk *disk
	node *Node
	life int
	next int64 // how many batches it has handed out
	tick int64 // for when a Tick is planned
}

type question struct {
	from, to int32
	life     int
	id       uint64
	request  kmsg.Request
}

func newWorld(t *testing.T, seed uint64, voters, observers int) *world {
	w := &world{t: t, luck: prototest.NewRand(seed), asked: map[uint64]question{}, cut: map[[2]int32]bool{}, leaders: map[int32]int32{}, voters: voters}
	for i := range voters + observers {
		m := &member{id: int32(i + 1), disk: &disk{log.NewMemory(), int64(w.luck.Below(20_000)), map[string][]syncing{}}}
		w.nodes = append(w.nodes, m)
	}
	for _, m := range w.nodes {
		w.start(m, voters)
	}
	return w
}

func (w *world) config(id int32, voters int) Config {
	c := Config{Self: id, ClusterID: "c", Rand: func() uint64 { return uint64(w.luck.Below(math.MaxInt32)) }}
	for i := range voters {
		c.Voters = append(c.Voters, int32(i+1))
	}
	return c
}

func (w *world) start(m *member, voters int) {
	var err error
	if m.node, err = New(w.Now, w.config(m.id, voters), m.disk); err != nil {
		w.t.Fatal(err)
	}
	m.life++
	m.next, m.tick = 0, 0
	w.drain(m)
}

func (w *world) crash(m *member) {
	m.node = nil
	m.disk.crash(w.Now, w.luck)
	for _, token := range slices.Sorted(maps.Keys(w.asked)) {
		if q := w.asked[token]; q.to == m.id {
			w.failed(token, q) // its connections end
		}
	}
}

// drain takes all a node has to say, and plans its next Tick.
func (w *world) drain(m *member) {
	n := m.node
	if n == nil {
		return
	}
	for e, ok := n.Poll(); ok; e, ok = n.Poll() {
		switch e.Kind {
		case Request:
			w.tokens++
			q := question{m.id, e.To, m.life, e.ID, e.Request}
			w.asked[w.tokens] = q
			w.ask(w.tokens, q)
			if _, ok := e.Request.(*kmsg.VoteRequest); ok {
				w.voted(m)
			}
		case Reply:
			w.reply(m.id, e.Token, e.Response)
			if _, ok := e.Response.(*kmsg.VoteResponse); ok {
				w.voted(m)
			}
		}
	}
	if n.Err() != nil {
		w.t.Fatalf("node %d: %v", m.id, n.Err())
	}
	if n.State() == Leader {
		_, epoch := n.Leader()
		if other, ok := w.leaders[epoch]; ok && other != m.id {
			w.t.Fatalf("epoch %d has leaders %d and %d", epoch, other, m.id)
		}
		w.leaders[epoch] = m.id
	}
	for b, ok := n.Committed(w.Now); ok; b, ok = n.Committed(w.Now) {
		w.check(m, b)
	}
	if at := n.Deadline(); at < never && (m.tick <= w.Now || at < m.tick) {
		at = max(at, w.Now+1)
		m.tick = at
		life := m.life
		w.After(at-w.Now, func() {
			if m.node != nil && m.life == life && m.tick == w.Now {
				m.tick = 0
				m.node.Tick(w.Now)
				w.drain(m)
			}
		})
	}
}

// voted lets a node that has just voted, or asked for votes, crash now and
// then, and come back at once: when it could have forgotten.
func (w *world) voted(m *member) {
	if !w.fragile || w.luck.Below(20) > 0 {
		return
	}
	life := m.life
	w.After(int64(w.luck.Below(5_000)), func() {
		if m.node != nil && m.life == life {
			w.crash(m)
			w.start(m, w.voters)
		}
	})
}

// check compares what a node says is committed with what any has said before.
func (w *world) check(m *member, b []byte) {
	for len(b) > 0 {
		h, size, err := batch.Parse(b)
		if err != nil {
			w.t.Fatal(err)
		}
		text := string(b[:size])
		if m.next == int64(len(w.committed)) {
			w.committed = append(w.committed, text)
			w.offsets = append(w.offsets, h.Next())
		}
		if w.committed[m.next] != text {
			w.t.Fatalf("node %d has another batch %d committed, offset %d", m.id, m.next, h.BaseOffset)
		}
		m.next++
		b = b[size:]
	}
}

func (w *world) passes(from, to int32) bool {
	return !w.cut[[2]int32{from, to}] && w.luck.Below(1_000_000) >= w.lossPpm
}

func (w *world) delay() int64 { return int64(500 + w.luck.Below(10_000)) }

func (w *world) ask(token uint64, q question) {
	w.sent++
	if !w.passes(q.from, q.to) {
		w.failed(token, q)
		return
	}
	b := q.request.AppendTo(nil)
	w.After(w.delay(), func() {
		m := w.nodes[q.to-1]
		if _, ok := w.asked[token]; !ok {
			return // the connection ended meanwhile
		}
		if m.node == nil {
			w.failed(token, q)
			return
		}
		r := wire.Find(q.request.Key()).New()
		r.SetVersion(q.request.GetVersion())
		if err := r.ReadFrom(b); err != nil {
			w.t.Fatal(err)
		}
		m.node.Handle(w.Now, token, r)
		w.drain(m)
	})
}

// failed tells who asked that there is no answer; now and then it is never told.
func (w *world) failed(token uint64, q question) {
	delete(w.asked, token)
	if w.luck.Below(3) == 0 {
		return
	}
	w.After(w.delay(), func() { w.answer(q, nil) })
}

func (w *world) reply(from int32, token uint64, r kmsg.Response) {
	q, ok := w.asked[token]
	if !ok {
		w.t.Fatalf("node %d answers %d, which nobody waits for", from, token)
	}
	delete(w.asked, token)
	if !w.passes(from, q.from) {
		w.failed(token, q)
		return
	}
	b := r.AppendTo(nil)
	w.After(w.delay(), func() {
		r := q.request.ResponseKind()
		if err := r.ReadFrom(b); err != nil {
			w.t.Fatal(err)
		}
		w.answer(q, r)
	})
}

func (w *world) answer(q question, r kmsg.Response) {
	m := w.nodes[q.from-1]
	if m.node == nil || m.life != q.life {
		return
	}
	m.node.Received(w.Now, q.id, r)
	w.drain(m)
}

// propose gives a value to whoever thinks that it leads.
func (w *world) propose() {
	for _, m := range w.nodes {
		if m.node == nil || m.node.State() != Leader {
			continue
		}
		w.values++
		_, err := m.node.Propose(w.Now, [][]byte{fmt.Appendf(nil, "value %d", w.values)})
		if err != nil {
			w.t.Fatal(err)
		}
		w.drain(m)
	}
}

func (w *world) leader() *member {
	for _, m := range w.nodes {
		if m.node != nil && m.node.Ready() {
			if others := slices.ContainsFunc(w.nodes, func(o *member) bool {
				l, _ := o.node.Leader()
				return l != m.id
			}); !others {
				return m
			}
		}
	}
	return nil
}

// settles asks that, with all faults gone, all agree on a leader and on a new
// value before long.
func (w *world) settles() {
	w.cut, w.lossPpm = map[[2]int32]bool{}, 0
	w.Run(w.Now + 20_000_000)
	m := w.leader()
	if m == nil {
		for _, m := range w.nodes {
			l, e := m.node.Leader()
			w.t.Logf("node %d: %v, leader %d, epoch %d, end %d, high watermark %d", m.id, m.node.State(), l, e, m.node.End(), m.node.HighWatermark())
		}
		w.t.Fatal("no leader 20 s after the last fault")
	}
	before := len(w.committed)
	w.propose()
	w.Run(w.Now + 2_000_000)
	if len(w.committed) <= before {
		w.t.Fatal("nothing is decided 2 s after it was proposed")
	}
	for _, m := range w.nodes {
		if m.next != int64(len(w.committed)) {
			w.t.Fatalf("node %d knows %d batches of %d", m.id, m.next, len(w.committed))
		}
	}
}
