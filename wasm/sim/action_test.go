package sim

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// listener is a role of two that writes down what it is told.
type listener struct {
	heard []string
}

func (l *listener) Start(c *Ctx) { l.say(c, "starts in epoch %d", c.Epoch()) }

func (l *listener) Deliver(c *Ctx, p Packet) { l.say(c, "hears %s", p.Payload) }

func (l *listener) Wake(c *Ctx, t Timer) { l.say(c, "wakes by %d", t) }

func (l *listener) Crash(member int) { l.heard = append(l.heard, fmt.Sprintf("%d dies", member)) }

func (l *listener) say(c *Ctx, format string, args ...any) {
	l.heard = append(l.heard, fmt.Sprintf("%v %s ", c.Now(), c.net.Name(c.Self()))+fmt.Sprintf(format, args...))
}

func (l *listener) Accepts(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("expected a delay and a word")
	}
	_, err := ParseTime(args[0])
	return err
}

// Order says a word to the other node, or wakes this one after the delay if
// the word is "wake".
func (l *listener) Order(c *Ctx, args []string) {
	d, _ := ParseTime(args[0])
	if args[1] == "wake" {
		c.After(d, Timer(c.Epoch()+1))
		return
	}
	c.Send(1-c.Self(), 0, []byte(args[1]))
}

func heard(t *testing.T, delay Time, script string) []string {
	t.Helper()
	n, l := New(1), &listener{}
	role := n.AddRole("a", 2, l)
	n.Connect(role, role, Link{Delay: delay})
	schedule(t, n, script)
	play(n, Second)
	if n.InFlight() != 0 || n.slab.live != 0 && !n.Paused(1) {
		t.Errorf("%d packets and %d events are left over", n.InFlight(), n.slab.live)
	}
	return l.heard[2:] // both have started
}

func TestDeeds(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"an order", "1ms send a/0 0 hi", "3ms a/1 hears hi"},
		{"an order to both", "1ms send a 5ms wake", "6ms a/0 wakes by 1|6ms a/1 wakes by 1"},
		{"a crash takes what is on its way to it", "1ms send a/0 0 hi\n2ms crash a/1", "1 dies"},
		{"and not what it sent", "1ms send a/0 0 hi\n2ms crash a/0", "0 dies|3ms a/1 hears hi"},
		{"a packet outlives a restart, as a datagram does", "1ms send a/0 0 hi\n2ms crash a/1\n2ms restart a/1",
			"1 dies|2ms a/1 starts in epoch 1|3ms a/1 hears hi"},
		{"a timer does not", "1ms send a/1 2ms wake\n2ms crash a/1\n2ms restart a/1\n2ms send a/1 4ms wake",
			"1 dies|2ms a/1 starts in epoch 1|6ms a/1 wakes by 2"},
		{"crash and restart do nothing twice", "1ms crash a/0\n1ms crash a\n2ms restart a\n2ms restart a",
			"0 dies|1 dies|2ms a/0 starts in epoch 1|2ms a/1 starts in epoch 1"},
		{"one that is down or paused takes no orders", "1ms crash a/0\n1ms pause a/1\n2ms send a 0 hi\n3ms resume a/1", "0 dies"},
		{"pausing holds everything, in order, before what comes at the instant of resuming",
			"0s pause a/1\n1ms send a/0 0 one\n2ms send a/0 0 two\n7ms send a/0 0 three\n9ms resume a/1",
			"9ms a/1 hears one|9ms a/1 hears two|9ms a/1 hears three"},
		{"timers and packets wait in one row",
			"0s send a/1 5ms wake\n1ms pause a/1\n2ms send a/0 0 one\n4ms send a/0 0 two\n9ms resume a/1",
			"9ms a/1 hears one|9ms a/1 wakes by 1|9ms a/1 hears two"},
		{"a crash ends what waited", "0s send a/1 5ms wake\n1ms pause a/1\n2ms send a/0 0 one\n9ms crash a/1\n9ms restart a/1\n9ms resume a/1",
			"1 dies|9ms a/1 starts in epoch 1"},
		{"pausing one that is down does nothing", "1ms crash a/1\n2ms pause a/1\n3ms restart a/1\n4ms send a/0 0 hi",
			"1 dies|3ms a/1 starts in epoch 1|6ms a/1 hears hi"},
		{"a deed comes before everything else of its instant", "1ms send a/0 0 hi\n3ms crash a/1", "1 dies"},
		{"deeds of one instant keep their order", "1ms crash a/1\n1ms restart a/1\n1ms crash a/1\n1ms restart a/1",
			"1 dies|1ms a/1 starts in epoch 1|1 dies|1ms a/1 starts in epoch 2"},
	} {
		same(t, c.name, heard(t, 2*Millisecond, c.script), strings.Split(c.want, "|"))
	}
}

