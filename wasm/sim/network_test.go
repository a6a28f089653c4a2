package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// However the calls of Advance are cut, by time and by budget, the run is the same.
func TestSlicesDoNotShow(t *testing.T) {
	const end = 150 * Millisecond
	for seed := range uint64(20) {
		whole := play(newChatter(t, seed, trouble), end)
		luck := rand.New(rand.NewPCG(seed, 2))
		sliced := newChatter(t, seed, trouble)
		for sliced.Now() < end || sliced.Advance(end, 1) == Budget {
			sliced.Advance(min(sliced.Now()+Time(luck.Int64N(3000)), end), luck.IntN(40))
		}
		same(t, fmt.Sprintf("seed %d in slices", seed), story(sliced, nil), story(whole, nil))
		if got, want := sliced.Journal.Digest(), whole.Journal.Digest(); got != want {
			t.Errorf("seed %d: digest in slices %s, in one go %s", seed, got, want)
		}
		if sliced.Steps() != whole.Steps() {
			t.Errorf("seed %d: %d steps in slices, %d in one go", seed, sliced.Steps(), whole.Steps())
		}
	}
}

// A lab may look at the clock to say that its run is over; the run still ends
// after the same event, wherever a slice ends.
func TestEndDoesNotDependOnSlices(t *testing.T) {
	run := func(cut Time) (Time, string) {
		n := New(1)
		n.AddRole("a", 1, &actor{
			start: func(c *Ctx) { c.After(90, 0); c.After(200, 0); c.After(300, 0) },
		})
		n.Finished = func() bool { return n.Now() > 100 }
		for at := cut; n.Advance(at, 1000) != Finished; at += cut {
		}
		return n.Now(), n.Journal.Digest()
	}
	for _, cut := range []Time{1, 7, 150, 1000} {
		if now, _ := run(cut); now != 200 {
			t.Errorf("in slices of %v the run ends at %v, expected 200µs", cut, now)
		}
	}
}

// What Advance says of why it returned.
func TestHalt(t *testing.T) {
	n := New(1)
	n.AddRole("a", 1, &actor{start: func(c *Ctx) { c.After(10, 0); c.After(20, 0) }})
	schedule(t, n, "30us crash a/0")
	for i, step := range []struct {
		until  Time
		budget int
		halt   Halt
		now    Time
	}{
		{5, 100, Reached, 5},
		{100, 1, Budget, 10},
		{100, 0, Budget, 10},
		{7, 100, Reached, 10}, // not back in time
		{25, 100, Reached, 25},
		{29, 100, Reached, 29},
		{29, 100, Reached, 29},
		{100, 100, Finished, 30},
		{200, 100, Finished, 30},
	} {
		if halt := n.Advance(step.until, step.budget); halt != step.halt || n.Now() != step.now {
			t.Errorf("step %d: halt %d at %v, expected %d at %v", i, halt, n.Now(), step.halt, step.now)
		}
	}
}

// The other nodes' luck does not change when one
// of them crashes or the links get worse.
func TestLuckIsKeyed(t *testing.T) {
	// Each node tells a partner every millisecond, whatever it hears.
	partners := func(script string, l Link) map[NodeID][]string {
		n := New(3)
		said := map[NodeID][]string{}
		role := n.AddRole("a", 5, &actor{
			start: func(c *Ctx) { c.After(Millisecond, 0) },
			wake: func(c *Ctx, _ Timer) {
				to := NodeID(c.Intn(5))
				said[c.Self()] = append(said[c.Self()], fmt.Sprintf("%v to %d", c.Now(), to))
				c.Send(to, 0, nil)
				c.After(Millisecond, 0)
			},
		})
		n.Connect(role, role, l)
		schedule(t, n, script)
		play(n, 50*Millisecond)
		return said
	}
	calm := partners("", Link{Delay: 100})
	lossy := partners("", Link{Delay: 100, Jitter: 50, Loss: 300_000, Duplicate: 100_000, Reorder: 100_000, RateBytes: 1000})
	crashed := partners("5.5ms crash a/2", Link{Delay: 100})
	back := partners("5.5ms crash a/2\n5500us restart a/2", Link{Delay: 100})
	for node := range NodeID(5) {
		same(t, fmt.Sprintf("partners of node %d with loss", node), lossy[node], calm[node])
		if node != 2 {
			same(t, fmt.Sprintf("partners of node %d after a crash elsewhere", node), crashed[node], calm[node])
			same(t, fmt.Sprintf("partners of node %d after a restart elsewhere", node), back[node], calm[node])
		}
	}
	if len(crashed[2]) != 5 || len(calm[2]) != 50 {
		t.Errorf("node 2 spoke %d and %d times, expected 5 until it crashed and else 50", len(crashed[2]), len(calm[2]))
	}
}

