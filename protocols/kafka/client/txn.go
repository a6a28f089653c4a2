package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/timers"
)

// txn is a producer's transactions, one after the other.
type txn struct {
	p      *Producer
	state  txnState
	err    error // why it is broken
	asking bool  // a request is under way
	paused bool
	alarm  timers.Timer[alarm]
	tries  int // of the present request

	coordinator *coordinator
	adding      []*target // to be told to the coordinator
	added       []*target
	offsets     []*groupOffsets
	touched     bool // the coordinator knows of something
	unsure      bool // it may know: a request that would tell it was not answered
	bump        bool // a new epoch is needed
	forgotten   bool // the coordinator does not know us any more
}

// groupOffsets are offsets that are to become part of the transaction.
type groupOffsets struct {
	group       GroupMetadata
	offsets     []Offset
	coordinator *coordinator // of the group
	added       bool         // the transaction's coordinator knows
}

func (t *txn) init(p *Producer) {
	t.p = p
	t.alarm.Of.txn = t
	if t.on() {
		t.coordinator = p.client.coordinator(txnCoordinator, p.config.TransactionalID)
		t.proceed()
	}
}

func (t *txn) on() bool { return t.p.config.TransactionalID != "" }

// move changes the state; false: that must not happen now.
func (t *txn) move(in txnInput) bool {
	next := txnMoves[t.state][in]
	if next == no {
		return false
	}
	t.state = next
	return true
}

// take is move for what the caller asks.
func (p *Producer) take(now int64, in txnInput, what string) error {
	p.client.enter(now)
	t := &p.txn
	switch {
	case !t.on():
		return &Misuse{what + " needs a TransactionalID"}
	case p.closed:
		return ErrClosed
	case p.fatal != nil:
		return p.fatal
	case in == commit && t.state == broken:
		return t.err
	case !t.move(in):
		return &Misuse{what + " while the transaction is " + t.state.String()}
	}
	return nil
}

// Begin begins a transaction. Errors: *Misuse (wait for Initialized,
// TxnCommitted or TxnAborted), and the one that was Fatal.
func (p *Producer) Begin(now int64) error {
	return p.take(now, begin, "Begin")
}

// SendOffsets makes a consumer's offsets part of the transaction; the next
// ones to be read, not the last read.
func (p *Producer) SendOffsets(now int64, group GroupMetadata, offsets []Offset) error {
	p.client.enter(now)
	if err := p.maySend(); err != nil {
		return err
	}
	if !p.txn.on() || group.Group == "" {
		return &Misuse{"SendOffsets needs a TransactionalID and a group"}
	}
	p.txn.offsets = append(p.txn.offsets, &groupOffsets{
		group: group, offsets: slices.Clone(offsets), coordinator: p.client.coordinator(groupCoordinator, group.Group),
	})
	p.txn.proceed()
	return nil
}

// Commit ends the transaction, once all its records are acknowledged:
// TxnCommitted or TxnBroken comes. Errors: *Misuse, and what broke it.
func (p *Producer) Commit(now int64) error {
	if err := p.take(now, commit, "Commit"); err != nil {
		return err
	}
	p.hurry()
	p.txn.proceed()
	return nil
}

// Abort ends the transaction, and gives up what has not been sent.
func (p *Producer) Abort(now int64) error {
	if err := p.take(now, abort, "Abort"); err != nil {
		return err
	}
	p.giveUpQueued(ErrAborted)
	p.txn.adding, p.txn.offsets = nil, nil
	p.txn.proceed()
	return nil
}

// Transaction is the state of a transactional producer, for people.
func (p *Producer) Transaction() string {
	if !p.txn.on() {
		return ""
	}
	return p.txn.state.String()
}

// maySend says why no record may be sent; nil: it may.
func (t *txn) maySend() error {
	switch {
	case !t.on() || t.state == within:
		return nil
	case t.state == broken:
		return t.err
	}
	return &Misuse{"no transaction has begun, it is " + t.state.String()}
}

// maySendTo says whether a partition's batches may go out.
func (t *txn) maySendTo(g *target) bool {
	return !t.on() || g.inTxn && (t.state == within || t.state == committing)
}

