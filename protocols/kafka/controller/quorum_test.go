package controller

import (
	"fmt"
	"math"
	"testing"

	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/wire"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// trio is three nodes that are brokers and controllers, on a network that
// fails now and then. Each registers, and heartbeats, as a broker does.
type trio struct {
	prototest.Agenda
	t      testing.TB
	luck   *prototest.Rand
	nodes  [3]*trioNode
	tokens uint64
	asked  map[uint64]func(kmsg.Response)
	cut    [3][3]bool
	quiet  bool // no client

	texts map[int64]string // images by their end
	acked []string         // topics that were said to be made
}

type trioNode struct {
	id     int
	disk   *log.Memory
	n      *Node
	life   int
	tick   int64
	epoch  int64
	former int64
}

func newTrio(t testing.TB, seed uint64) *trio {
	w := &trio{t: t, luck: prototest.NewRand(seed), asked: map[uint64]func(kmsg.Response){}, texts: map[int64]string{}}
	for i := range w.nodes {
		w.nodes[i] = &trioNode{id: i, disk: log.NewMemory(), former: -1}
	}
	for _, m := range w.nodes {
		w.start(m)
	}
	return w
}

func (w *trio) start(m *trioNode) {
	n, err := New(w.Now, Config{Self: int32(m.id), Voters: []int32{0, 1, 2}, ClusterID: "c", Rand: func() uint64 { return uint64(w.luck.Below(math.MaxInt)) }}, m.disk)
	if err != nil {
		w.t.Fatal(err)
	}
	m.n, m.epoch, m.tick = n, -1, 0
	m.life++
	w.drain(m)
	w.live(m, m.life)
}

// live registers and heartbeats for as long as a life goes on.
func (w *trio) live(m *trioNode, life int) {
	if m.n == nil || m.life != life {
		return
	}
	next := int64(2_000_000)
	if m.epoch < 0 {
		r := kmsg.NewPtrBrokerRegistrationRequest()
		r.Version, r.BrokerID, r.ClusterID = 3, int32(m.id), "c"
		r.IncarnationID, r.PreviousBrokerEpoch = meta.ID{byte(m.id), byte(m.life), byte(m.life >> 8)}, m.former
		w.toLeader(m, r, func(resp kmsg.Response) {
			if a := resp.(*kmsg.BrokerRegistrationResponse); a.ErrorCode == 0 && m.life == life {
				m.epoch, m.former = a.BrokerEpoch, a.BrokerEpoch
			}
		})
		next = 500_000
	} else {
		r := kmsg.NewPtrBrokerHeartbeatRequest()
		r.Version, r.BrokerID, r.BrokerEpoch, r.CurrentMetadataOffset = 1, int32(m.id), m.epoch, m.n.Image().End()-1
		w.toLeader(m, r, func(kmsg.Response) {})
	}
	w.After(next, func() { w.live(m, life) })
}

func (w *trio) toLeader(m *trioNode, r kmsg.Request, do func(kmsg.Response)) {
	if leader, _ := m.n.Leader(); leader >= 0 {
		w.send(m.id, int(leader), r, func(resp kmsg.Response) {
			if resp != nil {
				do(resp)
			}
		})
	}
}

// send carries a request and its answer; nil when either is lost.
func (w *trio) send(from, to int, r kmsg.Request, do func(kmsg.Response)) {
	w.tokens++
	token := w.tokens
	life := w.nodes[from].life
	if w.cut[from][to] {
		w.After(50_000, func() { w.answer(from, life, nil, do) })
		return
	}
	b := r.AppendTo(nil)
	w.After(w.delay(), func() {
		m := w.nodes[to]
		if m.n == nil {
			w.After(w.delay(), func() { w.answer(from, life, nil, do) })
			return
		}
		in := wire.Find(r.Key()).New()
		in.SetVersion(r.GetVersion())
		if err := in.ReadFrom(b); err != nil {
			w.t.Fatal(err)
		}
		w.asked[token] = func(resp kmsg.Response) {
			if w.cut[to][from] {
				w.After(50_000, func() { w.answer(from, life, nil, do) })
				return
			}
			back := resp.AppendTo(nil)
			w.After(w.delay(), func() {
				out := r.ResponseKind()
				if err := out.ReadFrom(back); err != nil {
					w.t.Fatal(err)
				}
				w.answer(from, life, out, do)
			})
		}
		m.n.Handle(w.Now, token, in)
		w.drain(m)
	})
}

func (w *trio) answer(to, life int, resp kmsg.Response, do func(kmsg.Response)) {
	if m := w.nodes[to]; m.n != nil && m.life == life {
		do(resp)
		w.drain(m)
	}
}

func (w *trio) delay() int64 { return int64(500 + w.luck.Below(5_000)) }

func (w *trio) drain(m *trioNode) {
	if m.n == nil {
		return
	}
	for e, ok := m.n.Poll(); ok; e, ok = m.n.Poll() {
		switch e.Kind {
		case Reply:
			do := w.asked[e.Token]
			delete(w.asked, e.Token)
			do(e.Response)
		case Request:
			n := m.n
			w.send(m.id, int(e.To), e.Request, func(resp kmsg.Response) { n.Received(w.Now, e.ID, resp) })
		case Changed:
			w.same(m)
		}
	}
	if err := m.n.Err(); err != nil {
		w.t.Fatal(err)
	}
	if at := m.n.Deadline(); at != math.MaxInt64 && (m.tick <= w.Now || at < m.tick) {
		m.tick = max(at, w.Now+1)
		life := m.life
		w.After(m.tick-w.Now, func() {
			if m.n != nil && m.life == life && m.tick == w.Now {
				m.tick = 0
				m.n.Tick(w.Now)
				w.drain(m)
			}
		})
	}
}

// same asks that images of the same log are the same.
func (w *trio) same(m *trioNode) {
	image := m.n.Image()
	var s string
	for _, b := range image.Brokers() {
		s += fmt.Sprintf("broker %+v\n", *b)
	}
	for _, t := range image.Topics() {
		s += fmt.Sprintln(t.Name, t.ID, image.Settings(meta.Resource{Kind: meta.TopicKind, Name: t.Name}))
		for i := range t.Partitions {
			s += text(&t.Partitions[i]) + "\n"
		}
	}
	if other, ok := w.texts[image.End()]; ok && other != s {
		w.t.Fatalf("node %d at %d:\n%s\nanother had\n%s", m.id, image.End(), s, other)
	}
	w.texts[image.End()] = s
}

// create asks a node, whichever it is, for a topic.
func (w *trio) create() {
	w.tokens++
	name := fmt.Sprint("topic-", w.tokens)
	r := kmsg.NewPtrCreateTopicsRequest()
	r.Version = 7
	r.Topics = []kmsg.CreateTopicsRequestTopic{topic(name, int32(1+w.luck.Below(3)), int16(1+w.luck.Below(3)))}
	m := w.nodes[w.luck.Below(3)]
	if m.n == nil {
		return
	}
	w.asked[w.tokens] = func(resp kmsg.Response) {
		if resp.(*kmsg.CreateTopicsResponse).Topics[0].ErrorCode == 0 {
			w.acked = append(w.acked, name)
		}
	}
	m.n.Handle(w.Now, w.tokens, r)
	w.drain(m)
}

func (w *trio) fault() {
	m := w.nodes[w.luck.Below(3)]
	switch w.luck.Below(5) {
	case 0:
		m.n = nil
	case 1, 2:
		if m.n == nil {
			w.start(m)
		}
	case 3:
		w.cut[m.id][w.luck.Below(3)] = true
	case 4:
		w.cut = [3][3]bool{}
	}
}

func TestRandomFaults(t *testing.T) {
	made := 0
	for seed := range uint64(*seeds / 3) {
		w := newTrio(t, seed)
		for w.Now < 60_000_000 {
			w.After(int64(w.luck.Below(2_000_000)), w.fault)
			for range w.luck.Below(3) {
				w.After(int64(w.luck.Below(1_000_000)), w.create)
			}
			w.Run(w.Now + 1_000_000)
		}
		w.Run(w.Now + 2_000_000)
		w.cut = [3][3]bool{}
		for _, m := range w.nodes {
			if m.n == nil {
				w.start(m)
			}
		}
		w.Run(w.Now + 30_000_000)
		made += len(w.acked)
		for _, m := range w.nodes {
			for _, name := range w.acked {
				if m.n.Image().Topic(name) == nil {
					t.Fatalf("seed %d: topic %s was made, and node %d has none", seed, name, m.id)
				}
			}
			if m.n.Image().End() != w.nodes[0].n.Image().End() {
				t.Fatalf("seed %d: node %d is not where the others are", seed, m.id)
			}
			for _, b := range m.n.Image().Brokers() {
				if !b.Active() {
					t.Fatalf("seed %d: broker %d does not come back", seed, b.ID)
				}
			}
			for _, topic := range m.n.Image().Topics() {
				for _, p := range topic.Partitions {
					if p.Leader < 0 {
						t.Fatalf("seed %d: %s has no leader: %s", seed, topic.Name, text(&p))
					}
				}
			}
		}
	}
	if made < *seeds {
		t.Errorf("only %d topics were made", made)
	}
}

// What a cluster costs that does nothing: 60 virtual seconds of three nodes.
func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		w := newTrio(b, 1)
		w.Run(60_000_000)
	}
}
