package registry

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

const (
	ms     = int64(1000)
	second = 1000 * ms
)

// world is one registry, members and clients on a network that can lose,
// double and delay.
type world struct {
	t       *testing.T
	now     int64
	luck    *rand.Rand
	loss    int // percent, of doubling too
	delay   int64
	jitter  int64
	server  *Server // nil while it is down
	config  ServerConfig
	members []*Member // nil when crashed
	clients []*Client
	flying  []flight
	said    strings.Builder
	sent    map[Letter]int
	cut     func(letter Letter, to int) bool // drops what it is true for
}

type flight struct {
	at    int64
	to    int // 0: the server; 1..: members, then clients
	from  int
	bytes []byte
}

func newWorld(t *testing.T, members, clients int, watching bool) *world {
	w := &world{t: t, luck: rand.New(rand.NewSource(1)), delay: ms, sent: map[Letter]int{}}
	w.config = ServerConfig{Epoch: 1, LeaseMicros: 3 * second, YoungMicros: 3 * second}
	w.server = NewServer(0, w.config)
	for i := range members {
		w.members = append(w.members, nil)
		w.startMember(i, 1)
	}
	for range clients {
		c := NewClient(ClientConfig{Watch: watching, RefreshMicros: 2 * second, RetryMicros: 500 * ms})
		if err := c.Follow(0, "hello"); err != nil {
			t.Fatal(err)
		}
		w.clients = append(w.clients, c)
	}
	return w
}

func (w *world) startMember(i int, life uint64) {
	m := NewMember(MemberConfig{Service: "hello", Instance: Instance{ID: fmt.Sprintf("i%d", i), Life: life, Address: fmt.Sprintf("node/%d", i), Weight: 1},
		LeaseMicros: 3 * second, BeatMicros: second, RetryMicros: 500 * ms})
	w.members[i] = m
	m.Open(w.now)
}

func (w *world) restartServer() {
	w.config.Epoch++
	w.server = NewServer(w.now, w.config)
}

