package txn

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// transaction is a transactional id and its present or last transaction.
type transaction struct {
	id        string
	partition *partition // that keeps it
	facts                // as last replicated; a fence raises the epoch at once

	writing bool // a change is on its way into the log
	fenced  bool // the epoch was raised, but that could not be written: it is not raised again

	markers  uint64      // the id of Markers, while preparing
	left     []Partition // without their marker, sorted
	awaited  []Partition // of these, asked for and not reported
	failures int         // in a row, of markers or of the write after them

	// timer is when the transaction times out (Ongoing), when to try again what
	// failed (Prepare...), and when the id expires (otherwise).
	timer timers.Timer[*transaction]
}

// facts are what the log says about a transactional id.
type facts struct {
	state         State
	producer      int64
	epoch         int16 // -1: nobody has been given one
	lastProducer  int64 // before producer, and
	lastEpoch     int16 // before epoch, as its producer named it: so that it may ask twice; -1: none
	timeoutMillis int32
	partitions    []Partition // sorted, never changed in place
	started       int64       // ms of the wall clock; -1: no transaction yet
	updated       int64       // ms of the wall clock
}

func (p Partition) compare(q Partition) int {
	return cmp.Or(cmp.Compare(p.Topic, q.Topic), cmp.Compare(p.Partition, q.Partition))
}

// lastUsableEpoch is the greatest that a producer is given: there must be one
// more, to fence it.
const lastUsableEpoch = math.MaxInt16 - 1

// after returns the facts with what an input changes of the state.
func (t *transaction) after(in input, wall int64) facts {
	next := t.facts
	next.state = moves[t.state][in]
	if next.state == never {
		panic("txn: " + t.state.String() + " cannot take this input")
	}
	next.lastProducer, next.updated = t.producer, wall
	return next
}

// write appends new facts to the log. They hold when they are replicated; then,
// or when that failed, done is called.
func (c *Coordinator) write(now int64, t *transaction, next facts, done func(now int64, err *kerr.Error)) {
	t.writing = true
	c.timers.Stop(&t.timer)
	c.desk.Append(t.partition.number, c.record(now, t.id, next), func(now int64, err *kerr.Error) {
		t.writing = false
		if err == nil {
			t.facts, t.fenced = next, false
		}
		if c.partitions[t.partition.number] == t.partition { // otherwise all is being forgotten
			c.arm(now, t)
		}
		done(now, err)
	})
}

// record makes a batch of one record: the facts of a transactional id, or its tombstone.
func (c *Coordinator) record(now int64, id string, f facts) []byte {
	key := kmsg.TxnMetadataKey{TransactionalID: id}
	var value []byte
	if f.state != Dead {
		v := kmsg.TxnMetadataValue{ProducerID: f.producer, ProducerEpoch: f.epoch, TimeoutMillis: f.timeoutMillis, State: kmsg.TransactionState(f.state),
			LastUpdateTimestamp: f.updated, StartTimestamp: f.started}
		for _, p := range f.partitions {
			if last := len(v.Topics) - 1; last >= 0 && v.Topics[last].Topic == p.Topic {
				v.Topics[last].Partitions = append(v.Topics[last].Partitions, p.Partition)
			} else {
				v.Topics = append(v.Topics, kmsg.TxnMetadataValueTopic{Topic: p.Topic, Partitions: []int32{p.Partition}})
			}
		}
		value = v.AppendTo(nil)
	}
	c.builder.Add(c.config.Wall(now), key.AppendTo(nil), value, nil)
	return c.builder.Append(nil, batch.NoProducer)
}

// parse reads the facts of a transactional id from a value of version 0; false:
// they make no sense. (The later version has tags, which belong to transaction
// version 2, and kmsg takes their number on trust.)
func parse(b []byte) (facts, bool) {
	var v kmsg.TxnMetadataValue
	if len(b) < 2 || b[0] != 0 || b[1] != 0 || v.ReadFrom(b) != nil || v.State < 0 || State(v.State) >= Dead || v.ProducerID < 0 || v.ProducerEpoch < 0 {
		return facts{}, false
	}
	f := facts{state: State(v.State), producer: v.ProducerID, epoch: v.ProducerEpoch, lastProducer: -1, lastEpoch: -1,
		timeoutMillis: v.TimeoutMillis, started: v.StartTimestamp, updated: v.LastUpdateTimestamp}
	for _, topic := range v.Topics {
		for _, p := range topic.Partitions {
			f.partitions = append(f.partitions, Partition{topic.Topic, p})
		}
	}
	sort.Slice(f.partitions, func(i, j int) bool { return f.partitions[i].compare(f.partitions[j]) < 0 })
	f.partitions = slices.Compact(f.partitions)
	return f, true
}

// arm sets the timer for the state that the transaction is in.
func (c *Coordinator) arm(now int64, t *transaction) {
	at := int64(math.MaxInt64) // Prepare...: what failed sets it
	switch moves := &moves[t.state]; {
	case t.state == Ongoing:
		at = c.when(now, t.started, int64(t.timeoutMillis)*1000)
	case moves[unused] != never:
		at = c.when(now, t.updated, c.config.RetainMicros)
	}
	if at != math.MaxInt64 {
		c.timers.Set(&t.timer, at)
	}
}

// when returns the time that is some microseconds after a time of the wall
// clock, now at the earliest.
func (c *Coordinator) when(now, wallMillis, micros int64) int64 {
	passed := c.config.Wall(now) - wallMillis
	if passed >= micros/1000 {
		return now
	}
	return now + micros - max(passed, 0)*1000
}

// due is a transaction's timer.
func (c *Coordinator) due(now int64, t *transaction) {
	switch t.state {
	case Ongoing:
		c.fence(now, t, func(now int64, err *kerr.Error) {
			if err != nil {
				c.timers.Set(&t.timer, now+c.config.RetryMicros)
			}
		})
	case PrepareCommit, PrepareAbort:
		c.mark(now, t)
	default:
		c.write(now, t, t.after(unused, t.updated), func(now int64, err *kerr.Error) {
			if err != nil {
				c.timers.Set(&t.timer, now+c.config.RetryMicros)
				return
			}
			c.forget(t)
		})
	}
}
