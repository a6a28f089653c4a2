package sim

import (
	"fmt"
	"slices"
	"testing"
)

// arrivals sends packets of some size from a/0 to b/0, one each gap, over a
// link, and returns the delays with which they arrived, in order of sending,
// those of second copies apart, and why the others did not.
func arrivals(t *testing.T, l Link, count, size int, gap Time, script string) (delays, copies []Time, why []string) {
	t.Helper()
	n := New(11)
	a := n.AddRole("a", 1, &actor{
		start: func(c *Ctx) { c.After(0, 0) },
		wake: func(c *Ctx, sent Timer) {
			if int(sent) < count {
				c.Send(1, 0, make([]byte, size))
				c.After(gap, sent+1)
			}
		},
	})
	b := n.AddRole("b", 1, &actor{})
	n.Connect(a, b, l)
	n.Journal.Keep(All)
	schedule(t, n, script)
	play(n, Forever)
	all := events(n)
	for _, e := range all {
		sent := all[max(e.Cause, 1)-1]
		switch {
		case e.Kind == KindDrop:
			why = append(why, e.Why.String())
		case e.Kind == KindDeliver && sent.Kind == KindSend:
			delays = append(delays, e.At-sent.At)
		case e.Kind == KindDeliver:
			copies = append(copies, e.At-sent.At)
		}
	}
	return delays, copies, why
}

// Loss, duplication and reordering come as often as the link says, and jitter
// is spread evenly over its range, both ends included.
func TestLinkStatistics(t *testing.T) {
	const count = 100_000
	near := func(what string, got, want, slack int) {
		t.Helper()
		if got < want-slack || got > want+slack {
			t.Errorf("%s: %d of %d packets, expected %d give or take %d", what, got, count, want, slack)
		}
	}
	delays, copies, why := arrivals(t, Link{Delay: 100, Jitter: 9, Loss: 200_000, Duplicate: 100_000, Reorder: 50_000}, count, 0, 1000, "")
	near("lost", len(why), count/5, 650) // five standard deviations
	near("twice", len(copies), count*4/5/10, 450)
	var late int
	var jitter [10]int
	for _, d := range delays {
		if d > 109 {
			d -= 109
			late++
		}
		if d < 100 || d > 109 {
			t.Fatalf("a packet took %v, expected 100 to 109µs, and 109µs more when it is overtaken", d)
		}
		jitter[d-100]++
	}
	near("reordered", late, count*4/5/20, 310)
	for j, c := range jitter {
		near(fmt.Sprintf("jitter %d", j), c, count*4/5/10, 450)
	}
	for _, d := range copies {
		if d < 100 || d > 109 {
			t.Fatalf("a second copy took %v, expected 100 to 109µs", d)
		}
	}
	none, _, why := arrivals(t, Link{Loss: Certain}, 1000, 0, 1, "")
	if len(none) != 0 || len(why) != 1000 {
		t.Errorf("of 1,000 packets on a link that loses all, %d arrived", len(none))
	}
	_, all, _ := arrivals(t, Link{Duplicate: Certain}, 1000, 0, 1, "")
	if len(all) != 1000 {
		t.Errorf("of 1,000 packets on a link that doubles all, %d came twice", len(all))
	}
}

// A lost packet dies halfway.
func TestLossIsHalfway(t *testing.T) {
	n := New(1)
	role := n.AddRole("a", 2, &actor{start: func(c *Ctx) {
		if c.Self() == 0 {
			c.Send(1, 0, nil)
		}
	}})
	n.Connect(role, role, Link{Delay: 100, Loss: Certain})
	n.Journal.Keep(All)
	n.Advance(10, 100)
	n.Flights(func(f Flight) bool {
		if f.Sent != 0 || f.Due != 50 || f.Why != WhyLoss || f.From != 0 || f.To != 1 {
			t.Errorf("on its way: %+v, expected to die at 50µs", f)
		}
		return true
	})
	play(n, Second)
	same(t, "a lost packet", story(n, func(e *Event) bool { return e.Kind == KindDrop }), []string{"50µs a/1 drop a/0 0B loss"})
}

// Rate and buffer, exactly: at 1,000 bytes a second a packet of 100 bytes takes
// 100 ms of the sender's time, and what would exceed the buffer is dropped.
func TestRateAndBuffer(t *testing.T) {
	ms := func(times ...Time) []Time {
		for i := range times {
			times[i] *= Millisecond
		}
		return times
	}
	for _, c := range []struct {
		name   string
		link   Link
		count  int
		gap    Time
		delays []Time
		full   int
	}{
		{"slow enough", Link{RateBytes: 1000}, 3, 100 * Millisecond, ms(100, 100, 100), 0},
		{"a burst queues", Link{RateBytes: 1000}, 4, 0, ms(100, 200, 300, 400), 0},
		{"half speed", Link{RateBytes: 1000, Delay: Millisecond}, 3, 50 * Millisecond, ms(101, 151, 201), 0},
		{"a buffer of 250 bytes", Link{RateBytes: 1000, BufferBytes: 250}, 5, 0, ms(100, 200), 3},
		{"a buffer of 300 bytes", Link{RateBytes: 1000, BufferBytes: 300}, 5, 0, ms(100, 200, 300), 2},
		{"the buffer drains", Link{RateBytes: 1000, BufferBytes: 100}, 4, 60 * Millisecond, ms(100, 100), 2},
		{"a buffer below one packet", Link{RateBytes: 1000, BufferBytes: 99}, 2, 0, nil, 2},
	} {
		delays, _, why := arrivals(t, c.link, c.count, 100, c.gap, "")
		if !slices.Equal(delays, c.delays) || len(why) != c.full {
			t.Errorf("%s: delays %v and %d dropped, expected %v and %d", c.name, delays, len(why), c.delays, c.full)
		}
		for _, w := range why {
			if w != "full" {
				t.Errorf("%s: a packet was dropped for %q, expected \"full\"", c.name, w)
			}
		}
	}
}

// A crash empties the sender's queue: its next life does not wait for the last.
func TestCrashEmptiesTheSendersQueue(t *testing.T) {
	n := New(1)
	role := n.AddRole("a", 2, &actor{start: func(c *Ctx) {
		if c.Self() == 0 {
			c.Send(1, 0, make([]byte, 1000))
		}
	}})
	n.Connect(role, role, Link{RateBytes: 1000})
	n.Journal.Keep(All)
	schedule(t, n, "1ms crash a/0\n2ms restart a/0")
	play(n, 5*Second)
	same(t, "arrivals", story(n, func(e *Event) bool { return e.Kind == KindDeliver }),
		[]string{"1s a/1 deliver a/0 1000B", "1.002s a/1 deliver a/0 1000B"})
}
