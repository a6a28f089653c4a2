package txn

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// InitProducerID (key 22)
//
// Behaviour: without a transactional id, an idempotent producer gets a new
// producer id with epoch 0, from any broker. With one, it gets the id's next
// epoch; a transaction that an older life has left Ongoing is aborted first, and
// the client asks again (CONCURRENT_TRANSACTIONS) until that is done. A request
// that finds no producer id at hand waits for the next block of them.
//
// Versions: 0-5. From v3 (KIP-360) a producer may name the id and epoch that it
// has, to recover from an error. Before v4 (KIP-588) PRODUCER_FENCED is called
// INVALID_PRODUCER_EPOCH. v5 changes nothing here.
//
// Not done: two-phase commit (v6, KIP-939).

// ids are the producer ids at hand.
type ids struct {
	next    int64
	left    int32
	asked   bool // NeedIDs is out
	waiting []waiting
}

// waiting is an InitProducerID that waits for ids.
type waiting struct {
	token uint64
	req   *kmsg.InitProducerIDRequest
}

// IDs gives the coordinator a block of producer ids that nobody else has.
func (c *Coordinator) IDs(now int64, first int64, count int32) {
	c.ids.next, c.ids.left, c.ids.asked = first, count, false
	queue := c.ids.waiting
	c.ids.waiting = nil
	for _, w := range queue {
		c.initProducer(now, w.token, w.req)
	}
}

// takeID returns a producer id; false: the request has to wait for one, or has
// been turned away.
func (c *Coordinator) takeID(token uint64, req *kmsg.InitProducerIDRequest) (int64, bool) {
	if c.ids.left > 0 {
		c.ids.next++
		c.ids.left--
		return c.ids.next - 1, true
	}
	if !c.ids.asked {
		c.ids.asked = true
		c.desk.Say(NeedIDs{})
	}
	if len(c.ids.waiting) >= c.config.MaxWaiting {
		c.desk.Reply(token, initResponse(req, kerr.CoordinatorLoadInProgress))
	} else {
		c.ids.waiting = append(c.ids.waiting, waiting{token, req})
	}
	return 0, false
}

func (c *Coordinator) initProducer(now int64, token uint64, req *kmsg.InitProducerIDRequest) {
	if req.TransactionalID == nil {
		if id, ok := c.takeID(token, req); ok {
			resp := initResponse(req, nil)
			resp.ProducerID, resp.ProducerEpoch = id, 0
			c.desk.Reply(token, resp)
		}
		return
	}
	p, t, err := c.lookUp(*req.TransactionalID)
	recovers := req.ProducerID >= 0 && req.ProducerEpoch >= 0
	switch timeout := int64(req.TransactionTimeoutMillis) * 1000; {
	case err != nil:
	case (req.ProducerID < 0) != (req.ProducerEpoch < 0):
		err = kerr.InvalidRequest
	case timeout <= 0 || timeout > c.config.MaxTimeoutMicros:
		err = kerr.InvalidTransactionTimeout
	case t == nil && c.transactions >= c.config.MaxTransactions:
		err = kerr.CoordinatorNotAvailable
	case t != nil && t.writing:
		err = kerr.ConcurrentTransactions
	case t != nil && recovers && !t.isKnown(req.ProducerID, req.ProducerEpoch):
		err = kerr.ProducerFenced
	case t != nil && t.state == Ongoing:
		c.fence(now, t, func(_ int64, err *kerr.Error) {
			if err == nil {
				err = kerr.ConcurrentTransactions // ask again, and get an epoch after the one that fences
			}
			c.desk.Reply(token, initResponse(req, err))
		})
		return
	case t != nil && moves[t.state][initialized] == never:
		err = kerr.ConcurrentTransactions
	}
	if err != nil {
		c.desk.Reply(token, initResponse(req, err))
		return
	}

	wall := c.config.Wall(now)
	if t == nil {
		id, ok := c.takeID(token, req)
		if !ok {
			return
		}
		t = c.create(p, *req.TransactionalID, facts{producer: id, epoch: -1, lastProducer: -1, lastEpoch: -1, started: -1, updated: wall})
	}
	next := t.after(initialized, wall)
	next.timeoutMillis, next.partitions, next.started = req.TransactionTimeoutMillis, nil, -1
	switch isLatest := t.epoch < 0 || req.ProducerEpoch == t.epoch; {
	case recovers && !isLatest && req.ProducerEpoch != t.lastEpoch:
		c.desk.Reply(token, initResponse(req, kerr.ProducerFenced))
		return
	case recovers && !isLatest: // it asks again, since its answer got lost
	case t.epoch >= lastUsableEpoch:
		id, ok := c.takeID(token, req)
		if !ok {
			return
		}
		next.producer, next.epoch, next.lastEpoch = id, 0, -1
		if recovers {
			next.lastEpoch = t.epoch
		}
	default:
		next.epoch, next.lastEpoch = t.epoch+1, -1
		if recovers {
			next.lastEpoch = t.epoch
		}
	}
	c.write(now, t, next, func(_ int64, err *kerr.Error) {
		resp := initResponse(req, err)
		if err == nil {
			resp.ProducerID, resp.ProducerEpoch = next.producer, next.epoch
		}
		c.desk.Reply(token, resp)
	})
}

// isKnown says whether a producer that names its id and epoch may be the latest
// one: nobody has been given an epoch yet, or the id is right, or it was before
// the epochs were used up.
func (t *transaction) isKnown(producer int64, epoch int16) bool {
	return t.epoch < 0 || producer == t.producer || producer == t.lastProducer && epoch >= lastUsableEpoch
}

// fence aborts an Ongoing transaction, and raises the epoch, so that its
// producer can do nothing more, even if that cannot be written at once.
func (c *Coordinator) fence(now int64, t *transaction, done func(now int64, err *kerr.Error)) {
	if !t.fenced && t.epoch <= lastUsableEpoch {
		t.epoch++
	}
	t.fenced, t.lastEpoch = true, -1
	c.prepare(now, t, aborted, done)
}

func initResponse(req *kmsg.InitProducerIDRequest, err *kerr.Error) *kmsg.InitProducerIDResponse {
	resp := kmsg.NewPtrInitProducerIDResponse()
	resp.SetVersion(req.Version)
	resp.ErrorCode, resp.ProducerID, resp.ProducerEpoch = code(err, req.Version < 4), -1, -1
	return resp
}

// code returns the error code of err, 0 for nil. Old clients do not know PRODUCER_FENCED (KIP-588).
func code(err *kerr.Error, old bool) int16 {
	switch {
	case err == nil:
		return 0
	case err == kerr.ProducerFenced && old:
		return kerr.InvalidProducerEpoch.Code
	}
	return err.Code
}
