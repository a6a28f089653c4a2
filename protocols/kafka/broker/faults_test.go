package broker_test

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/kafkatest"
	"grapevine/protocols/kafka/log"

	"github.com/twmb/franz-go/pkg/kmsg"
)

var seeds = flag.Int("seeds", 5, "how many random runs of each kind")

// world is a cluster under random faults, with writers that keep books.
type world struct {
	t       testing.TB
	c       *kafkatest.Cluster
	topic   string
	acks    int16
	writers []*writer
	readers []*reader
	safe    bool // no crash takes the last copy with it
	brokers int
	fault   string
}

// writer writes the numbers from 0 on to a partition, some at a time, and
// again until they are acknowledged.
type writer struct {
	w         *world
	partition int32
	conn      *kafkatest.Raw
	to        int
	next      int
	count     int
	since     int64
	acked     map[string]int64 // where each record is
	last      int64
}

// reader reads a partition from its start on, as consumers do.
type reader struct {
	w         *world
	partition int32
	conn      *kafkatest.Raw
	from      int
	since     int64
	next      int64
	seen      map[int64]string
}

func (w *writer) step(now int64) {
	if w.conn != nil {
		if a, ok := w.conn.Next(); ok {
			p := a.Answer.(*kmsg.ProduceResponse).Topics[0].Partitions[0]
			switch {
			case p.ErrorCode != 0:
				w.hangup()
			case p.BaseOffset <= w.last && w.w.acks == -1:
				w.w.t.Errorf("%s: partition %d: %d was acknowledged at offset %d, %d before it at %d", w.w.fault, w.partition, w.next, p.BaseOffset, w.next-1, w.last)
				fallthrough
			default:
				for i := range w.count {
					w.acked[strconv.Itoa(w.next+i)] = p.BaseOffset + int64(i)
				}
				w.last = p.BaseOffset + int64(w.count) - 1
				w.next += w.count
				w.count = 0
			}
		} else if w.conn.Closed() || w.count > 0 && now-w.since > 6*second {
			w.hangup()
		}
	}
	if w.conn == nil {
		if w.to = leader(w.w.c, w.w.brokers, w.w.topic, w.partition); w.to < 0 || now-w.since < second/5 {
			return
		}
		w.conn = w.w.c.Dial(w.to)
		w.count = 0
	}
	if w.count == 0 && now-w.since >= second/50 {
		w.count = 1 + int(w.w.c.Rand()%3)
		var list []string
		for i := range w.count {
			list = append(list, strconv.Itoa(w.next+i))
		}
		w.conn.Send(produceTo(w.w.topic, w.partition, w.w.acks, records(list...)), -1)
		w.since = now
	}
}

func (w *writer) hangup() {
	w.conn.Close()
	w.conn, w.count = nil, 0
	w.since = w.w.c.Now
}

func (r *reader) step(now int64) {
	if r.conn != nil {
		if a, ok := r.conn.Next(); ok {
			p := a.Answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]
			if p.ErrorCode != 0 {
				r.hangup()
				return
			}
			for _, v := range values(r.w.t, p.RecordBatches) {
				if v.offset < r.next {
					continue
				}
				r.seen[v.offset] = v.value
				r.next = v.offset + 1
			}
		} else if r.conn.Closed() || now-r.since > 3*second {
			r.hangup()
			return
		}
	}
	if r.conn == nil {
		if now-r.since < second/5 {
			return
		}
		if r.from = leader(r.w.c, r.w.brokers, r.w.topic, r.partition); r.from < 0 {
			return
		}
		r.conn = r.w.c.Dial(r.from)
	}
	if r.conn.Waiting() == 0 {
		r.conn.Send(fetchFrom(r.w.topic, r.partition, r.next, 500), 12)
		r.since = now
	}
}

func (r *reader) hangup() {
	r.conn.Close()
	r.conn = nil
	r.since = r.w.c.Now
}

// newWorld makes a cluster with a topic of two partitions.
func newWorld(t testing.TB, seed uint64, s broker.Settings, acks int16, minInsync string) *world {
	const brokers = 3
	w := &world{t: t, topic: "t", acks: acks, brokers: brokers, fault: fmt.Sprintf("seed %d", seed)}
	w.c = start(t, kafkatest.Config{Brokers: brokers, Settings: s, Seed: seed, SyncMicros: int64(seed%4) * 3000})
	create(t, w.c, brokers, w.topic, 2, brokers, "min.insync.replicas", minInsync)
	for p := range int32(2) {
		w.writers = append(w.writers, &writer{w: w, partition: p, acked: map[string]int64{}, last: -1})
		w.readers = append(w.readers, &reader{w: w, partition: p, seen: map[int64]string{}})
	}
	return w
}

