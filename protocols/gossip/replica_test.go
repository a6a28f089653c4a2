package gossip

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"grapevine/protocols/field"
)

// converse carries an exchange between two replicas to its end over a wire
// that loses the messages drop says. It returns the messages and bytes sent,
// and every entry sent with the number of times.
func converse(t *testing.T, a, b *Replica, flow Flow, method Method, drop func() bool) (messages, bytes int, sent map[string]int) {
	t.Helper()
	sent = map[string]int{}
	type flight struct {
		to    *Replica
		bytes []byte
	}
	var wire []flight
	drain := func(from, to *Replica) {
		for o, ok := from.Output(); ok; o, ok = from.Output() {
			messages++
			bytes += len(o.Bytes)
			if len(o.Bytes) > MessageBytes {
				t.Fatalf("%v message of %d bytes, expected at most %d", o.Letter, len(o.Bytes), MessageBytes)
			}
			if gap := field.Gaps(DissectExchange(o.Bytes), len(o.Bytes)); gap != "" {
				t.Fatalf("%v: %s", o.Letter, gap)
			}
			if m, err := decode(o.Bytes); err != nil {
				t.Fatal(err)
			} else if m, ok := m.(*entriesMessage); ok {
				if o.Count != len(m.Entries) {
					t.Fatalf("Count %d, expected %d", o.Count, len(m.Entries))
				}
				for _, e := range m.Entries {
					sent[fmt.Sprint(e.Key, e.Counter, e.Writer)]++
				}
			}
			if drop == nil || !drop() {
				wire = append(wire, flight{to, o.Bytes})
			}
		}
		for _, ok := from.Poll(); ok; _, ok = from.Poll() {
		}
	}
	a.Open(flow, method)
	drain(a, b)
	for len(wire) > 0 {
		f := wire[0]
		wire = wire[1:]
		if err := f.to.Receive(f.bytes); err != nil {
			t.Fatal(err)
		}
		other := a
		if f.to == a {
			other = b
		}
		drain(f.to, other)
		if messages > 100_000 {
			t.Fatal("the exchange does not end")
		}
	}
	return messages, bytes, sent
}

// pair makes two stores with much in common: some entries newer in one, some
// only in one, some written at once in both.
func pair(r *rand.Rand, common, apart int) (*Replica, *Replica) {
	a, b := new(Replica), new(Replica)
	for i := range common {
		e := Entry{Key: fmt.Sprintf("k%d", i), Value: fmt.Sprint("v", i), Version: Version{uint64(1 + r.Intn(3)), uint32(r.Intn(5))}}
		a.Store.Merge(e)
		b.Store.Merge(e)
	}
	for range apart {
		key := fmt.Sprintf("k%d", r.Intn(common+apart+1))
		for i, s := range []*Store{&a.Store, &b.Store} {
			if r.Intn(2) == 0 {
				s.Write(key, fmt.Sprint(r.Intn(1000)), uint32(2*r.Intn(1000)+i))
			}
		}
	}
	return a, b
}

// union is the dumb twin of every exchange: a map, and the rule as the
// documentation of Version words it.
func union(stores ...Store) map[string]Entry {
	all := map[string]Entry{}
	for _, s := range stores {
		for _, e := range s.entries {
			old, found := all[e.Key]
			if !found || e.Version.Counter > old.Version.Counter ||
				e.Version.Counter == old.Version.Counter && e.Version.Writer > old.Version.Writer {
				all[e.Key] = e
			}
		}
	}
	return all
}

func holds(s *Store, want map[string]Entry) error {
	if s.Len() != len(want) {
		return fmt.Errorf("%d keys, expected %d", s.Len(), len(want))
	}
	for _, e := range s.entries {
		if w := want[e.Key]; w != e {
			return fmt.Errorf("%s is %q %v, expected %q %v", e.Key, e.Value, e.Version, w.Value, w.Version)
		}
	}
	return nil
}

var flows = []Flow{Give, Take, Give | Take}
var methods = []Method{ByFull, ByDigest, ByChecksum, ByMerkle}

// TestExchangeIsUnion holds every flow and method against the merge of sets,
// and the clever methods against the full comparison: they send each entry
// that is news, once, and no other.
func TestExchangeIsUnion(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for round := range 60 {
		common, apart := r.Intn(3)*r.Intn(400), r.Intn(40)
		if round == 0 {
			common = 0
		}
		a0, b0 := pair(r, common, apart)
		for _, flow := range flows {
			for _, method := range methods {
				a, b := &Replica{Store: a0.Store.Clone()}, &Replica{Store: b0.Store.Clone()}
				_, _, sent := converse(t, a, b, flow, method, nil)
				wantA, wantB, news := union(a0.Store), union(b0.Store), 0
				both := union(a0.Store, b0.Store)
				if flow&Give != 0 {
					wantB = both
					news += differences(both, &b0.Store)
				}
				if flow&Take != 0 {
					wantA = both
					news += differences(both, &a0.Store)
				}
				if err := holds(&a.Store, wantA); err != nil {
					t.Fatalf("round %d, flow %d, method %d: the opener has %v", round, flow, method, err)
				}
				if err := holds(&b.Store, wantB); err != nil {
					t.Fatalf("round %d, flow %d, method %d: the other has %v", round, flow, method, err)
				}
				if method == ByFull {
					// One side's everything, and then no more than is news.
					switch flow {
					case Give:
						news = a0.Store.Len()
					case Take:
						news = b0.Store.Len()
					default:
						news = a0.Store.Len() + differences(both, &a0.Store)
					}
				}
				total := 0
				for _, times := range sent {
					total += times
				}
				if total != news {
					t.Fatalf("round %d, flow %d, method %d: %d entries sent, %d were news", round, flow, method, total, news)
				}
			}
		}
	}
}

