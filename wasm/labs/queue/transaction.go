package queue

import (
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/sim"
)

// transaction is where a sender is in its transactions, if it makes any. Which
// orders are in it the world knows (cluster.inTxn), since a crash forgets it.
type transaction struct {
	ready  bool // the producer may begin one
	open   bool // one has begun
	ending bool // it is being committed or aborted
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

// full says whether the open transaction has all its orders.
func (s *sender) full() bool {
	n := len(s.w.inTxn[s.member].orders)
	return s.txn.open && !s.txn.ending && n > 0 && (n >= s.w.plan.txn || s.w.ledger.made[s.member] >= s.w.plan.records)
}

// endTransaction commits a transaction, or takes it back.
func (s *sender) endTransaction(h *sim.Host) {
	t, p := &s.txn, &s.w.plan
	in := &s.w.inTxn[s.member]
	if h.Ctx().Chance(p.aborts) {
		s.abort(h)
		return
	}
	t.ending, in.committing = true, true
	if s.producer.Commit(int64(h.Now())) != nil {
		s.abort(h)
	}
}

func (s *sender) abort(h *sim.Host) {
	s.txn.ending = true
	_ = s.producer.Abort(int64(h.Now())) // if it is refused, the producer says why by an event
}

// txnPause is how long a program that never pauses takes from one transaction
// to the next: one that is taken back before anything was sent takes no time.
const txnPause = sim.Millisecond

// transacted takes what a producer says about its transactions.
func (s *sender) transacted(h *sim.Host, e client.ProducerEvent) {
	switch e.Kind {
	case client.Initialized:
		s.txn.ready = true
	case client.TxnBroken:
		s.abort(h)
	case client.TxnCommitted, client.TxnAborted:
		in := &s.w.inTxn[s.member]
		code := noteCommittedTxn
		if e.Kind == client.TxnAborted {
			code = noteAbortedTxn
			for _, number := range in.orders {
				s.w.ledger.abort(h.Now(), number)
			}
		}
		h.Note(code, int64(len(in.orders)))
		in.orders, in.committing = in.orders[:0], false
		s.txn = transaction{ready: true}
		if s.w.plan.every == 0 && s.due {
			s.due = false
			h.After(txnPause, timerMake)
		}
	}
}

// txnOrders are the orders of a sender's open transaction.
type txnOrders struct {
	orders     []int
	committing bool // it has asked for that
}

// forgetTransaction ends the transaction that a sender's last life left open:
// the coordinator takes it back when the new life begins, unless the commit was
// under way.
func (w *cluster) forgetTransaction(now sim.Time, sender int) {
	in := &w.inTxn[sender]
	for _, number := range in.orders {
		if in.committing {
			w.ledger.doubt(number)
		} else {
			w.ledger.abort(now, number)
		}
	}
	in.orders, in.committing = in.orders[:0], false
}
