package txn

import (
	"slices"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const second = 1_000_000

// world is a coordinator with the log that it writes to, the partitions that it
// has marked, and its clients.
type world struct {
	t        testing.TB
	c        *Coordinator
	config   Config
	now      int64
	token    uint64
	epoch    int32
	nextID   int64
	replies  map[uint64]kmsg.Response
	asked    map[uint64]bool
	log      [][]byte // of the one partition, in order
	flying   []flight // Appends that are not reported yet
	hold     bool     // leave them flying
	fail     *kerr.Error
	marks    []mark    // markers, in the order in which partitions got them
	asking   []Markers // not reported yet
	holdMark bool      // leave them
	failMark func(Partition) *kerr.Error
}

// flight is an Append on its way into the log.
type flight struct {
	desk.Append
	err *kerr.Error
}

// mark is a marker in a partition.
type mark struct {
	Partition
	producer int64
	epoch    int16
	commit   bool
}

func newWorld(t testing.TB, config Config) *world {
	w := &world{t: t, replies: map[uint64]kmsg.Response{}, asked: map[uint64]bool{}, nextID: 1000, epoch: 1}
	config.Partitions = 1
	config.Wall = func(now int64) int64 { return 1_700_000_000_000 + now/1000 }
	w.config = config
	w.failMark = func(Partition) *kerr.Error { return nil }
	w.c = New(config)
	w.c.Loaded(0, 0, w.epoch)
	return w
}

func (w *world) drain() {
	for {
		e, ok := w.c.Poll()
		if !ok {
			return
		}
		switch e := e.(type) {
		case desk.Reply:
			if !w.asked[e.Token] {
				w.t.Fatalf("token %d is answered, but not asked, or answered twice", e.Token)
			}
			delete(w.asked, e.Token)
			w.replies[e.Token] = e.Resp
			e.Resp.AppendTo(nil)
		case desk.Append:
			if _, size, err := batch.Parse(e.Batch); err != nil || size != len(e.Batch) {
				w.t.Fatalf("the batch to append is none: %v", err)
			}
			w.flying = append(w.flying, flight{e, w.fail})
			if !w.hold {
				w.land()
			}
		case Markers:
			if e.CoordinatorEpoch != w.epoch || !slices.IsSortedFunc(e.Partitions, Partition.compare) {
				w.t.Fatalf("%+v in epoch %d", e, w.epoch)
			}
			w.asking = append(w.asking, e)
			if !w.holdMark {
				w.mark()
			}
		case NeedIDs:
			w.c.IDs(w.now, w.nextID, 3)
			w.nextID += 3
		}
	}
}

// land reports the oldest append.
func (w *world) land() {
	f := w.flying[0]
	w.flying = w.flying[1:]
	if f.err == nil {
		w.log = append(w.log, f.Batch)
	}
	w.c.Appended(w.now, f.ID, f.err)
}

// mark has the partitions of the oldest Markers marked.
func (w *world) mark() {
	m := w.asking[0]
	w.asking = w.asking[1:]
	for _, p := range m.Partitions {
		err := w.failMark(p)
		if err == nil {
			w.marks = append(w.marks, mark{p, m.ProducerID, m.ProducerEpoch, m.Commit})
		}
		w.c.Marked(w.now, m.ID, p.Topic, p.Partition, err)
	}
}

func (w *world) send(req kmsg.Request) uint64 {
	w.token++
	w.asked[w.token] = true
	w.c.Handle(w.now, w.token, "client", "/10.0.0.1", req)
	w.drain()
	return w.token
}

func (w *world) wait(micros int64) {
	end := w.now + micros
	for w.c.Deadline() <= end {
		w.now = max(w.now, w.c.Deadline())
		w.c.Tick(w.now)
		w.drain()
	}
	w.now = end
}

// restart lets another coordinator take over, from the log.
func (w *world) restart() {
	w.c.Unload(0)
	w.drain()
	if w.c.desk.Writes()+len(w.c.marking)+w.c.transactions > 0 || w.c.Deadline() != 1<<63-1 {
		w.t.Fatalf("unloaded, and something is left: %+v", w.c)
	}
	w.flying, w.asking = nil, nil
	w.epoch++
	for _, b := range w.log {
		w.c.Load(w.now, 0, b)
	}
	w.c.Loaded(w.now, 0, w.epoch)
	w.drain()
}

func ask[R kmsg.Response](w *world, req kmsg.Request) R {
	w.t.Helper()
	return got[R](w, w.send(req))
}

func got[R kmsg.Response](w *world, token uint64) R {
	w.t.Helper()
	resp, ok := w.replies[token].(R)
	if !ok {
		w.t.Fatalf("no answer to token %d", token)
	}
	return resp
}

func (w *world) state(want State) {
	w.t.Helper()
	if got := w.c.partitions[0].transactions["tx"].state; got != want {
		w.t.Fatalf("the transaction is %v, expected %v", got, want)
	}
}

func initReq(version int16, id string) *kmsg.InitProducerIDRequest {
	r := kmsg.NewPtrInitProducerIDRequest()
	r.Version, r.TransactionTimeoutMillis = version, 60_000
	r.ProducerID, r.ProducerEpoch = -1, -1
	if id != "" {
		r.TransactionalID = &id
	}
	return r
}

func recoverReq(id string, producer int64, epoch int16) *kmsg.InitProducerIDRequest {
	r := initReq(4, id)
	r.ProducerID, r.ProducerEpoch = producer, epoch
	return r
}

func addReq(version int16, producer int64, epoch int16, partitions ...int32) *kmsg.AddPartitionsToTxnRequest {
	r := kmsg.NewPtrAddPartitionsToTxnRequest()
	r.Version, r.TransactionalID, r.ProducerID, r.ProducerEpoch = version, "tx", producer, epoch
	r.Topics = []kmsg.AddPartitionsToTxnRequestTopic{{Topic: "t", Partitions: partitions}}
	return r
}

// verifyReq asks, as a leader does, whether partitions are in a transaction.
func verifyReq(producer int64, epoch int16, partitions ...int32) *kmsg.AddPartitionsToTxnRequest {
	r := kmsg.NewPtrAddPartitionsToTxnRequest()
	r.Version = 4
	r.Transactions = []kmsg.AddPartitionsToTxnRequestTransaction{{TransactionalID: "tx", ProducerID: producer, ProducerEpoch: epoch, VerifyOnly: true,
		Topics: []kmsg.AddPartitionsToTxnRequestTransactionTopic{{Topic: "t", Partitions: partitions}}}}
	return r
}

func endReq(version int16, producer int64, epoch int16, commit bool) *kmsg.EndTxnRequest {
	r := kmsg.NewPtrEndTxnRequest()
	r.Version, r.TransactionalID, r.ProducerID, r.ProducerEpoch, r.Commit = version, "tx", producer, epoch, commit
	return r
}

// init asks for a producer id, which must be given at once.
func (w *world) init(req *kmsg.InitProducerIDRequest) (producer int64, epoch int16) {
	w.t.Helper()
	r := ask[*kmsg.InitProducerIDResponse](w, req)
	expect(w.t, "InitProducerID", r.ErrorCode, nil)
	return r.ProducerID, r.ProducerEpoch
}

func (w *world) add(producer int64, epoch int16, partitions ...int32) {
	w.t.Helper()
	for _, p := range ask[*kmsg.AddPartitionsToTxnResponse](w, addReq(3, producer, epoch, partitions...)).Topics[0].Partitions {
		expect(w.t, "AddPartitionsToTxn", p.ErrorCode, nil)
	}
}

func expect(t testing.TB, what string, got int16, want *kerr.Error) {
	t.Helper()
	if got != code(want, false) {
		t.Fatalf("%s: %v, expected %v", what, kerr.ErrorForCode(got), want)
	}
}
