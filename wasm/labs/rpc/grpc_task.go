package rpc

import (
	"errors"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
	"grapevine/wasm/sim"
)

// shopTask is a thread of a client's program, which makes one call after the
// other.
type shopTask struct {
	number int
	extra  bool // ordered by a visitor: it makes one call
	step   shopStep
	kind   callKind
	wrong  mistake
	call   *grpc.Call
	wire   *grpcWire
	place  int
	due    [taskTimers]sim.Time // never for those that are not set

	sent, received int
	item           string // that it haggles about
	offer          pb.Offer
	stalled        bool // what it wants to send next has to wait
}

// shopStep says where a task is.
type shopStep uint8

const (
	shopResting shopStep = iota // between two calls
	shopWaiting                 // it wants to call, and there is no room
	shopCalling
	shopDone // it has made all its calls
)

// taskTimer is what a task waits for.
type taskTimer = sim.Timer

const (
	nextCall taskTimer = iota
	nextMessage
	hasRead
	taskTimers // how many there are
)

// never stands for a timer that is not set.
const never sim.Time = -1

func (c *shopper) set(h *sim.Host, t *shopTask, what taskTimer, after sim.Time) {
	t.due[what] = h.Now() + after
	h.After(after, timerTask+sim.Timer(t.number)*taskTimers+what)
}

// advance does what a task waited for.
func (c *shopper) advance(h *sim.Host, t *shopTask, what taskTimer) {
	switch {
	case what == nextCall && t.step == shopResting:
		c.choose(h, t)
	case t.step != shopCalling:
	case what == nextMessage:
		c.send(h, t)
		t.wire.pump(h, c)
	case what == hasRead:
		c.react(h, t)
		t.call.Resume()
		t.wire.pump(h, c)
	}
}

// choose decides what a task of the program calls next.
func (c *shopper) choose(h *sim.Host, t *shopTask) {
	p := &c.w.plan
	n := c.w.begun[c.member]
	if n >= p.each {
		t.step = shopDone
		c.w.runs(c.member, -1)
		return
	}
	c.w.begun[c.member]++
	t.kind, t.wrong = p.kind, noMistake
	if p.mix {
		t.kind = callKind((c.member + n) % int(kindsOfCall))
	}
	if p.mistakes > 0 && h.Ctx().Chance(p.mistakes) {
		t.kind, t.wrong = unary, mistake(1+h.Ctx().Intn(int(mistakes)-1))
	}
	c.call(h, t)
}

// methods are those of the kinds of call.
var methods = [...]string{unary: pb.ShopPrice, serverStream: pb.ShopBrowse, clientStream: pb.ShopBuy, bothStream: pb.ShopHaggle}

// call begins a task's call, or lets it wait for a connection.
func (c *shopper) call(h *sim.Host, t *shopTask) {
	t.step = shopWaiting
	if c.wire == nil || !c.ready {
		return
	}
	method := methods[t.kind]
	if t.wrong == noSuchMethod {
		method = unknownMethod
	}
	call, err := c.wire.conn.Call(int64(h.Now()), method, grpc.Options{Metadata: c.metadata(h), TimeoutMicros: int64(c.w.plan.deadline)})
	if err != nil {
		return // no room: it is tried again when a call ends, or with the next connection
	}
	t.step, t.call, t.wire = shopCalling, call, c.wire
	t.sent, t.received, t.stalled, t.due = 0, 0, false, [...]sim.Time{never, never, never}
	call.User = t
	t.place = c.w.begin(h.Now(), t.wire.track, purchase{client: c.member, kind: t.kind, mistake: t.wrong, stream: call.Stream(), server: t.wire.track.server})
	h.Note(shopCalls, c.note(t))
	c.first(h, t)
	t.wire.pump(h, c)
}