// run lets the writers and readers work.
func (w *world) run(micros int64) {
	for end := w.c.Now + micros; w.c.Now < end; {
		for _, x := range w.writers {
			x.step(w.c.Now)
		}
		for _, x := range w.readers {
			x.step(w.c.Now)
		}
		w.c.Run(second / 200)
	}
}

// whole reports whether no broker is down, and all are in all in-sync sets.
func (w *world) whole() bool {
	if !w.c.Ready() {
		return false
	}
	for i := range w.brokers {
		for number := range w.writers {
			if p, ok := w.c.Broker(i).Partition(w.topic, int32(number)); !ok || len(p.InSync) < w.brokers || p.Leader < 0 {
				return false
			}
		}
	}
	return true
}

// mayCrash reports whether a broker may lose what it has not synced without
// anything being lost. That is promised for one at a time: all others are up
// and known to the controller in this life, and of each partition one of them
// is in the in-sync set. (Two crashes at once while the third is cut off are
// one too many: the controller may take the third out before it hears of them.)
func (w *world) mayCrash(victim int) bool {
	newest := victim
	for i := range w.brokers {
		b := w.c.Broker(i)
		if b == nil && i != victim {
			return false
		}
		if b != nil && (w.c.Broker(newest) == nil || b.Image().End() > w.c.Broker(newest).Image().End()) {
			newest = i
		}
	}
	for number := range w.writers {
		survivors := 0
		for i := range w.brokers {
			if i == victim {
				continue
			}
			if _, active := w.c.Broker(i).Partition(w.topic, int32(number)); !active {
				return false
			}
			if slices.Contains(w.c.Broker(newest).Image().Topic(w.topic).Partitions[number].ISR, int32(i)) {
				survivors++
			}
		}
		if survivors == 0 {
			return false
		}
	}
	return true
}

// faults happen, one after the other and several at a time.
func (w *world) faults(n int) {
	for range n {
		victim := int(w.c.Rand() % uint64(w.brokers))
		switch w.c.Rand() % 8 {
		case 0, 1, 2:
			if w.c.Broker(victim) == nil || !w.safe || w.mayCrash(victim) {
				w.c.Crash(victim)
			}
			if w.c.Rand()%2 == 0 {
				w.run(int64(w.c.Rand() % (6 * second)))
			}
			if err := w.c.Restart(victim); err != nil {
				w.t.Fatal(w.fault, err)
			}
		case 3:
			if w.safe && !w.mayCrash(victim) {
				break
			}
			w.c.Crash(victim) // and it stays down for a while
		case 4:
			for i := range w.brokers {
				if err := w.c.Restart(i); err != nil {
					w.t.Fatal(w.fault, err)
				}
			}
			w.run(3 * second)
		case 5:
			w.c.Isolate(victim)
		case 6:
			w.c.Cut(victim, (victim+1+int(w.c.Rand()%2))%w.brokers)
		case 7:
			w.c.Heal()
			w.run(3 * second)
		}
		w.run(int64(w.c.Rand() % (4 * second)))
	}
	w.c.Heal()
	for i := range w.brokers {
		if err := w.c.Restart(i); err != nil {
			w.t.Fatal(w.fault, err)
		}
	}
}

// lost repairs all, reads what is left, and returns how many acknowledged
// records are not there, and how many that were read.
func (w *world) lost() (acked, lostAcked, lostRead int) {
	w.c.Heal()
	for i := range w.brokers {
		if err := w.c.Restart(i); err != nil {
			w.t.Fatal(w.fault, err)
		}
	}
	if !w.c.Until(w.c.Now+60*second, w.whole) {
		for i := range w.brokers {
			for _, p := range w.c.Broker(i).Partitions() {
				w.t.Logf("broker %d: %+v", i, p)
			}
		}
		w.t.Fatalf("%s: 60 s after all was repaired, not all replicas are in sync", w.fault)
	}
	w.run(3 * second)
	for i, x := range w.writers {
		from := leader(w.c, w.brokers, w.topic, x.partition)
		l := w.c.Broker(from).Log(w.topic, x.partition)
		left := map[int64]string{}
		for _, v := range values(w.t, w.bytes(l, l.End())) {
			left[v.offset] = v.value
		}
		acked += len(x.acked)
		for value, offset := range x.acked {
			if left[offset] != value {
				lostAcked++
			}
		}
		for offset, value := range w.readers[i].seen {
			if left[offset] != value {
				lostRead++
			}
		}
		w.same(l, x.partition)
	}
	return acked, lostAcked, lostRead
}