// What a crash throws away is in the journal.
func TestCrashIsJournalled(t *testing.T) {
	n := New(1)
	role := n.AddRole("a", 2, &listener{})
	n.Connect(role, role, Link{Delay: 2 * Millisecond})
	n.Journal.Keep(All)
	schedule(t, n, `
1ms send a/1 3ms wake
1ms send a/1 9ms wake
1ms pause a/1
2ms send a/0 0 hi
5ms crash a/1
5ms send a/0 0 hello
8ms restart a/1`)
	play(n, Second)
	got := story(n, func(e *Event) bool { return e.At >= 2*Millisecond && e.Kind != KindOrder })
	same(t, "the journal of a crash", got, []string{
		"2ms a/0 send a/1 2B",
		"5ms a/1 crash",
		"5ms a/1 stale 1",
		"5ms a/1 drop a/0 2B down",
		"5ms a/0 send a/1 5B",
		"7ms a/1 drop a/0 5B down",
		"8ms a/1 start",
		"10ms a/1 stale 1",
	})
}

// A run that was acted in live is the run whose script says the same.
func TestActedIsReplayed(t *testing.T) {
	deeds := []string{"crash a/1", "cut b/0-3 b/4-7", "pause b/2", "slow a b 2ms", "restart a/1", "heal b/1 b/5", "resume b/2", "heal"}
	for seed := range uint64(10) {
		live := newChatter(t, seed, "150ms crash b") // what was to come is forgotten
		for i, do := range deeds {
			live.Advance(live.Now()+Time(7000*(i+1)), 50+int(seed)*10)
			if _, err := live.Act(do); err != nil {
				t.Fatal(err)
			}
		}
		play(live, 300*Millisecond)
		script := ""
		for _, a := range live.Script() {
			script += a.At.String() + " " + a.Text + "\n"
		}
		replayed := play(newChatter(t, seed, script), 300*Millisecond)
		same(t, fmt.Sprintf("seed %d replayed", seed), story(replayed, nil), story(live, nil))
		if got, want := replayed.Journal.Digest(), live.Journal.Digest(); got != want {
			t.Errorf("seed %d: replayed %s, live %s", seed, got, want)
		}
		if len(live.Script()) != len(deeds) || live.Up(5) == false {
			t.Errorf("seed %d: the script is %q, expected only what was done", seed, script)
		}
	}
}

// Reading a deed says what is wrong with it and what was expected.
func TestParseActionTeaches(t *testing.T) {
	n := New(1)
	n.AddRole("broker", 3, &listener{})
	n.AddRole("client", 2, &actor{})
	setting := ""
	for _, c := range []struct{ text, want string }{
		{"", `expected a deed such as "crash broker/0"`},
		{"explode broker/0", `"explode broker/0": expected crash, restart, pause, resume, cut, slow, lose, duplicate, reorder, heal, send or set`},
		{"crash", `expected one node, such as "crash broker/0"`},
		{"crash broker/0 broker/1", `expected one node`},
		{"crash server/0", `"server/0": the nodes here are broker, client`},
		{"crash broker/3", `"broker/3": broker has the nodes 0 to 2`},
		{"crash broker/-1", `broker has the nodes 0 to 2`},
		{"crash broker/2-1", `broker has the nodes 0 to 2`},
		{"crash broker/0-", `broker has the nodes 0 to 2`},
		{"crash broker/", `broker has the nodes 0 to 2`},
		{"crash broker/0/1", `broker has the nodes 0 to 2`},
		{"crash broker/99999999999999999999", `broker has the nodes 0 to 2`},
		{"cut", `expected one place, two, or "A to B"`},
		{"cut broker/0 with client/1", `expected one place, two, or "A to B"`},
		{"cut broker to", `the nodes here are broker, client`},
		{"cut broker/0 nobody", `the nodes here are broker, client`},
		{"slow broker/0", `expected nodes and a span of time, such as "slow broker/0 500ms"`},
		{"slow 5ms", `expected nodes and a span of time`},
		{"slow broker fast", `"fast" is not a span of time`},
		{"slow broker -5ms", `"-5ms": expected 0 or more, and whole microseconds`},
		{"lose broker/0", `expected nodes and a share, such as "lose broker/0 10%"`},
		{"duplicate 10%", `expected nodes and a share, such as "duplicate broker/0 10%"`},
		{"lose broker often", `"often" is not a share`},
		{"lose broker 10%%", `"10%%" is not a share`},
		{"reorder broker -1%", `"-1%" is not a share`},
		{"reorder broker 101%", `"101%": expected a share of at most 100%`},
		{"lose broker client 10% to", `is not a share`},
		{"heal broker client now please", `expected one place, two, or "A to B"`},
		{"send", `expected a node`},
		{"send broker/0", `expected a delay and a word`},
		{"send client/0 hello", `these nodes take no orders`},
		{"set", `expected a name and a value`},
		{"set loss 5%", `nothing in this lab can be set while it runs`},
	} {
		if _, err := n.ParseAction(0, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, expected an error with %s", c.text, err, c.want)
		}
	}
	for _, at := range []Time{-1, Forever + 1} {
		if _, err := n.ParseAction(at, "heal"); err == nil || !strings.Contains(err.Error(), "times go from 0") {
			t.Errorf("at %d: %v, expected an error that says which times there are", at, err)
		}
	}
	n.OnSet = func(name, value string, dry bool) error {
		if name != "loss" {
			return fmt.Errorf("%s: only loss can be set", name)
		}
		if !dry {
			setting = value
		}
		return nil
	}
	if _, err := n.ParseAction(0, "set delay 1"); err == nil || !strings.Contains(err.Error(), "only loss can be set") {
		t.Errorf("set delay: %v, expected the lab's own objection", err)
	}
	schedule(t, n, "1ms set  loss \t5%")
	if play(n, 2*Millisecond); setting != "5%" || n.Script()[0].Text != "set loss 5%" {
		t.Errorf("loss is set to %q by %q", setting, n.Script()[0].Text)
	}
}