// first sends what a call begins with.
func (c *shopper) first(h *sim.Host, t *shopTask) {
	good := c.w.goods[t.place%3]
	item := &pb.Item{Name: good.Name, Count: int32(1 + t.place%4)}
	switch t.kind {
	case unary:
		switch t.wrong {
		case noSuchGood:
			item.Name = "unicorn"
		case badCount:
			item.Count = -1
		}
		c.sends(h, t, item, true)
	case serverStream:
		c.sends(h, t, &pb.Shelf{Name: shelf}, true)
	case clientStream:
		c.send(h, t)
	case bothStream:
		t.offer = pb.Offer{Name: good.Name, Cents: good.Cents / 2}
		c.sends(h, t, &t.offer, false)
	}
}

// send sends the next message of a client's stream, or as many as there are if
// they take no time.
func (c *shopper) send(h *sim.Host, t *shopTask) {
	p := &c.w.plan
	for t.sent < p.messages && !t.stalled {
		good := c.w.item(t.sent)
		c.sends(h, t, &pb.Item{Name: good.Name, Count: 1}, t.sent == p.messages-1)
		if t.call.State() == grpc.Over {
			return
		}
		if p.gap > 0 && t.sent < p.messages {
			c.set(h, t, nextMessage, p.gap)
			return
		}
	}
}

// sends sends one message. That the call is over its Finished event will tell.
func (c *shopper) sends(h *sim.Host, t *shopTask, m grpc.Message, last bool) {
	var err error
	if last {
		err = t.call.SendLast(m)
	} else {
		err = t.call.Send(m)
	}
	if errors.Is(err, grpc.ErrOver) {
		return
	}
	t.sent++
	c.w.tally.asked++
	if t.call.Queued() > 0 && !t.stalled {
		t.stalled = true
		c.w.tally.stalls++
		h.Note(shopStalls, c.note(t))
	}
}

// flows goes on with a call whose window is open again.
func (c *shopper) flows(h *sim.Host, t *shopTask) {
	t.stalled = false
	h.Note(shopFlows, c.note(t))
	if t.kind == clientStream && t.due[nextMessage] == never {
		c.send(h, t)
	}
}

// received takes a message of the server's, which takes some time to read.
func (c *shopper) received(h *sim.Host, t *shopTask, message []byte) {
	t.received++
	c.w.tally.answered++
	if t.kind == bothStream {
		// Only the haggler has to know what it says: the others count.
		t.offer = pb.Offer{}
		if protobuf.Unmarshal(message, &t.offer) != nil {
			t.call.Cancel()
			return
		}
	}
	if c.w.plan.read == 0 {
		c.react(h, t)
		return
	}
	t.call.Hold()
	c.set(h, t, hasRead, c.w.plan.read)
}

// react answers a message that was read: a haggler offers a tenth less than
// the shop asks, and at last what it asks.
func (c *shopper) react(h *sim.Host, t *shopTask) {
	c.w.tally.unread = max(c.w.tally.unread, t.call.Unread())
	if t.kind != bothStream {
		return
	}
	if t.offer.Accepted {
		t.call.CloseSend()
		return
	}
	if t.sent+1 < c.w.plan.messages {
		t.offer.Cents = t.offer.Cents * 9 / 10
	}
	c.sends(h, t, &t.offer, false)
}

// ended takes the end of a task's call.
func (c *shopper) ended(h *sim.Host, t *shopTask, s grpc.Status) {
	t.step, t.due = shopResting, [...]sim.Time{never, never, never}
	c.w.end(h.Now(), t.place, s.Code)
	c.last.status = s
	if c.last.codes = append(c.last.codes, s.Code); len(c.last.codes) > shownCodes {
		c.last.codes = c.last.codes[:copy(c.last.codes, c.last.codes[1:])]
	}
	h.Note(shopEnds, c.note(t))
	t.call = nil
	if t.extra {
		t.step = shopDone
		c.w.runs(c.member, -1)
	} else {
		c.set(h, t, nextCall, c.w.plan.think)
	}
	c.begin(h)
}

// note is the value of a note about a call: how many others its node has
// under way, and the call's place.
func (c *shopper) note(t *shopTask) int64 {
	calling := 0
	for _, other := range c.tasks {
		if other.step == shopCalling {
			calling++
		}
	}
	return shopNote(t.place, calling)
}

func shopNote(place, underWay int) int64 { return int64(underWay)<<32 | int64(uint32(place)) }
