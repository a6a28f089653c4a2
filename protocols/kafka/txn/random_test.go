package txn

import (
	"fmt"
	"slices"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// chaos plays producers that do whatever luck says, some of them zombies of
// others, and partitions that they write to; and checks that each transaction
// ends in all of its partitions, and in the same way.
type chaos struct {
	*world
	draw    func(n int) int // luck
	clients []*chaosClient
	seen    int                          // of the marks
	open    map[[2]int64]*chaosTxn       // by producer and partition
	epochs  map[[2]int64]int16           // the same: the highest epoch that the partition has seen
	last    map[string]map[string]string // of each transactional id, what is in the log: for the next one to follow it
	read    int                          // of the log
	txns    []*chaosTxn
	given   map[string]bool // producer ids and epochs
}

type chaosClient struct {
	id         string
	producer   int64
	epoch      int16
	token      uint64
	partitions []int32
	commit     bool
	ending     bool // EndTxn was sent, and not answered for good
	txn        *chaosTxn
}

// chaosTxn is a transaction as its producer and the partitions see it.
type chaosTxn struct {
	decided  string // by the producer's answer
	outcomes map[int64]string
}

func newChaos(t testing.TB, draw func(n int) int) *chaos {
	x := &chaos{world: newWorld(t, Config{}), draw: draw, open: map[[2]int64]*chaosTxn{}, epochs: map[[2]int64]int16{}, given: map[string]bool{}}
	for _, id := range []string{"tx", "tx", "ty"} {
		x.clients = append(x.clients, &chaosClient{id: id, producer: -1, epoch: -1})
	}
	return x
}

func (x *chaos) step() {
	c := x.clients[x.draw(len(x.clients))]
	what := x.draw(14)
	switch {
	case what < 8 && x.asked[c.token]:
		return // one request at a time
	case what < 8 && c.ending: // it has to know how that went
		what = 5
	}
	switch what {
	case 0:
		r := initReq(4, c.id)
		if x.draw(2) == 0 {
			r.ProducerID, r.ProducerEpoch = c.producer, c.epoch
		}
		c.token = x.send(r)
	case 1, 2, 3, 4:
		r := addReq(3, c.producer, c.epoch, int32(x.draw(4)), int32(x.draw(4)))
		r.TransactionalID = c.id
		c.partitions = r.Topics[0].Partitions
		c.token = x.send(r)
	case 5, 6, 7:
		if !c.ending {
			c.commit = x.draw(3) > 0
		}
		c.ending = true
		r := endReq(3, c.producer, c.epoch, c.commit)
		r.TransactionalID = c.id
		c.token = x.send(r)
	case 8:
		x.wait([]int64{second / 10, second, 70 * second}[x.draw(3)])
	case 9:
		if x.hold = x.draw(2) == 0; !x.hold {
			x.landAll()
		}
	case 10:
		x.fail = []*kerr.Error{nil, nil, kerr.NotEnoughReplicas}[x.draw(3)]
	case 11:
		failing := int32(x.draw(8))
		x.failMark = func(p Partition) *kerr.Error {
			if p.Partition == failing {
				return kerr.NotLeaderForPartition
			}
			return nil
		}
	case 12:
		if len(x.flying) > 0 {
			x.land()
			x.drain()
		}
	case 13:
		switch x.draw(8) {
		case 0:
			x.restart()
		case 1:
			x.holdMark = true
		default:
			x.markAll()
		}
	}
	x.observe()
}

func (x *chaos) landAll() {
	for len(x.flying) > 0 {
		x.land()
		x.drain()
	}
}

func (x *chaos) markAll() {
	for x.holdMark = false; len(x.asking) > 0; x.drain() {
		x.mark()
	}
}

// observe lets partitions and clients take in what happened.
func (x *chaos) observe() {
	x.follow()
	for ; x.seen < len(x.marks); x.seen++ {
		m := x.marks[x.seen]
		key := [2]int64{m.producer, int64(m.Partition.Partition)}
		if m.epoch < x.epochs[key] {
			x.t.Fatalf("a marker of epoch %d, after one of %d", m.epoch, x.epochs[key])
		}
		x.epochs[key] = m.epoch
		if open := x.open[key]; open != nil {
			open.outcomes[key[1]] = fmt.Sprint(m.commit)
			delete(x.open, key)
		}
	}
	for _, c := range x.clients {
		switch r := x.replies[c.token].(type) {
		case *kmsg.InitProducerIDResponse:
			if r.ErrorCode == 0 {
				name := fmt.Sprint(r.ProducerID, " ", r.ProducerEpoch)
				if x.given[name] && !(c.producer == r.ProducerID && c.epoch == r.ProducerEpoch-1) { // unless it asked twice
					x.t.Fatalf("%s was given before", name)
				}
				x.given[name] = true
				c.producer, c.epoch, c.txn = r.ProducerID, r.ProducerEpoch, nil
			}
		case *kmsg.AddPartitionsToTxnResponse:
			if r.Topics[0].Partitions[0].ErrorCode == 0 {
				if c.txn == nil {
					c.txn = &chaosTxn{outcomes: map[int64]string{}}
					x.txns = append(x.txns, c.txn)
				}
				for _, p := range c.partitions {
					if key := [2]int64{c.producer, int64(p)}; c.epoch >= x.epochs[key] {
						x.open[key] = c.txn
						c.txn.outcomes[key[1]] = "open"
					}
				}
			}
		case *kmsg.EndTxnResponse:
			if r.ErrorCode == 0 && c.txn != nil {
				c.txn.decided = fmt.Sprint(c.commit)
			}
			switch kerr.ErrorForCode(r.ErrorCode) {
			case nil, kerr.InvalidTxnState:
				c.txn, c.ending = nil, false
			case kerr.ProducerFenced, kerr.InvalidProducerIDMapping: // it has to begin anew
				c.txn, c.ending, c.producer, c.epoch = nil, false, -1, -1
			}
		default:
			continue
		}
		delete(x.replies, c.token)
	}
}

// follow reads what is new in the log, and checks that each change of state is
// one that Kafka's picture of the states has.
func (x *chaos) follow() {
	can := map[string][]string{
		"":               {"Empty"},
		"Empty":          {"Empty", "Ongoing", "Dead"},
		"Ongoing":        {"Ongoing", "PrepareCommit", "PrepareAbort"},
		"PrepareCommit":  {"CompleteCommit"},
		"PrepareAbort":   {"CompleteAbort"},
		"CompleteCommit": {"Empty", "Ongoing", "Dead"},
		"CompleteAbort":  {"Empty", "Ongoing", "Dead"},
		"Dead":           {"Empty"},
	}
	if x.last == nil {
		x.last = map[string]map[string]string{"state": {}, "who": {}}
	}
	for ; x.read < len(x.log); x.read++ {
		records, err := batch.Records(nil, x.log[x.read], batch.DefaultLimits)
		if err != nil || len(records) != 1 {
			x.t.Fatalf("%d records, %v", len(records), err)
		}
		var key kmsg.TxnMetadataKey
		var value kmsg.TxnMetadataValue
		if err := key.ReadFrom(records[0].Key); err != nil {
			x.t.Fatal(err)
		}
		state := "Dead"
		if records[0].Value != nil {
			if err := value.ReadFrom(records[0].Value); err != nil {
				x.t.Fatal(err)
			}
			state = value.State.String()
		}
		if before := x.last["state"][key.TransactionalID]; !slices.Contains(can[before], state) {
			x.t.Fatalf("%s goes from %s to %s", key.TransactionalID, before, state)
		}
		who := fmt.Sprintf("%010d %05d", value.ProducerID, value.ProducerEpoch)
		if before := x.last["who"][key.TransactionalID]; state != "Dead" && who < before {
			x.t.Fatalf("producer and epoch go from %s to %s", before, who)
		}
		x.last["state"][key.TransactionalID], x.last["who"][key.TransactionalID] = state, who
	}
}

// finish lets everything come to an end.
func (x *chaos) finish() {
	x.hold, x.fail = false, nil
	x.failMark = func(Partition) *kerr.Error { return nil }
	x.landAll()
	x.markAll()
	x.observe()
	x.wait(200 * second)
	x.observe()
	if len(x.asked) > 0 || x.c.desk.Writes()+len(x.c.marking) > 0 {
		x.t.Fatalf("%d requests are never answered, %d writes and %d markers left", len(x.asked), x.c.desk.Writes(), len(x.c.marking))
	}
	for _, t := range x.c.partitions[0].transactions {
		if t.state == Ongoing || t.state == PrepareCommit || t.state == PrepareAbort {
			x.t.Fatalf("a transaction is %v for ever", t.state)
		}
	}
	for i, txn := range x.txns {
		want := txn.decided
		for partition, outcome := range txn.outcomes {
			if want == "" {
				want = outcome
			}
			if outcome != want || outcome == "open" {
				x.t.Fatalf("transaction %d: its producer was told %q, partition %d %q, of %v", i, txn.decided, partition, outcome, txn.outcomes)
			}
		}
	}
}

func game(t testing.TB, draw func(n int) int) (step, finish func()) {
	x := newChaos(t, draw)
	return x.step, x.finish
}

func TestRandomProducers(t *testing.T) { prototest.PlayRandom(t, 300, 400, game) }

// FuzzRequests lets the fuzzer be the luck.
func FuzzRequests(f *testing.F) { prototest.PlayFuzzed(f, 400, game) }

// FuzzLoad gives the coordinator a log that says anything. Whatever it makes of
// that, it must work afterwards, and complete what it found.
func FuzzLoad(f *testing.F) {
	w := newWorld(f, Config{})
	id, _ := w.init(initReq(4, "tx"))
	w.add(id, 0, 1, 2)
	w.send(endReq(3, id, 0, true))
	for _, b := range w.log {
		records, err := batch.Records(nil, b, batch.DefaultLimits)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, []byte(nil), []byte(nil))
		f.Add([]byte(nil), records[0].Key, records[0].Value)
	}
	v := kmsg.TxnMetadataValue{ProducerID: 1, ProducerEpoch: 1<<15 - 1, State: 1, StartTimestamp: -1 << 63, LastUpdateTimestamp: 1<<63 - 1, TimeoutMillis: -1}
	f.Add([]byte(nil), (&kmsg.TxnMetadataKey{TransactionalID: "tx"}).AppendTo(nil), v.AppendTo(nil))
	f.Fuzz(func(t *testing.T, raw, key, value []byte) {
		w := newWorld(t, Config{})
		w.c.Load(0, 0, raw)
		var b batch.Builder
		b.Add(0, key, value, nil)
		w.c.Load(0, 0, b.Append(nil, batch.NoProducer))
		w.c.Loaded(0, 0, w.epoch)
		w.drain()
		w.send(initReq(4, "tx"))
		w.send(addReq(3, 1, 1, 5))
		w.send(endReq(3, 1, 1, false))
		w.send(kmsg.NewPtrListTransactionsRequest())
		w.wait(10_000 * second)
		if len(w.asked) > 0 {
			t.Fatal("a request is never answered")
		}
		for id, tx := range w.c.partitions[0].transactions {
			if tx.state == PrepareCommit || tx.state == PrepareAbort {
				t.Fatalf("%q is never completed", id)
			}
		}
	})
}