// A node's luck, the links' and a lab's are streams apart, each even enough.
func TestLuckIsEven(t *testing.T) {
	luck, other, again := NewLuck(7, 1), NewLuck(7, 2), NewLuck(7, 1)
	var counts [10]int
	equal := 0
	for range 100_000 {
		x := luck.Intn(10)
		counts[x]++
		if x == other.Intn(10) {
			equal++
		}
		if x != again.Intn(10) {
			t.Fatal("equal seeds and purposes give different streams")
		}
	}
	for x, count := range append(counts[:], equal) {
		if count < 9500 || count > 10500 { // five standard deviations
			t.Errorf("%d came %d times in 100,000, expected about 10,000", x, count)
		}
	}
}

// What a network is asked for that cannot be is a bug of the caller's.
func TestCallersBugsPanic(t *testing.T) {
	for what, do := range map[string]func(*Network){
		"no nodes":      func(n *Network) { n.AddRole("b", 0, &actor{}) },
		"too late":      func(n *Network) { play(n, 1); n.AddRole("b", 1, &actor{}) },
		"negative time": func(n *Network) { n.Connect(0, 0, Link{Delay: -1}) },
		"huge jitter":   func(n *Network) { n.Connect(0, 0, Link{Jitter: maxDelay + 1}) },
		"over certain":  func(n *Network) { n.Connect(0, 0, Link{Loss: Certain + 1}) },
		"huge rate":     func(n *Network) { n.Connect(0, 0, Link{RateBytes: maxRateBytes + 1}) },
		"big packet":    func(n *Network) { play(n, 1); n.ctx.Send(0, 0, make([]byte, MaxPacketBytes+1)) },
		"luck below 1":  func(n *Network) { play(n, 1); n.ctx.Intn(0) },
	} {
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "sim: ") {
					t.Errorf("%s: %v, expected a panic that says which package was misused", what, p)
				}
			}()
			n := New(1)
			n.AddRole("a", 1, &actor{})
			do(n)
		}()
	}
}

// A packet takes every size there is, arrives as it was sent, and what is
// sent to nobody is dropped and said to be.
func TestPayloadSizes(t *testing.T) {
	sizes := []int{0, 1, 15, 16, 17, 4096, 65536 - 29, MaxPacketBytes}
	var got []int
	n := New(1)
	n.AddRole("a", 2, &actor{
		start: func(c *Ctx) {
			for _, size := range sizes {
				if c.Member() == 0 {
					payload := slices.Repeat([]byte{byte(size)}, size)
					c.Send(1, uint8(size), payload)
					clear(payload) // it was copied
				}
			}
			c.Send(2, 0, nil)
			c.Send(Nobody, 0, []byte("anybody?"))
		},
		deliver: func(c *Ctx, p Packet) {
			got = append(got, len(p.Payload))
			if p.From != 0 || c.Self() != 1 || p.Kind != uint8(len(p.Payload)) {
				t.Errorf("packet from %d to %d of kind %d", p.From, c.Self(), p.Kind)
			}
			for _, b := range p.Payload {
				if b != byte(len(p.Payload)) {
					t.Fatalf("a payload of %d bytes holds %#x", len(p.Payload), b)
				}
			}
		},
	})
	n.Journal.Keep(All)
	play(n, Second)
	if !slices.Equal(got, sizes) {
		t.Errorf("arrived: %v, expected %v", got, sizes)
	}
	absent := story(n, func(e *Event) bool { return e.Why == WhyAbsent })
	same(t, "to nobody", absent, []string{
		"0s nobody drop a/0 0B absent", "0s nobody drop a/0 8B absent",
		"0s nobody drop a/1 0B absent", "0s nobody drop a/1 8B absent"})
	if n.InFlight() != 0 || n.slab.live != 0 {
		t.Errorf("%d packets and %d events are left over", n.InFlight(), n.slab.live)
	}
}

// A packet to nobody may be on its way when the wheel's clock is behind.
func TestToNobodyFromAnAction(t *testing.T) {
	n := New(1)
	n.AddRole("a", 1, &actor{start: func(c *Ctx) { c.Send(Nobody, 0, nil) }})
	schedule(t, n, "1s crash a/0\n1s restart a/0")
	play(n, 2*Second)
	if n.Journal.Count(KindDrop) != 2 || n.InFlight() != 0 {
		t.Errorf("%d packets were dropped, %d are on their way; expected both dropped", n.Journal.Count(KindDrop), n.InFlight())
	}
}

