package queue

import (
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
	due      bool // an order is
	txn      transaction
	why      error // why the producer is of no more use
}

const timerMake = timersOwn

func (s *sender) Start(h *sim.Host) {
	name := fmt.Sprintf("producer-%d", s.member)
	s.client = client.New(s.w.clientConfig(name, h))
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
	for s.why == nil && l.made[s.member] < p.records && s.due && s.producer.Pending() < maxPending && s.inTransaction(h) {
		s.make(h)
		s.endTransaction(h)
		if p.every > 0 {
			s.due = false
			h.After(p.every, timerMake)
		}
	}
}

// maxPending is how many orders a producer may have under way.
const maxPending = 5000

// make sends one order.
func (s *sender) make(h *sim.Host) {
	p, l := &s.w.plan, &s.w.ledger
	which := -1
	if p.keys > 0 {
		which = h.Ctx().Intn(p.keys)
	}
	topic := l.made[s.member] % len(p.topics)
	number := l.begin(h.Now(), s.member, which, topic)
	h.Note(noteSent, note(number, 0, 0))
	err := s.producer.Send(int64(h.Now()), client.Message{Topic: p.topics[topic], Partition: client.AnyPartition,
		Key: key(which), Value: l.value(nil, number, p.size), ID: uint64(number)})
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

func (s *sender) Wake(h *sim.Host, t sim.Timer) {
	if t == timerMachine {
		s.tick(h)
	} else {
		s.due = true
		s.work(h)
	}
	s.settle(h)
}
