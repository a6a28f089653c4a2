package txn

import (
	"reflect"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/desk"
)

func TestIdempotentProducers(t *testing.T) {
	w := newWorld(t, Config{})
	for i := range int64(10) {
		id, epoch := w.init(initReq(int16(i%6), ""))
		if id != 1000+i || epoch != 0 {
			t.Fatalf("producer %d, epoch %d, expected %d and 0", id, epoch, 1000+i)
		}
	}
}

func TestWaitingForProducerIDs(t *testing.T) {
	w := newWorld(t, Config{MaxWaiting: 2})
	for token := range uint64(3) {
		w.asked[token+1] = true
		w.c.Handle(0, token+1, "", "", initReq(4, []string{"", "tx", ""}[token]))
	}
	needs := 0
	for e, ok := w.c.Poll(); ok; e, ok = w.c.Poll() {
		switch e := e.(type) {
		case NeedIDs:
			needs++
		case desk.Reply:
			w.replies[e.Token] = e.Resp
		}
	}
	if needs != 1 {
		t.Fatalf("asked %d times for ids", needs)
	}
	expect(t, "too many wait", got[*kmsg.InitProducerIDResponse](w, 3).ErrorCode, kerr.CoordinatorLoadInProgress)
	w.c.IDs(0, 7, 2)
	w.drain()
	if a, b := got[*kmsg.InitProducerIDResponse](w, 1), got[*kmsg.InitProducerIDResponse](w, 2); a.ProducerID != 7 || b.ProducerID != 8 {
		t.Fatalf("given %+v and %+v", a, b)
	}
}

func TestCommit(t *testing.T) {
	w := newWorld(t, Config{})
	id, epoch := w.init(initReq(4, "tx"))
	if epoch != 0 {
		t.Fatalf("the first epoch is %d", epoch)
	}
	w.state(Empty)
	expect(t, "nothing to commit", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, kerr.InvalidTxnState)
	w.add(id, 0, 2, 1)
	w.state(Ongoing)
	before := len(w.log)
	w.add(id, 0, 1)
	if len(w.log) != before {
		t.Fatal("what is added already is written again")
	}
	offsets := kmsg.NewPtrAddOffsetsToTxnRequest()
	offsets.Version, offsets.TransactionalID, offsets.ProducerID, offsets.Group = 3, "tx", id, "polygenelubricants"
	expect(t, "offsets", ask[*kmsg.AddOffsetsToTxnResponse](w, offsets).ErrorCode, nil)

	w.holdMark = true
	expect(t, "commit", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, nil)
	w.state(PrepareCommit)
	expect(t, "commit again", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, kerr.ConcurrentTransactions)
	expect(t, "abort after all", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, false)).ErrorCode, kerr.InvalidTxnState)
	expect(t, "add too early", ask[*kmsg.AddPartitionsToTxnResponse](w, addReq(3, id, 0, 5)).Topics[0].Partitions[0].ErrorCode, kerr.ConcurrentTransactions)
	expect(t, "init too early", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.ConcurrentTransactions)
	w.mark()
	w.drain()
	w.state(CompleteCommit)
	want := []mark{{Partition{"__consumer_offsets", 0}, id, 0, true}, {Partition{"t", 1}, id, 0, true}, {Partition{"t", 2}, id, 0, true}}
	if !reflect.DeepEqual(w.marks, want) {
		t.Fatalf("marked %v, expected %v", w.marks, want)
	}
	expect(t, "commit once more", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, nil)
	expect(t, "abort after all", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, false)).ErrorCode, kerr.InvalidTxnState)

	w.marks, w.holdMark = nil, false
	w.add(id, 0, 7)
	expect(t, "abort", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, false)).ErrorCode, nil)
	w.state(CompleteAbort)
	if want := []mark{{Partition{"t", 7}, id, 0, false}}; !reflect.DeepEqual(w.marks, want) {
		t.Fatalf("marked %v, expected %v", w.marks, want)
	}
	expect(t, "abort once more", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, false)).ErrorCode, nil)
	expect(t, "commit after all", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, kerr.InvalidTxnState)
}