// The script takes no deeds in the past, keeps its order of time, and has a limit.
func TestSchedule(t *testing.T) {
	n := New(1)
	n.AddRole("a", 1, &actor{})
	for _, at := range []Time{5, 3, 5, 4, 3} {
		a, _ := n.ParseAction(at, fmt.Sprintf("slow a a %dms", len(n.Script())))
		if err := n.Schedule(a); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, a := range n.Script() {
		got = append(got, fmt.Sprintf("%d %s", a.At, a.Text[9:]))
	}
	same(t, "the script", got, []string{"3 1ms", "3 4ms", "4 3ms", "5 0ms", "5 2ms"})
	play(n, 4)
	for _, at := range []Time{0, 4} {
		a, _ := n.ParseAction(at, "heal")
		if err := n.Schedule(a); err == nil || !strings.Contains(err.Error(), `"heal" at `+at.String()+`: it is already 4µs`) {
			t.Errorf("at %v: %v, expected it to be past", at, err)
		}
	}
}

// As many deeds as a script can have, all at once, and one more.
func TestHostileScript(t *testing.T) {
	n := newChatter(t, 1, "")
	verbs := []string{"crash a/%d", "restart a/%d", "pause b/%d", "resume b/%d", "cut a/%d b", "slow b/%d 1h", "lose b/%d 50%%", "heal a/%d to b/0", "cut b/%d"}
	for i := range maxActions {
		a, err := n.ParseAction(Time(i/2), fmt.Sprintf(verbs[i%len(verbs)], i/len(verbs)%4))
		if err == nil {
			err = n.Schedule(a)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	a, _ := n.ParseAction(Second, "heal")
	if err := n.Schedule(a); err == nil || !strings.Contains(err.Error(), "the script already has 10000 actions") {
		t.Errorf("one action too many: %v", err)
	}
	if n.Advance(maxActions, math.MaxInt); len(n.Rules()) > 4*maxActions || n.done != maxActions {
		t.Errorf("%d deeds were done and left %d rules", n.done, len(n.Rules()))
	}
}

func FuzzParseAction(f *testing.F) {
	for line := range strings.Lines(trouble) {
		_, do, _ := strings.Cut(strings.TrimSpace(line), " ")
		f.Add(int64(0), strings.TrimSpace(do))
	}
	f.Add(int64(5), "send a/1 5ms wake")
	f.Add(int64(7), "lose a/0 to b 10%")
	f.Add(int64(8), "duplicate a b 0.5%")
	f.Add(int64(9), "reorder a/1 .25")
	f.Add(int64(-1), "set x y")
	f.Add(int64(1)<<55, "cut a/0-4294967295 to b/0-1")
	f.Fuzz(func(t *testing.T, at int64, text string) {
		n := New(1)
		n.AddRole("a", 3, &listener{})
		n.AddRole("b", 2, &actor{})
		a, err := n.ParseAction(Time(at), text)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a word")
			}
			return
		}
		// What was accepted can be done, and its text says the same again.
		again, err := n.ParseAction(Time(at), a.Text)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(a) {
			t.Errorf("%q is understood as %q, and that as %+v, %v", text, a.Text, again, err)
		}
		if err := n.Schedule(a); err != nil {
			t.Error(err)
		}
		n.Advance(Time(at), 1000)
	})
}

// Health marks those that are down and those that are held still, and no others.
func TestHealth(t *testing.T) {
	n := newChatter(t, 1, "1ms crash a/1\n1ms pause b\n2ms crash b/0\n3ms resume b/7\n4ms restart a/1\n5ms crash a/2")
	for _, until := range []Time{0, Millisecond, 2 * Millisecond, 10 * Millisecond} {
		play(n, until)
		marks := make([]uint8, n.Nodes())
		for i := range marks {
			marks[i] = 1
		}
		n.Health(marks, 0x80, 0x40)
		for i, got := range marks {
			want := uint8(1)
			if node := NodeID(i); !n.Up(node) {
				want |= 0x80
			} else if n.Paused(node) {
				want |= 0x40
			}
			if got != want {
				t.Errorf("at %v %s is marked %#x, expected %#x", until, n.Name(NodeID(i)), got, want)
			}
		}
	}
	if n.Up(2) || !n.Up(1) || n.Up(4) || !n.Paused(5) || n.Paused(11) {
		t.Error("the deeds did not do what they say")
	}
}