func differences(all map[string]Entry, s *Store) int {
	n := 0
	for _, e := range all {
		if mine, found := s.Get(e.Key); !found || mine != e {
			n++
		}
	}
	return n
}

// TestExchangesBearLoss: whatever is lost, nothing wrong is learnt, and
// enough exchanges agree in the end.
func TestExchangesBearLoss(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for _, flow := range flows {
		for _, method := range methods {
			a, b := pair(r, 300, 60)
			want := union(a.Store, b.Store)
			for i := range 150 {
				if i%2 == 0 {
					converse(t, a, b, flow, method, func() bool { return r.Intn(3) == 0 })
				} else {
					converse(t, b, a, flow, method, func() bool { return r.Intn(3) == 0 })
				}
			}
			for _, s := range []*Store{&a.Store, &b.Store} {
				if err := holds(s, want); err != nil {
					t.Errorf("flow %d, method %d: %v", flow, method, err)
				}
			}
		}
	}
}

// TestTraffic says what each method costs when 5 of 1000 keys differ: the
// figures behind the lesson.
func TestTraffic(t *testing.T) {
	var last int
	for _, method := range methods {
		a, b := new(Replica), new(Replica)
		for i := range 1000 {
			e := Entry{Key: fmt.Sprintf("k%d", i), Value: string(make([]byte, 60)), Version: Version{1, 0}}
			a.Store.Merge(e)
			b.Store.Merge(e)
		}
		equalMessages, equalBytes, _ := converse(t, a, b, Give|Take, method, nil)
		for i := range 5 {
			a.Store.Write(fmt.Sprintf("k%d", 7*i), "new", 1)
		}
		messages, bytes, _ := converse(t, a, b, Give|Take, method, nil)
		t.Logf("method %d: equal stores %d messages %d bytes; 5 keys apart %d messages %d bytes", method, equalMessages, equalBytes, messages, bytes)
		if method != ByChecksum && method != ByFull && bytes >= last {
			t.Errorf("method %d takes %d bytes, the one before %d", method, bytes, last)
		}
		last = bytes
		if err := holds(&b.Store, union(a.Store)); err != nil {
			t.Error(err)
		}
	}
}

// TestNoTies: without the second half of the rule the two values stay apart.
func TestNoTies(t *testing.T) {
	for _, noTies := range []bool{false, true} {
		a, b := new(Replica), new(Replica)
		a.Store.NoTies, b.Store.NoTies = noTies, noTies
		a.Write("k1", "red", 1)
		b.Write("k1", "blue", 2)
		for range 5 {
			converse(t, a, b, Give|Take, ByFull, nil)
			converse(t, b, a, Give|Take, ByDigest, nil)
		}
		if agree := a.Store.Sum() == b.Store.Sum(); agree == noTies {
			t.Errorf("NoTies %v: the stores agree: %v", noTies, agree)
		}
	}
}

func TestStoreLimits(t *testing.T) {
	var s Store
	long := string(make([]byte, MaxValueBytes+1))
	for _, e := range []Entry{{}, {Key: "k"}, {Key: long, Version: Version{1, 1}}, {Key: "k", Value: long, Version: Version{1, 1}}} {
		if out := s.Merge(e); out != Refused || s.Len() != 0 {
			t.Errorf("%.5q: outcome %d, expected it refused", e.Key, out)
		}
	}
	for i := range MaxStoreKeys {
		s.Write(fmt.Sprint(i), "", 0)
	}
	if s.Len() != MaxStoreKeys {
		t.Fatal(s.Len())
	}
	if _, ok := s.Write("one more", "", 0); ok {
		t.Error("a full store took one more key")
	}
	if _, ok := s.Write("1", "again", 0); !ok {
		t.Error("a full store must take a new value of a key that it has")
	}
	if !slices.IsSortedFunc(s.entries, func(a, b Entry) int { return int(int64(a.place) - int64(b.place)) }) {
		t.Error("the store is out of order")
	}
}

func TestMergeOrderMakesNoDifference(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for range 200 {
		var list []Entry
		for range 30 {
			v := Version{uint64(1 + r.Intn(3)), uint32(r.Intn(4))}
			list = append(list, Entry{Key: fmt.Sprint("k", r.Intn(6)), Value: v.String(), Version: v})
		}
		var first Store
		for _, e := range list {
			first.Merge(e)
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		var second Store
		for _, e := range append(list, list...) {
			second.Merge(e)
		}
		if first.Sum() != second.Sum() || holds(&second, union(first)) != nil {
			t.Fatalf("%v and %v", first.Entries(), second.Entries())
		}
	}
}

func TestClonesAreIndependent(t *testing.T) {
	var a Store
	a.Write("k1", "one", 1)
	b := a.Clone()
	sum := a.Sum()
	b.Write("k1", "two", 2)
	b.Write("k2", "two", 2)
	if a.Sum() != sum || a.Len() != 1 {
		t.Error("a write to the clone changed the original")
	}
	sum = b.Sum()
	a.Write("k3", "three", 1)
	if b.Sum() != sum || b.Len() != 2 {
		t.Error("a write to the original changed the clone")
	}
}