func (w *world) send(from, to int, b []byte) {
	letter := LetterOf(b)
	w.sent[letter]++
	if gapless(w.t, b); w.cut != nil && w.cut(letter, to) {
		return
	}
	for range 1 + btoi(w.luck.Intn(100) < w.loss) {
		if w.luck.Intn(100) >= w.loss {
			w.flying = append(w.flying, flight{w.now + w.delay + w.luck.Int63n(w.jitter+1), to, from, slices.Clone(b)})
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *world) say(format string, args ...any) {
	fmt.Fprintf(&w.said, "%5d %s\n", w.now/ms, fmt.Sprintf(format, args...))
}

// drain empties every machine.
func (w *world) drain() {
	if s := w.server; s != nil {
		for e, ok := s.Poll(); ok; e, ok = s.Poll() {
			w.say("registry: %s up=%v %v at %v", e.ID, e.Up, e.Why, e.Version)
		}
		for o, ok := s.Output(); ok; o, ok = s.Output() {
			w.send(0, int(o.To), o.Bytes)
		}
	}
	for i, m := range w.members {
		if m == nil {
			continue
		}
		for e, ok := m.Poll(); ok; e, ok = m.Poll() {
			w.say("member %d: %v to %v %v", i, e.From, e.To, e.Refusal != nil)
		}
		for b := m.Output(); b != nil; b = m.Output() {
			w.send(1+i, 0, b)
		}
	}
	for i, c := range w.clients {
		for e, ok := c.Poll(); ok; e, ok = c.Poll() {
			w.say("client %d: %v to %v, %v with %d, missed %d", i, e.From, e.To, e.Version, e.Count, e.Missed)
		}
		for b := c.Output(); b != nil; b = c.Output() {
			w.send(1+len(w.members)+i, 0, b)
		}
	}
}

// until plays to an instant.
func (w *world) until(t int64) {
	for w.drain(); ; w.drain() {
		next, which := t, -1
		for i, f := range w.flying {
			if f.at < next {
				next, which = f.at, i
			}
		}
		due := w.deadline()
		switch {
		case due < next:
			w.now = max(due, w.now)
			w.tick()
		case which >= 0:
			w.now = next
			f := w.flying[which]
			w.flying = slices.Delete(w.flying, which, which+1)
			w.deliver(f)
		default:
			w.now = t
			return
		}
	}
}

func (w *world) deadline() int64 {
	due := Never
	if w.server != nil {
		due = w.server.Deadline()
	}
	for _, m := range w.members {
		if m != nil {
			due = min(due, m.Deadline())
		}
	}
	for _, c := range w.clients {
		due = min(due, c.Deadline())
	}
	return due
}

func (w *world) tick() {
	if w.server != nil {
		w.server.Tick(w.now)
	}
	for _, m := range w.members {
		if m != nil {
			m.Tick(w.now)
		}
	}
	for _, c := range w.clients {
		c.Tick(w.now)
	}
}

func (w *world) deliver(f flight) {
	var err error
	switch {
	case f.to == 0:
		if w.server != nil {
			err = w.server.Receive(w.now, Peer(f.from), f.bytes)
		}
	case f.to <= len(w.members):
		if m := w.members[f.to-1]; m != nil {
			err = m.Receive(w.now, f.bytes)
		}
	default:
		err = w.clients[f.to-1-len(w.members)].Receive(w.now, f.bytes)
	}
	if err != nil {
		w.t.Fatalf("% x: %v", f.bytes, err)
	}
}

// list is what a client knows, in one line.
func (w *world) list(client int) string {
	v, _ := w.clients[client].View(w.now, "hello")
	var ids []string
	for _, i := range v.Instances {
		ids = append(ids, i.ID)
	}
	return fmt.Sprintf("%v %v", v.Knowledge, ids)
}

func (w *world) expect(want string) {
	w.t.Helper()
	for i := range w.clients {
		if got := w.list(i); got != want {
			w.t.Fatalf("at %d ms client %d has %q, expected %q\n%s", w.now/ms, i, got, want, &w.said)
		}
	}
}

func TestCrashIsSeenWhenTheLeaseEnds(t *testing.T) {
	for _, watching := range []bool{true, false} {
		w := newWorld(t, 3, 2, watching)
		w.until(2500 * ms)
		w.expect("fresh [i0 i1 i2]")
		w.members[1] = nil // its last heartbeat was heard at 2.0 s
		w.until(4900 * ms)
		w.expect("fresh [i0 i1 i2]")
		w.until(5200 * ms)
		if watching {
			w.expect("fresh [i0 i2]")
		}
		w.until(7300 * ms)
		w.expect("fresh [i0 i2]")
		w.startMember(1, 2)
		w.until(7400 * ms)
		if watching {
			w.expect("fresh [i0 i1 i2]")
		}
		w.members[2].Close(w.now)
		w.until(10 * second)
		w.expect("fresh [i0 i1]")
		if got := w.members[2].Standing(); got != Gone {
			t.Errorf("who left is %v", got)
		}
	}
}

// The registry dies and comes back empty: nobody is without addresses.
func TestRegistryDiesAndForgets(t *testing.T) {
	w := newWorld(t, 3, 1, true)
	w.until(4 * second)
	w.server = nil
	w.until(9 * second)
	w.expect("stale [i0 i1 i2]")
	v, _ := w.clients[0].View(w.now, "hello")
	if v.AgeMicros < 4*second || v.AgeMicros > 7*second {
		t.Errorf("it says its list is %d µs old", v.AgeMicros)
	}
	if got := w.members[0].Standing(); got != Doubtful {
		t.Errorf("a member is %v", got)
	}
	w.members[2] = nil
	w.restartServer()
	w.until(9600 * ms) // the client has asked, and nobody has registered again, or few
	w.expect("fresh [i0 i1 i2]")
	w.until(11 * second)
	for _, m := range w.members[:2] {
		if m.Standing() != Listed {
			t.Errorf("a member is %v, not registered again\n%s", m.Standing(), &w.said)
		}
	}
	w.until(16 * second)
	w.expect("fresh [i0 i1]") // the registry has come of age and says that i2 is gone
}

// A client that believes a registry that has just begun has nobody to call.
func TestBelieveYoung(t *testing.T) {
	w := newWorld(t, 2, 1, true)
	w.clients[0].config.BelieveYoung = true
	w.until(4 * second)
	w.restartServer()
	w.cut = func(l Letter, to int) bool { return l == Register }
	w.until(7 * second)
	w.expect("fresh []")
}

// A notice that gets lost is noticed by the next one, or by the renewal.
func TestMissedChange(t *testing.T) {
	w := newWorld(t, 4, 1, true)
	w.server.young = 0
	w.until(1200 * ms)
	w.cut = func(l Letter, _ int) bool { return l == Down }
	w.members[0].Close(w.now)
	w.until(1400 * ms)
	w.expect("fresh [i0 i1 i2 i3]") // does not know yet
	w.cut = nil
	w.members[1].Close(w.now)
	w.until(1500 * ms)
	w.expect("fresh [i2 i3]")
	if !strings.Contains(w.said.String(), "fresh to behind, 1.4 with 4, missed 1") {
		t.Errorf("nothing was noticed:\n%s", &w.said)
	}
	w.cut = func(l Letter, _ int) bool { return l == Down }
	w.members[2].Close(w.now)
	w.until(1700 * ms)
	w.expect("fresh [i2 i3]")
	w.until(4 * second)
	w.expect("fresh [i3]") // by the renewal
}

// Whatever the network does, all agree once it is quiet.
func TestLossyLink(t *testing.T) {
	for seed := range int64(40) {
		w := newWorld(t, 5, 3, seed%2 == 0)
		w.luck = rand.New(rand.NewSource(seed))
		w.loss, w.jitter = 30, 800*ms
		life := uint64(1)
		for range 30 {
			w.until(w.now + w.luck.Int63n(2*second))
			i := w.luck.Intn(5)
			switch w.luck.Intn(5) {
			case 0:
				w.members[i] = nil
			case 1:
				life++
				w.startMember(i, life)
			case 2:
				if w.members[i] != nil {
					w.members[i].Close(w.now)
				}
			case 3:
				w.restartServer()
			}
		}
		w.loss, w.jitter = 0, 0
		w.until(w.now + 20*second)
		var want []string
		for i, m := range w.members {
			if m != nil && m.Standing() == Listed {
				want = append(want, fmt.Sprintf("i%d", i))
			} else if m != nil && m.Standing() != Gone {
				t.Errorf("seed %d: member %d is %v", seed, i, m.Standing())
			}
		}
		w.expect(fmt.Sprintf("fresh %v", want))
		entries, _ := w.server.Entries("hello")
		if len(entries) != len(want) {
			t.Errorf("seed %d: the registry lists %d, expected %v", seed, len(entries), want)
		}
	}
}
