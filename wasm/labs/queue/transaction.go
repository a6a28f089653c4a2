package queue

import (
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/sim"
)

// transaction is where a sender is in its transactions, if it makes any.
type transaction struct {
	ready  bool  // the producer may begin one
	open   bool  // one has begun
	ending bool  // it is being committed or aborted
	orders []int // in it
}

// inTransaction begins a transaction if there is none, and says whether an
// order may be sent.
func (s *sender) inTransaction(h *sim.Host) bool {
	t := &s.txn
	switch {
	case s.w.plan.txn == 0:
		return true
	case t.ending || !t.ready:
		return false
	case !t.open:
		t.open = s.producer.Begin(int64(h.Now())) == nil
	}
	return t.open
}

// endTransaction ends a transaction that has all its orders.
func (s *sender) endTransaction(h *sim.Host) {
	t, p := &s.txn, &s.w.plan
	if !t.open {
		return
	}
	t.orders = append(t.orders, len(s.w.ledger.orders)-1)
	if len(t.orders) < p.txn && s.w.ledger.made[s.member] < p.records {
		return
	}
	t.ending = true
	if h.Ctx().Chance(p.aborts) {
		s.abort(h)
	} else if s.producer.Commit(int64(h.Now())) != nil {
		s.abort(h)
	}
}

func (s *sender) abort(h *sim.Host) {
	s.txn.ending = true
	_ = s.producer.Abort(int64(h.Now())) // if it is refused, the producer says why by an event
}

// transacted takes what a producer says about its transactions.
func (s *sender) transacted(h *sim.Host, e client.ProducerEvent) {
	t := &s.txn
	switch e.Kind {
	case client.Initialized:
		t.ready = true
	case client.TxnBroken:
		s.abort(h)
	case client.TxnCommitted, client.TxnAborted:
		code := noteCommittedTxn
		if e.Kind == client.TxnAborted {
			code = noteAbortedTxn
			for _, number := range t.orders {
				s.w.ledger.abort(h.Now(), number)
			}
		}
		h.Note(code, int64(len(t.orders)))
		*t = transaction{ready: true, orders: t.orders[:0]}
	}
}