func TestErrorsOfInit(t *testing.T) {
	w := newWorld(t, Config{MaxTransactions: 1})
	for _, c := range []struct {
		name   string
		change func(r *kmsg.InitProducerIDRequest)
		want   *kerr.Error
	}{
		{"no id", func(r *kmsg.InitProducerIDRequest) { r.TransactionalID = new(string) }, kerr.InvalidRequest},
		{"no timeout", func(r *kmsg.InitProducerIDRequest) { r.TransactionTimeoutMillis = 0 }, kerr.InvalidTransactionTimeout},
		{"long timeout", func(r *kmsg.InitProducerIDRequest) { r.TransactionTimeoutMillis = 900_001 }, kerr.InvalidTransactionTimeout},
		{"no epoch", func(r *kmsg.InitProducerIDRequest) { r.ProducerID = 5 }, kerr.InvalidRequest},
		{"no producer", func(r *kmsg.InitProducerIDRequest) { r.ProducerEpoch = 5 }, kerr.InvalidRequest},
		{"as it should be", func(r *kmsg.InitProducerIDRequest) {}, nil},
		{"one too many", func(r *kmsg.InitProducerIDRequest) { r.TransactionalID = kmsg.StringPtr("another") }, kerr.CoordinatorNotAvailable},
	} {
		r := initReq(4, "tx")
		c.change(r)
		expect(t, c.name, ask[*kmsg.InitProducerIDResponse](w, r).ErrorCode, c.want)
	}
	w.c.Unload(0)
	expect(t, "not led", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.NotCoordinator)
	w.c.Load(0, 0, nil)
	expect(t, "loading", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.CoordinatorLoadInProgress)
}

func TestFencingOfAZombie(t *testing.T) {
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.add(id, 0, 1)
	w.holdMark = true
	expect(t, "a new life", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.ConcurrentTransactions)
	w.state(PrepareAbort)
	expect(t, "asks again", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.ConcurrentTransactions)
	for version, want := range map[int16]*kerr.Error{1: kerr.InvalidProducerEpoch, 2: kerr.ProducerFenced} {
		expect(t, "the zombie adds", ask[*kmsg.AddPartitionsToTxnResponse](w, addReq(version, id, 0, 2)).Topics[0].Partitions[0].ErrorCode, want)
		expect(t, "the zombie commits", ask[*kmsg.EndTxnResponse](w, endReq(version, id, 0, true)).ErrorCode, want)
	}
	w.mark()
	w.drain()
	if want := []mark{{Partition{"t", 1}, id, 1, false}}; !reflect.DeepEqual(w.marks, want) {
		t.Fatalf("marked %v, expected %v", w.marks, want)
	}
	next, epoch := w.init(initReq(4, "tx"))
	if next != id || epoch != 2 {
		t.Fatalf("the new life is producer %d, epoch %d", next, epoch)
	}
	expect(t, "another producer", ask[*kmsg.EndTxnResponse](w, endReq(3, id+1, 2, true)).ErrorCode, kerr.InvalidProducerIDMapping)
	other := endReq(3, id, 2, true)
	other.TransactionalID = "another"
	expect(t, "another transaction", ask[*kmsg.EndTxnResponse](w, other).ErrorCode, kerr.InvalidProducerIDMapping)
}

func TestFencingThatCannotBeWritten(t *testing.T) {
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.add(id, 0, 1)
	w.fail = kerr.NotEnoughReplicas
	for range 3 {
		expect(t, "fence", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.CoordinatorNotAvailable)
	}
	w.state(Ongoing)
	expect(t, "fenced all the same", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, kerr.ProducerFenced)
	w.fail = nil
	expect(t, "fence", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.ConcurrentTransactions)
	if _, epoch := w.init(initReq(4, "tx")); epoch != 2 {
		t.Fatalf("epoch %d: three attempts at one fence raise it once", epoch)
	}
}

func TestTimeout(t *testing.T) {
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.add(id, 0, 1)
	w.wait(59 * second)
	w.add(id, 0, 2) // does not prolong it
	w.fail = kerr.NotEnoughReplicas
	w.wait(2 * second)
	w.state(Ongoing)
	w.fail = nil
	w.wait(second)
	w.state(CompleteAbort)
	expect(t, "too late", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, kerr.ProducerFenced)
	expect(t, "recover", ask[*kmsg.InitProducerIDResponse](w, recoverReq("tx", id, 0)).ErrorCode, kerr.ProducerFenced)
	old := recoverReq("tx", id, 0)
	old.Version = 3
	expect(t, "recover, v3", ask[*kmsg.InitProducerIDResponse](w, old).ErrorCode, kerr.InvalidProducerEpoch)
	if next, epoch := w.init(initReq(4, "tx")); next != id || epoch != 2 {
		t.Fatalf("a new life is producer %d, epoch %d", next, epoch)
	}
}