// needs has a partition added to the transaction, if it is not in it.
func (t *txn) needs(g *target) {
	if !t.on() || g.inTxn || slices.Contains(t.adding, g) {
		return
	}
	t.adding = append(t.adding, g)
	t.proceed()
}

// broke makes the transaction one that can only be aborted.
func (t *txn) broke(err error) {
	if !t.on() || t.state != within && t.state != committing {
		return
	}
	t.move(failed)
	t.err = err
	t.adding, t.offsets = nil, nil
	t.p.emit(ProducerEvent{Kind: TxnBroken, Partition: -1, Offset: -1, Err: err})
	t.p.giveUpQueued(err)
}

// breaks says whether an error of a batch is the end of its transaction, and
// ends it.
func (t *txn) breaks(b *outgoing, err error) bool {
	switch {
	case !t.on():
		return false
	case err == kerr.MessageTooLarge && len(b.ids) > 1:
		return false
	case err == kerr.OutOfOrderSequenceNumber && b.target.series.outstanding[0] != b:
		return false // an older one failed, and both come again
	case mayPass(err) && !sequenceLost(err):
		return t.state == broken || t.state == aborting // no need to try again
	}
	if final(err) {
		t.stop(err)
	} else {
		t.broke(err)
	}
	return true
}

// final says whether an error ends a transactional producer: another has taken
// its place, or it may not do this at all.
func final(err error) bool {
	switch err {
	case kerr.ProducerFenced, kerr.TransactionalIDAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.UnsupportedVersion:
		return true
	}
	return false
}

func (t *txn) stop(err error) {
	t.move(fenced)
	t.p.stop(err)
}

// proceed makes the next request, if there is one to be made.
func (t *txn) proceed() {
	if !t.on() || t.asking || t.paused || t.p.closed || t.state == over {
		return
	}
	live := t.state == within || t.state == committing
	switch {
	case t.state == able || t.state == broken:
	case t.coordinator.node < 0:
		t.find(t.coordinator)
	case t.state == initializing || t.state == bumping:
		t.identify()
	case live && len(t.adding) > 0:
		t.addPartitions()
	case live && len(t.offsets) > 0:
		t.sendOffsets(t.offsets[0])
	case t.state == committing && t.p.pending == 0, t.state == aborting && !t.p.hasFlying():
		t.end()
	}
}

func (p *Producer) hasFlying() bool {
	return slices.ContainsFunc(p.sinks, func(s *sink) bool { return s.inFlight > 0 })
}

// find looks for a coordinator.
func (t *txn) find(co *coordinator) {
	t.asking = true
	t.p.client.find(co, func(err error) {
		t.asking = false
		t.after(err, nil)
	})
}

// request sends a request to a coordinator. read takes the answer's error out
// of it; done is called when there is none.
func (t *txn) request(co *coordinator, req kmsg.Request, read func(kmsg.Response) error, done func(kmsg.Response)) {
	t.asking = true
	c := t.p.client
	c.call(c.broker(co.node), t.p.user, mainLane, req, c.config.RequestTimeoutMicros, func(r kmsg.Response, err error) {
		t.asking = false
		if err == nil {
			err = read(r)
		}
		if lostCoordinator(err) {
			co.node = -1
		}
		t.after(err, func() { done(r) })
	})
}

// after decides how to go on after a request.
func (t *txn) after(err error, done func()) {
	switch {
	case t.p.closed || t.state == over:
		return
	case err == nil:
		t.tries = 0
		if done != nil {
			done()
		}
	case err == kerr.InvalidProducerIDMapping && t.state == aborting:
		t.forgotten, t.bump, t.touched = true, true, false // nothing is left to abort
	case mayPass(err) || err == kerr.ConcurrentTransactions:
		t.paused = true
		t.p.timers.Set(&t.alarm, t.p.client.now+t.p.client.retryPause(t.tries))
		t.tries++
		return
	case final(err) || err == kerr.InvalidProducerEpoch || err == kerr.InvalidTxnState || t.state != within && t.state != committing:
		t.stop(err)
		return
	default:
		t.forgotten = t.forgotten || err == kerr.InvalidProducerIDMapping
		t.bump = t.bump || t.forgotten
		t.broke(err)
	}
	t.proceed()
}