// Times at the far end: timers beyond every clock, packets that take the
// longest there is, an Advance to forever and beyond.
func TestHugeTimes(t *testing.T) {
	n := New(1)
	var woken []Time
	role := n.AddRole("a", 1, &actor{
		start: func(c *Ctx) {
			c.After(1<<63-1, 0)
			c.After(Forever, 0)
			c.After(Forever-1, 0)
			c.After(-5, 0)
			c.After(-1<<63, 0)
		},
		wake: func(c *Ctx, _ Timer) {
			woken = append(woken, c.Now())
			c.Send(0, 0, nil)
			if c.Now() > 0 && c.Now() < Forever {
				c.After(1<<63-1, 0)
			}
		},
	})
	n.Connect(role, role, Link{Delay: maxDelay, Jitter: maxDelay, Reorder: Certain})
	schedule(t, n, "1us slow a/0 a/0 1000h")
	for range 3 {
		if halt := n.Advance(1<<63-1, 1000); halt != Reached || n.Now() != Forever {
			t.Errorf("halt %d at %d, expected to reach Forever", halt, n.Now())
		}
	}
	if want := []Time{0, 0, Forever - 1, Forever, Forever, Forever}; !slices.Equal(woken, want) {
		t.Errorf("woken at %v, expected %v", woken, want)
	}
	if got := n.Journal.Count(KindDeliver); got != 2 {
		t.Errorf("%d packets arrived, expected the 2 sent at time 0", got)
	}
	n.Flights(func(f Flight) bool {
		if f.Due-f.Sent != maxDelay {
			t.Errorf("a packet takes %v, expected the longest there is, %v", f.Due-f.Sent, maxDelay)
		}
		return true
	})
}

// In a steady state, sending and delivering make no garbage.
func TestNoGarbage(t *testing.T) {
	n := New(1)
	payload := []byte("0123456789abcdef0123")
	role := n.AddRole("a", 100, &actor{
		start: func(c *Ctx) { c.After(Time(c.Intn(1000)), 0) },
		wake: func(c *Ctx, _ Timer) {
			c.Send(NodeID(c.Intn(100)), 0, payload)
			c.Note(1, 2)
			c.After(Millisecond, 0)
		},
	})
	n.Connect(role, role, Link{Delay: 5000, Jitter: 5000, Loss: 10_000, Duplicate: 10_000})
	seen := uint64(0)
	n.Journal.OnEvent = func(*Event) { seen++ }
	play(n, Second)
	if allocs := testing.AllocsPerRun(10, func() { play(n, n.Now()+100*Millisecond) }); allocs != 0 {
		t.Errorf("100 ms of 1,000 packets a ms allocate %v times, expected never", allocs)
	}
	if seen != n.Journal.Total() || seen == 0 {
		t.Errorf("OnEvent saw %d of %d events", seen, n.Journal.Total())
	}
}

// Each node of an Each has a memory of its own, made anew at each of its lives.
func TestEach(t *testing.T) {
	n := New(1)
	each := NewEach(2, func(member int) *counter { return &counter{member: member} })
	n.AddRole("a", 2, each)
	schedule(t, n, "10ms crash a/1\n15ms restart a/1")
	if n.Save() != nil {
		t.Error("a role whose nodes cannot be copied was saved")
	}
	each.Copy = func(c *counter) *counter { d := *c; return &d }
	begin := n.Save()
	for range 2 {
		play(n, 20*Millisecond+1)
		if a, b := each.Member(0), each.Member(1); a.ticks != 20 || b.ticks != 5 || a.member != 0 || b.member != 1 {
			t.Errorf("members %+v and %+v, expected 20 ticks, and 5 since the restart", *a, *b)
		}
		n.Load(begin)
		if each.Member(0) != nil {
			t.Error("a member is there before its life began")
		}
	}
}

type counter struct{ member, ticks int }

func (c *counter) Start(ctx *Ctx)       { ctx.After(Millisecond, 0) }
func (c *counter) Deliver(*Ctx, Packet) {}
func (c *counter) Wake(ctx *Ctx, _ Timer) {
	c.ticks++
	ctx.After(Millisecond, 0)
}

func TestNamesAndRoles(t *testing.T) {
	n := newChatter(t, 1, "")
	for node, want := range map[NodeID]string{0: "a/0", 3: "a/3", 4: "b/0", 11: "b/7", 12: "nobody", Nobody: "nobody"} {
		if got := n.Name(node); got != want {
			t.Errorf("node %d is called %s, expected %s", node, got, want)
		}
	}
	if n.RoleOf(3) != 0 || n.RoleOf(4) != 1 || n.Nodes() != 12 || n.Roles() != 2 {
		t.Error("nodes are counted into the wrong roles")
	}
	if name, span := n.Role(1); name != "b" || span != (Span{4, 8}) {
		t.Errorf("role 1 is %s %v", name, span)
	}
}
