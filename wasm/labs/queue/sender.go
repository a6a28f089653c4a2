package queue

import (
	"cmp"
	"fmt"

	"grapevine/protocols/kafka/client"
	"grapevine/wasm/sim"
)

// sender is a node with a producer: a program that writes orders.
type sender struct {
	wires
	w        *cluster
	member   int
	client   *client.Client
	producer *client.Producer
	value    []byte // of the order that is being made
	due      bool   // an order is
	extra    int    // orders that the visitor asked for
	txn      transaction
	why      error // why the producer is of no more use
}

const timerMake = timersOwn

func (s *sender) Start(h *sim.Host) {
	name := fmt.Sprintf("producer-%d", s.member)
	s.w.ledger.forget(h.Now(), s.member)
	s.w.forgetTransaction(h.Now(), s.member)
	to := s.w.clientConfig(name, h)
	if s.w.writesTable(s.member) {
		to.Bootstrap = []client.Address{{Host: tableHost, Port: insidePort}}
	}
	s.client = client.New(to)
	s.wires = clientWires(s.client, s.w.kinds(h.Self()), s.settle)
	config := s.w.plan.produce
	if s.w.plan.txn > 0 {
		config.TransactionalID = name
	}
	p, err := s.client.NewProducer(int64(h.Now()), config)
	if err != nil {
		panic("queue: " + err.Error()) // the plan contradicts itself
	}
	s.producer, s.due = p, true
	s.work(h)
	s.settle(h)
}

// work makes the orders that are due.
func (s *sender) work(h *sim.Host) {
	p, l := &s.w.plan, &s.w.ledger
	if !s.w.open() {
		if s.due {
			s.due = false
			h.After(openPause, timerMake)
		}
		return
	}
	for s.why == nil && s.producer.Pending() < s.most() {
		if s.full() {
			if !s.due {
				return
			}
			s.endTransaction(h)
		}
		planned := l.made[s.member] < p.records && s.due
		if !planned && s.extra == 0 || !s.inTransaction(h) {
			return
		}
		s.make(h)
		switch {
		case !planned:
			s.extra--
		case p.every > 0:
			s.due = false
			h.After(p.every, timerMake)
		}
	}
}

// done says whether nothing more is to be expected of the sender.
func (s *sender) done() bool {
	l := &s.w.ledger
	return s.why != nil || l.made[s.member] >= s.w.plan.records && l.waiting[s.member] == 0 && s.extra == 0 && !s.txn.open
}

// maxPending is how many orders a producer may have under way, and
// maxPendingBytes how many bytes of them: Kafka's buffer.memory.
const (
	maxPending      = 5000
	maxPendingBytes = 32 << 20
)

func (s *sender) most() int {
	return cmp.Or(s.w.plan.window, min(maxPending, max(1, maxPendingBytes/s.w.plan.size)))
}

// make sends one order.
func (s *sender) make(h *sim.Host) {
	p, l := &s.w.plan, &s.w.ledger
	which := -1
	if p.keys > 0 {
		which = h.Ctx().Intn(p.keys)
	}
	topic := l.made[s.member] % len(p.topics)
	if p.table {
		topic = s.member
	}
	number := l.begin(h.Now(), s.member, which, topic)
	h.Note(noteSent, note(number, 0, 0))
	s.value = l.value(s.value[:0], number, p.size)
	err := s.producer.Send(int64(h.Now()), client.Message{Topic: p.topics[topic], Partition: client.AnyPartition,
		Key: key(which), Value: s.value, ID: uint64(number)})
	if s.txn.open {
		in := &s.w.inTxn[s.member]
		in.orders = append(in.orders, number)
	}
	if err != nil {
		l.settle(h.Now(), number, failed, -1, -1)
		h.Note(noteFailed, note(number, 0, 0))
	}
}

// settle hands on what the machine says, until it says nothing more.
func (s *sender) settle(h *sim.Host) {
	for {
		s.w.drain(h, &s.wires, s.client)
		e, ok := s.producer.Poll()
		if !ok {
			break
		}
		s.heard(h, e)
		s.work(h)
	}
	s.arm(h)
}

func (s *sender) heard(h *sim.Host, e client.ProducerEvent) {
	l := &s.w.ledger
	switch e.Kind {
	case client.Acked:
		l.settle(h.Now(), int(e.ID), acked, e.Partition, e.Offset)
		h.Note(noteAcked, note(int(e.ID), e.Partition, e.Offset))
	case client.Failed:
		l.settle(h.Now(), int(e.ID), failed, -1, -1)
		h.Note(noteFailed, note(int(e.ID), 0, 0))
	case client.Fatal:
		s.why = e.Err
	default:
		s.transacted(h, e)
	}
}

// What a visitor may order.
const (
	orderRecord = "record" // send one more
	orderAbort  = "abort"  // take back the open transaction
)

// maxExtra is how many records may be ordered and not be sent yet.
const maxExtra = 100

func (*sender) Accepts(args []string) error {
	if len(args) == 1 && (args[0] == orderRecord || args[0] == orderAbort) {
		return nil
	}
	return fmt.Errorf("producers take the orders %q and %q", orderRecord, orderAbort)
}

func (s *sender) Order(h *sim.Host, args []string) {
	switch args[0] {
	case orderRecord:
		s.extra = min(s.extra+1, maxExtra)
		s.work(h)
	case orderAbort:
		if s.txn.open && !s.txn.ending {
			s.abort(h)
		}
	}
	s.settle(h)
}

func (s *sender) Wake(h *sim.Host, t sim.Timer) {
	if t == timerMachine {
		s.tick(h)
	} else {
		s.due = true
		s.work(h)
	}
	s.settle(h)
}