func TestRecovery(t *testing.T) {
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	for range 2 { // the second time its answer got lost
		if next, epoch := w.init(recoverReq("tx", id, 0)); next != id || epoch != 1 {
			t.Fatalf("recovers as producer %d, epoch %d", next, epoch)
		}
	}
	w.init(initReq(4, "tx")) // a new life
	expect(t, "the old one recovers", ask[*kmsg.InitProducerIDResponse](w, recoverReq("tx", id, 1)).ErrorCode, kerr.ProducerFenced)
	expect(t, "another producer", ask[*kmsg.InitProducerIDResponse](w, recoverReq("tx", id+1, 2)).ErrorCode, kerr.ProducerFenced)
	// One that nobody knows any more, since it expired, is new.
	if _, epoch := w.init(recoverReq("other", 77, 5)); epoch != 0 {
		t.Fatalf("epoch %d", epoch)
	}
}

func TestEpochsAreUsedUp(t *testing.T) {
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.c.partitions[0].transactions["tx"].epoch = lastUsableEpoch
	w.add(id, lastUsableEpoch, 1)
	expect(t, "fence", ask[*kmsg.InitProducerIDResponse](w, initReq(4, "tx")).ErrorCode, kerr.ConcurrentTransactions)
	next, epoch := w.init(initReq(4, "tx"))
	if next == id || epoch != 0 {
		t.Fatalf("producer %d, epoch %d, expected another producer than %d", next, epoch, id)
	}
	w.c.partitions[0].transactions["tx"].epoch = lastUsableEpoch
	third, _ := w.init(recoverReq("tx", next, lastUsableEpoch))
	again, epoch := w.init(recoverReq("tx", next, lastUsableEpoch)) // its answer got lost
	if third == next || again != third || epoch != 0 {
		t.Fatalf("producers %d, %d, %d, epoch %d", next, third, again, epoch)
	}
}

func TestMarkersAreTriedAgain(t *testing.T) {
	gone := false
	w := newWorld(t, Config{Exists: func(topic string, p int32) bool { return !gone || p != 2 }})
	id, _ := w.init(initReq(4, "tx"))
	w.add(id, 0, 1, 2, 3)
	w.failMark = func(p Partition) *kerr.Error {
		if p.Partition == 3 {
			return nil
		}
		return kerr.NotLeaderForPartition
	}
	expect(t, "commit", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, nil)
	w.wait(10 * second)
	w.state(PrepareCommit)
	if len(w.marks) != 1 {
		t.Fatalf("marked %v", w.marks)
	}
	gone = true
	w.failMark = func(Partition) *kerr.Error { return nil }
	w.fail = kerr.NotEnoughReplicas
	w.wait(4 * second)
	w.fail = nil
	w.wait(4 * second)
	w.state(CompleteCommit)
	if len(w.marks) != 2 || w.marks[1].Partition.Partition != 1 {
		t.Fatalf("marked %v", w.marks)
	}
	w.c.Marked(w.now, 5, "t", 1, nil) // nobody asked
	unknown := ask[*kmsg.AddPartitionsToTxnResponse](w, addReq(3, id, 0, 1, 2)).Topics[0].Partitions
	expect(t, "known", unknown[0].ErrorCode, kerr.OperationNotAttempted)
	expect(t, "unknown", unknown[1].ErrorCode, kerr.UnknownTopicOrPartition)
}

// A leader asks before it appends (KIP-890).
func TestVerification(t *testing.T) {
	w := newWorld(t, Config{})
	verify := func(what string, r *kmsg.AddPartitionsToTxnRequest, want ...*kerr.Error) {
		t.Helper()
		for i, p := range ask[*kmsg.AddPartitionsToTxnResponse](w, r).Transactions[0].Topics[0].Partitions {
			expect(t, what, p.ErrorCode, want[i])
		}
	}
	verify("before there is a producer", verifyReq(1000, 0, 1), kerr.InvalidProducerIDMapping)
	id, _ := w.init(initReq(4, "tx"))
	verify("before the transaction", verifyReq(id, 0, 1), kerr.InvalidTxnState)
	w.add(id, 0, 1, 3)
	verify("within", verifyReq(id, 0, 1, 2, 3), nil, kerr.InvalidTxnState, nil)
	verify("another producer", verifyReq(id+1, 0, 1), kerr.InvalidProducerIDMapping)
	verify("a former life", verifyReq(id, -1, 1), kerr.ProducerFenced)
	add := verifyReq(id, 0, 4)
	add.Transactions[0].VerifyOnly = false
	verify("adding is not offered", add, kerr.InvalidRequest)
	w.holdMark = true
	expect(t, "commit", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, nil)
	verify("while it is being marked", verifyReq(id, 0, 1), kerr.ConcurrentTransactions)
	w.holdMark = false
	w.restart()
	verify("behind it", verifyReq(id, 0, 1), kerr.InvalidTxnState)
	w.c.Load(w.now, 0, nil)
	verify("while loading", verifyReq(id, 0, 1), kerr.CoordinatorLoadInProgress)
}

