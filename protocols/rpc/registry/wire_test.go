package registry

import (
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"grapevine/protocols/field"
	"grapevine/protocols/prototest"
)

func gapless(t testing.TB, b []byte) {
	t.Helper()
	if gap := field.Gaps(Dissect(b), len(b)); gap != "" {
		t.Fatalf("% x: %s", b, gap)
	}
}

// samples returns a message of every type.
func samples() [][]byte {
	full := Instance{ID: "i1", Life: 1 << 40, Address: "server/1:80", Weight: 100, Metadata: []Pair{{Key: "zone", Value: "北京"}, {Key: "v", Value: ""}}}
	bare := Instance{ID: "i2", Address: "a", Weight: 1}
	v := Version{Epoch: 3, Counter: 1 << 33}
	var all [][]byte
	for _, m := range []any{
		registerMessage{Type: Register, Request: 1, Service: "hello", Instance: full, Lease: 3_000_000},
		aboutMessage{Type: Heartbeat, Request: 24, Service: "hello", ID: "i1", Life: 1 << 40},
		aboutMessage{Type: Deregister, Request: 256, Service: "hello", ID: "i1", Life: 1},
		lookupMessage{Type: Lookup, Request: 1<<32 + 1, Service: strings.Repeat("s", MaxNameBytes), Version: v},
		watchMessage{Type: Watch, Request: 1, Service: "hello", Version: Version{}, Lease: MaxLeaseMicros},
		grantedMessage{Type: Granted, Request: 1, Lease: 1},
		plainMessage{Type: Unknown, Request: 1},
		plainMessage{Type: Removed, Request: 1},
		listingMessage{Type: List, Request: 1, Service: "hello", Version: v, Young: true, Instances: []Instance{full, bare}},
		listingMessage{Type: List, Request: 1, Service: "hello", Version: v},
		sameMessage{Type: Same, Request: 1, Service: "hello", Version: v, Young: false},
		upMessage{Type: Up, Service: "hello", Version: v, Instance: bare},
		downMessage{Type: Down, Service: "hello", Version: v, ID: "i1", Why: Left},
		refusedMessage{Type: Refused, Request: 1, Refusal: Outlived},
	} {
		all = append(all, wire.Must(m))
	}
	return all
}

func TestDecodeWholeSplitTrailing(t *testing.T) {
	seen := map[Letter]bool{}
	for _, b := range samples() {
		seen[LetterOf(b)] = true
		if f := Dissect(b); f.Name != LetterOf(b).String() {
			t.Errorf("% x is called %q", b, f.Name)
		}
		prototest.Message(t, b, func(b []byte) error {
			gapless(t, b)
			_, err := decode(b)
			return err
		})
	}
	if len(seen) != int(letters) {
		t.Errorf("only the types %v were tried", seen)
	}
}

func TestDecodeRefuses(t *testing.T) {
	e := func(v any) []byte {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	type list = []any
	long := strings.Repeat("n", MaxNameBytes+1)
	instance := list{"i", 1, "a", 1, list{}}
	pairs := make(list, MaxPairs+1)
	for i := range pairs {
		pairs[i] = list{"k", "v"}
	}
	for _, c := range []struct {
		bytes []byte
		want  string
	}{
		{nil, "CBOR array"},
		{e(list{13, 1}), "type 0xd"},
		{e(list{0, 1, "", instance, 5}), "a service of 0 bytes"},
		{e(list{0, 1, long, instance, 5}), "a service of 49 bytes"},
		{e(list{0, 1, "s", list{"", 1, "a", 1, list{}}, 5}), "an id of 0 bytes"},
		{e(list{0, 1, "s", list{"i", 1, "a", 0, list{}}, 5}), "weight of 0"},
		{e(list{0, 1, "s", list{"i", 1, "a", 101, list{}}, 5}), "weight of 101"},
		{e(list{0, 1, "s", list{"i", 1, "a", 1, pairs}, 5}), "9 pairs"},
		{e(list{0, 1, "s", list{"i", 1, "a", 1, list{list{"k", strings.Repeat("v", MaxValueBytes+1)}}}, 5}), "value of 97 bytes"},
		{e(list{0, 1, "s", list{"i", 1, "a", 1, nil}, 5}), "shortest form"},
		{e(list{0, 1, "s", instance, 0}), "a lease of 0"},
		{e(list{0, 1, "s", instance, int64(MaxLeaseMicros) + 1}), "a lease of 86400000001"},
		{e(list{0, 1, "s", instance, -1}), "a lease of -1"},
		{e(list{1, 1, "s", "i"}), "heartbeat"},
		{e(list{4, 1, "s", list{1, 1}, 0}), "a lease of 0"},
		{e(list{8, 1, "s", list{1, 1}, false, list{instance, instance}}), "not above the one before"},
		{e(list{11, "s", list{1, 1}, "i", 2}), "reason is 2"},
		{e(list{12, 1, 4}), "refusal is 4"},
		{make([]byte, MaxMessageBytes+1), "16385 bytes"},
	} {
		_, err := decode(c.bytes)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%x: error %v, expected one with %q", c.bytes, err, c.want)
		}
		gapless(t, c.bytes)
	}
}

