package queue

import (
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/wire"
	"grapevine/wasm/sim"
)

// house is a node with a broker.
type house struct {
	wires
	w        *cluster
	member   int
	broker   *broker.Broker
	disk     *disk
	unfenced bool                    // it may lead
	why      error                   // why there is no broker: its disk cannot be used
	windows  map[topicPart]*windowOf // for the card; only looked up
	left     map[topicPart]int64     // of a dead broker: where its logs end on its disk; only looked up
}

// maxVoters is how many brokers, the first ones, are controllers as well.
const maxVoters = 3

func (b *house) Start(h *sim.Host) {
	p := &b.w.plan
	config := broker.Config{ID: int32(b.member), ClusterID: "grapevine", Rand: h.Rand, Wall: wall, FromFirst: true, Settings: p.settings,
		Listeners: []broker.Listener{{Name: "INSIDE", Host: host(b.member), Port: insidePort}}}
	if len(b.w.outside) > 0 {
		at := b.w.outside[b.member]
		config.Listeners = append(config.Listeners, broker.Listener{Name: "OUTSIDE", Host: at.Host, Port: at.Port})
	}
	for i := range min(p.brokers, maxVoters) {
		config.Voters = append(config.Voters, int32(i))
	}
	b.disk = &disk{Disk: b.w.disks.Member(b.member), ctx: h.Ctx}
	if b.broker, b.why = broker.New(int64(h.Now()), config, b.disk); b.why != nil {
		h.Note(noteBroken, 0)
		return
	}
	b.wires = wires{machine: b.broker, accept: b.accept, window: b.broker.Window, keeps: true, settle: b.settle, kinds: b.w.kinds(h.Self())}
	h.Listen(insidePort)
	h.Listen(outsidePort)
	b.settle(h)
}

// accept names a connection that came in: those from inside come to the first
// listener, those from outside to the second.
func (b *house) accept(now int64, port uint16) wire.Conn {
	listener := 0
	if port == outsidePort && len(b.w.outside) > 0 {
		listener = 1
	}
	return b.broker.Accept(now, listener)
}

// settle hands on what the broker says, until it says nothing more.
func (b *house) settle(h *sim.Host) {
	for e, ok := b.broker.Poll(); ok; e, ok = b.broker.Poll() {
		switch e.Kind {
		case broker.Dial:
			b.dial(h, e.Conn, b.w.broker(int(e.Node)), insidePort)
		case broker.Send:
			b.send(e.Conn)
		case broker.Room:
			b.room(h, e.Conn)
		case broker.Hangup:
			b.hangup(e.Conn)
		default:
			b.w.told(h, b.member, &e)
		}
	}
	b.arm(h)
}

func (b *house) Wake(h *sim.Host, t sim.Timer) {
	if t == timerMachine {
		b.tick(h)
	}
	b.settle(h)
}