func TestAnotherCoordinatorTakesOver(t *testing.T) {
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.add(id, 0, 1, 2)
	w.restart()
	w.state(Ongoing)
	w.holdMark = true
	expect(t, "commit", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, nil)
	w.holdMark = false
	w.restart()
	w.state(CompleteCommit)
	if len(w.marks) != 2 || !w.marks[0].commit {
		t.Fatalf("marked %v", w.marks)
	}
	w.hold = true
	waiting := w.send(addReq(3, id, 0, 1))
	expect(t, "a change is on its way", ask[*kmsg.AddPartitionsToTxnResponse](w, addReq(3, id, 0, 1)).Topics[0].Partitions[0].ErrorCode, kerr.ConcurrentTransactions)
	w.restart()
	expect(t, "who waited", got[*kmsg.AddPartitionsToTxnResponse](w, waiting).Topics[0].Partitions[0].ErrorCode, kerr.NotCoordinator)
	w.state(CompleteCommit)
}

func TestExpiry(t *testing.T) {
	const day = 24 * 3600 * second
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.wait(6 * day)
	w.add(id, 0, 1)
	expect(t, "commit", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, nil)
	w.wait(6 * day)
	w.state(CompleteCommit)
	w.fail = kerr.NotEnoughReplicas
	w.wait(day + second)
	w.state(CompleteCommit)
	w.fail = nil
	w.wait(second)
	if w.c.transactions != 0 || w.c.Deadline() != 1<<63-1 {
		t.Fatal("not forgotten")
	}
	w.restart()
	if w.c.transactions != 0 {
		t.Fatal("the tombstone was not read")
	}
	expect(t, "forgotten", ask[*kmsg.EndTxnResponse](w, endReq(3, id, 0, true)).ErrorCode, kerr.InvalidProducerIDMapping)
}

func TestWhatAdministratorsSee(t *testing.T) {
	w := newWorld(t, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.init(initReq(4, "ab"))
	w.add(id, 0, 2, 1)
	d := kmsg.NewPtrDescribeTransactionsRequest()
	d.TransactionalIDs = []string{"tx", "who", ""}
	r := ask[*kmsg.DescribeTransactionsResponse](w, d).TransactionStates
	if tx := r[0]; tx.State != "Ongoing" || tx.ProducerID != id || tx.TimeoutMillis != 60_000 || tx.StartTimestamp != w.config.Wall(0) ||
		!reflect.DeepEqual(tx.Topics, []kmsg.DescribeTransactionsResponseTransactionStateTopic{{Topic: "t", Partitions: []int32{1, 2}}}) {
		t.Fatalf("described as %+v", tx)
	}
	expect(t, "unknown", r[1].ErrorCode, kerr.TransactionalIDNotFound)
	expect(t, "none", r[2].ErrorCode, kerr.InvalidRequest)

	w.wait(10 * second)
	for _, c := range []struct {
		change func(l *kmsg.ListTransactionsRequest)
		want   []string
	}{
		{func(l *kmsg.ListTransactionsRequest) {}, []string{"ab", "tx"}},
		{func(l *kmsg.ListTransactionsRequest) { l.StateFilters = []string{"Empty", "Asleep"} }, []string{"ab"}},
		{func(l *kmsg.ListTransactionsRequest) { l.ProducerIDFilters = []int64{id} }, []string{"tx"}},
		{func(l *kmsg.ListTransactionsRequest) { l.DurationFilterMillis = 9_999 }, []string{"tx"}},
		{func(l *kmsg.ListTransactionsRequest) { l.DurationFilterMillis = 10_001 }, nil},
	} {
		l := kmsg.NewPtrListTransactionsRequest()
		l.Version, l.DurationFilterMillis = 1, -1
		c.change(l)
		r := ask[*kmsg.ListTransactionsResponse](w, l)
		var ids []string
		for _, s := range r.TransactionStates {
			ids = append(ids, s.TransactionalID)
		}
		if !reflect.DeepEqual(ids, c.want) || len(l.StateFilters) > 1 && !reflect.DeepEqual(r.UnknownStateFilters, []string{"Asleep"}) {
			t.Fatalf("%+v lists %+v, expected %v", l, r, c.want)
		}
	}
	w.c.Load(0, 0, nil)
	expect(t, "loading", ask[*kmsg.ListTransactionsResponse](w, kmsg.NewPtrListTransactionsRequest()).ErrorCode, kerr.CoordinatorLoadInProgress)
}