// A message at the wrong door is an error, and changes nothing.
func TestUnexpected(t *testing.T) {
	s, c := NewServer(0, ServerConfig{}), NewClient(ClientConfig{})
	m := NewMember(MemberConfig{Service: "s", Instance: Instance{ID: "i", Address: "a", Weight: 1}, LeaseMicros: 1, BeatMicros: 1, RetryMicros: 1})
	for _, b := range samples() {
		l := LetterOf(b)
		for name, wrong := range map[string]bool{"server": s.Receive(0, 1, b) != nil, "member": m.Receive(0, b) != nil, "client": c.Receive(0, b) != nil} {
			want := map[string]bool{"server": l > Watch, "member": l != Granted && l != Unknown && l != Removed && l != Refused, "client": l < List}[name]
			if wrong != want {
				t.Errorf("%v at the %s: an error %v, expected %v", l, name, wrong, want)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	s := NewServer(0, ServerConfig{MaxServices: 2, MaxInstances: 3, MaxWatches: 2, MaxListBytes: 400})
	ask := func(peer Peer, m any) Letter {
		t.Helper()
		if err := s.Receive(0, peer, wire.Must(m)); err != nil {
			t.Fatal(err)
		}
		last := Refused
		for o, ok := s.Output(); ok; o, ok = s.Output() {
			if o.To == peer && LetterOf(o.Bytes) != Up && LetterOf(o.Bytes) != Down {
				last = LetterOf(o.Bytes)
			}
			if LetterOf(o.Bytes) == List && len(o.Bytes) > 400 {
				t.Errorf("a listing of %d bytes", len(o.Bytes))
			}
		}
		return last
	}
	register := func(service, id string, life uint64, pad int) Letter {
		return ask(1, registerMessage{Type: Register, Request: 1, Service: service, Lease: second,
			Instance: Instance{ID: id, Life: life, Address: "a", Weight: 1, Metadata: []Pair{{Key: "k", Value: strings.Repeat("v", pad)}}}})
	}
	leave := func(service, id string) Letter {
		return ask(1, aboutMessage{Type: Deregister, Request: 1, Service: service, ID: id, Life: 1})
	}
	for i, c := range []struct {
		got, want Letter
	}{
		{register("a", "1", 1, 0), Granted},
		{register("b", "1", 1, 0), Granted},
		{register("c", "1", 1, 0), Refused}, // too many services
		{leave("a", "1"), Removed},
		{register("c", "1", 1, 0), Granted}, // in the place of a, where nobody is
		{register("c", "2", 1, 0), Granted},
		{register("c", "3", 1, 0), Granted},
		{register("c", "4", 1, 0), Refused}, // the list is full
		{register("c", "3", 0, 0), Refused}, // outlived
		{register("c", "3", 2, 96), Granted},
		{register("c", "2", 2, 96), Granted},
		{register("c", "1", 2, 96), Refused}, // too long a list
		{register("c", "1", 2, 0), Granted},
		{ask(1, lookupMessage{Type: Lookup, Request: 1, Service: "c"}), List},
		{ask(1, watchMessage{Type: Watch, Request: 1, Service: "c", Lease: second}), List},
		{ask(2, watchMessage{Type: Watch, Request: 1, Service: "nothing", Lease: second}), List},
		{ask(1, watchMessage{Type: Watch, Request: 1, Service: "c", Lease: second}), List}, // the same again
		{ask(3, watchMessage{Type: Watch, Request: 1, Service: "c", Lease: second}), Refused},
	} {
		if c.got != c.want {
			t.Errorf("step %d: %v, expected %v", i, c.got, c.want)
		}
	}
	if _, v := s.Entries("a"); v.Counter < 2 {
		t.Errorf("a forgotten service goes back to version %v", v)
	}
	if s.Forget(2); s.Watches() != 1 {
		t.Errorf("%d watches after a peer was forgotten", s.Watches())
	}
	if s.Tick(second); s.Watches() != 0 {
		t.Errorf("%d watches after their leases", s.Watches())
	}
	if NewClient(ClientConfig{}).Follow(0, "") == nil {
		t.Error("a client follows a service without a name")
	}
}

// FuzzMachines hands any messages to all three machines, at any times.
func FuzzMachines(f *testing.F) {
	for _, b := range samples() {
		f.Add(b, b, uint16(100))
		f.Add(b[:len(b)-1], b, uint16(60000))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, step uint16) {
		gapless(t, a)
		s := NewServer(0, ServerConfig{YoungMicros: 1000})
		c := NewClient(ClientConfig{Watch: step%2 == 0, RefreshMicros: 1000, RetryMicros: 100})
		m := NewMember(MemberConfig{Service: "hello", Instance: Instance{ID: "i1", Address: "a", Weight: 1}, LeaseMicros: 3000, BeatMicros: 1000, RetryMicros: 500})
		_ = c.Follow(0, "hello")
		m.Open(0)
		now := int64(0)
		for range 3 {
			for _, message := range [][]byte{a, b} {
				now += int64(step)
				_, _, _ = s.Receive(now, 1, message), c.Receive(now, message), m.Receive(now, message)
				s.Tick(now)
				c.Tick(now)
				m.Tick(now)
				if s.Deadline() <= now || c.Deadline() <= now || m.Deadline() <= now {
					t.Fatalf("at %d after its Tick a machine is due at %d, %d, %d", now, s.Deadline(), c.Deadline(), m.Deadline())
				}
				for o, ok := s.Output(); ok; o, ok = s.Output() {
					gapless(t, o.Bytes)
					_ = c.Receive(now, o.Bytes)
					_ = m.Receive(now, o.Bytes)
				}
			}
			m.Close(now)
		}
	})
}