// bytes returns all batches of a log before an offset.
func (w *world) bytes(l *log.Log, end int64) (all []byte) {
	for at := l.Start(); at < end; {
		batches, _, err := l.Read(w.c.Now, at, 1<<20, end)
		if err != nil {
			w.t.Fatal(w.fault, err)
		}
		if len(batches) == 0 {
			break
		}
		all = append(all, batches...)
		list := values(w.t, batches)
		at = list[len(list)-1].offset + 1
	}
	return all
}

// same checks that all replicas of a partition are the same, to the byte, but
// for what the last Fetch has not brought yet.
func (w *world) same(l *log.Log, partition int32) {
	for other := range w.brokers {
		p, _ := w.c.Broker(other).Partition(w.topic, partition)
		if p.HighWatermark < l.End()-20 {
			w.t.Errorf("%s: broker %d has partition %d only to %d, its leader to %d", w.fault, other, partition, p.HighWatermark, l.End())
		}
		theirs := w.c.Broker(other).Log(w.topic, partition)
		if a, b := w.bytes(l, p.End), w.bytes(theirs, p.End); !bytes.Equal(a, b) || !slices.Equal(l.Epochs(), theirs.Epochs()) && len(a) > 0 && p.End == l.End() && l.LatestEpoch() == theirs.LatestEpoch() {
			w.t.Errorf("%s: broker %d has other bytes of partition %d than its leader, up to %d; epochs %v and %v", w.fault, other, partition, p.End, theirs.Epochs(), l.Epochs())
		}
	}
}

// With unclean elections anything may be lost; but what is left is the same
// everywhere: who had something else has cut it off.
func TestUncleanReplicasAgree(t *testing.T) {
	s := quick
	s.UncleanElection = true
	lost := 0
	for seed := range uint64(2 * *seeds) {
		w := newWorld(t, seed, s, 1, "1")
		w.faults(16)
		_, lostAcked, _ := w.lost()
		lost += lostAcked
	}
	if lost == 0 {
		t.Error("nothing was lost: nothing was cut off, either")
	}
}

// With acks=all and min.insync.replicas=2 nothing acknowledged is lost, and
// nothing that was read, as long as no crash takes the last copy with it.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	total := 0
	for seed := range uint64(*seeds) {
		w := newWorld(t, seed, quick, -1, "2")
		w.safe = true
		w.faults(16)
		acked, lostAcked, lostRead := w.lost()
		total += acked
		if lostAcked+lostRead > 0 {
			t.Errorf("%s: of %d acknowledged records %d are lost, and %d that were read", w.fault, acked, lostAcked, lostRead)
		}
	}
	t.Logf("%d acknowledged records", total)
}

// With every batch synced, even if all crash at once.
func TestNothingSyncedIsLost(t *testing.T) {
	s := quick
	s.FlushEach = true
	for seed := range uint64(*seeds) {
		w := newWorld(t, seed, s, -1, "2")
		for range 4 {
			w.faults(2)
			for i := range w.brokers {
				if w.c.Rand()%2 == 0 {
					w.c.Crash(i)
				}
			}
			w.run(int64(w.c.Rand() % (4 * second)))
			for i := range w.brokers {
				if err := w.c.Restart(i); err != nil {
					t.Fatal(w.fault, err)
				}
			}
			w.run(2 * second)
		}
		if acked, lostAcked, lostRead := w.lost(); lostAcked+lostRead > 0 || acked == 0 {
			t.Errorf("%s: of %d acknowledged records %d are lost, and %d that were read", w.fault, acked, lostAcked, lostRead)
		}
	}
}

// With acks=1 some are lost: the leader answers before others have them.
func TestLeaderOnlyLoses(t *testing.T) {
	lost := 0
	for seed := uint64(0); lost == 0 && seed < 10*uint64(*seeds); seed++ {
		w := newWorld(t, seed, quick, 1, "1")
		w.safe = true
		w.faults(16)
		_, lostAcked, _ := w.lost()
		lost += lostAcked
	}
	if lost == 0 {
		t.Error("nothing was lost with acks=1: the test that nothing is with acks=all shows nothing")
	}
}
