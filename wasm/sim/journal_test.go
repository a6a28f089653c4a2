package sim

import (
	"fmt"
	"slices"
	"testing"
)

// The digest tells any two runs apart that differ in one thing, however small.
func TestDigestSeesEverything(t *testing.T) {
	type world struct {
		payload string
		kind    uint8
		at      Time
		note    uint16
		value   int64
		timer   Timer
		to      NodeID
		seed    uint64
		script  string
	}
	digest := func(w world) string {
		n := New(w.seed)
		n.AddRole("a", 3, &actor{
			start: func(c *Ctx) {
				if c.Self() == 0 {
					c.After(w.at, w.timer)
				}
			},
			wake: func(c *Ctx, _ Timer) {
				c.Send(w.to, w.kind, []byte(w.payload))
				c.Note(w.note, w.value)
			},
		})
		schedule(t, n, w.script)
		return play(n, Second).Journal.Digest()
	}
	base := world{"0123456789abcdef!", 1, 10, 2, 3, 4, 1, 5, ""}
	if digest(base) != digest(base) {
		t.Fatal("equal runs give two digests")
	}
	seen := map[string]string{digest(base): "the base"}
	differ := func(what string, w world) {
		t.Helper()
		d := digest(w)
		if other, ok := seen[d]; ok {
			t.Errorf("%s has the digest of %s", what, other)
		}
		seen[d] = what
	}
	for i := range base.payload {
		for _, bit := range []byte{1, 0x80} {
			w, p := base, []byte(base.payload)
			p[i] ^= bit
			w.payload = string(p)
			differ(fmt.Sprintf("bit %#x of byte %d", bit, i), w)
		}
		w := base
		w.payload = base.payload[:i]
		differ(fmt.Sprintf("a payload of %d bytes", i), w)
	}
	for what, change := range map[string]func(*world){
		"a zero at the end": func(w *world) { w.payload += "\x00" },
		"another kind":      func(w *world) { w.kind++ },
		"a later time":      func(w *world) { w.at++ },
		"another note":      func(w *world) { w.note++ },
		"another value":     func(w *world) { w.value = -w.value },
		"another timer":     func(w *world) { w.timer++ },
		"another receiver":  func(w *world) { w.to++ },
		"a cut elsewhere":   func(w *world) { w.script = "5us cut a/1 a/2" },
		"a slowing":         func(w *world) { w.script = "5us slow a/1 a/2 1ms" },
		"a pause elsewhere": func(w *world) { w.script = "5us pause a/2" },
	} {
		w := base
		change(&w)
		differ(what, w)
	}
	// What an event was caused by is part of it.
	var a, b Journal
	a.record(Event{Cause: 1, Kind: KindNote}, nil)
	b.record(Event{Cause: 2, Kind: KindNote}, nil)
	if a.Digest() == b.Digest() {
		t.Error("another cause gives the same digest")
	}
	// And so is their order.
	var c, d Journal
	for i := range 2 {
		c.record(Event{Value: int64(i)}, nil)
		d.record(Event{Value: int64(1 - i)}, nil)
	}
	if c.Digest() == d.Digest() {
		t.Error("another order gives the same digest")
	}
}

// The sum of a payload depends on its length and on every bit of it.
func TestSumSeesEverything(t *testing.T) {
	seen := map[uint32]string{}
	see := func(p []byte) {
		t.Helper()
		if other, ok := seen[sum(p)]; ok {
			t.Errorf("% x has the sum of %s", p, other)
		}
		seen[sum(p)] = fmt.Sprintf("% x", p)
	}
	for size := range 40 {
		p := make([]byte, size)
		see(p)
		for i := range p {
			for bit := range 8 {
				p[i] = 1 << bit
				see(p)
				p[i] = 0
			}
		}
	}
}

// A seed changes nothing but luck.
func TestSeedIsLuck(t *testing.T) {
	digest := func(seed uint64) string { return play(newChatter(t, seed, trouble), Second).Journal.Digest() }
	if digest(1) == digest(2) || digest(0) == digest(1) {
		t.Error("two seeds give one run")
	}
}

// However much is kept, the run is the same, and what is kept is what there
// would be with everything kept.
func TestJournalLevels(t *testing.T) {
	run := func(level Level, nodes ...NodeID) *Network {
		n := newChatter(t, 4, trouble)
		n.Journal.Keep(level, nodes...)
		return play(n, 200*Millisecond)
	}
	all := run(All)
	for level := Count; level <= All; level++ {
		n := run(level, 2, 5)
		if got, want := n.Journal.Digest(), all.Journal.Digest(); got != want {
			t.Errorf("level %d: digest %s, with everything kept %s", level, got, want)
		}
		if n.Journal.Total() != all.Journal.Total() || n.Journal.Bytes() != all.Journal.Bytes() || n.Journal.Level() != level {
			t.Errorf("level %d: %d events, %d bytes; with everything kept %d and %d",
				level, n.Journal.Total(), n.Journal.Bytes(), all.Journal.Total(), all.Journal.Bytes())
		}
		var want []Event
		for _, e := range events(all) {
			about := e.Node == 2 || e.Node == 5 || e.Peer == 2 || e.Peer == 5
			if level == All || level == Follow && about {
				want = append(want, e)
			}
		}
		if got := events(n); !slices.Equal(got, want) {
			t.Errorf("level %d: %d events are kept, expected %d", level, len(got), len(want))
		}
	}
	counts := uint64(0)
	for k := range kinds {
		counts += all.Journal.Count(k)
	}
	if counts != all.Journal.Total() {
		t.Errorf("the kinds' counts add up to %d, the total is %d", counts, all.Journal.Total())
	}
}

// Every packet that was sent is found with its bytes, its end, and the cause
// of each: what is delivered is what was sent.
func TestCausesAndPayloads(t *testing.T) {
	n := play(newChatter(t, 4, trouble), 200*Millisecond)
	ends := map[EventID]int{}
	for _, e := range events(n) {
		found, ok := n.Journal.Find(e.ID)
		if !ok || found != e {
			t.Fatalf("event %d is found as %+v, %v", e.ID, found, ok)
		}
		if e.Cause >= e.ID {
			t.Errorf("event %d has the later cause %d", e.ID, e.Cause)
		}
		payload, ok := n.Journal.Payload(e.ID)
		switch e.Kind {
		case KindSend, KindCopy:
			if !ok || len(payload) != int(e.Size) || sum(payload) != e.Sum {
				t.Fatalf("packet %d: %d bytes are kept of %d", e.ID, len(payload), e.Size)
			}
		case KindDeliver, KindDrop:
			sent, ok := n.Journal.Find(e.Cause)
			if !ok || sent.Kind != KindSend && sent.Kind != KindCopy || sent.Node != e.Peer || sent.Peer != e.Node || sent.Size != e.Size {
				t.Fatalf("packet %d ends as %+v, it was sent as %+v", e.Cause, e, sent)
			}
			if e.Kind == KindDeliver && sent.Sum != e.Sum || sent.Code != e.Code {
				t.Fatalf("packet %d arrives with other bytes than it was sent with", e.Cause)
			}
			ends[e.Cause]++
		}
	}
	for id, times := range ends {
		if times != 1 {
			t.Errorf("packet %d ends %d times", id, times)
		}
	}
	sent := n.Journal.Count(KindSend) + n.Journal.Count(KindCopy)
	if int(sent) != len(ends)+n.InFlight() {
		t.Errorf("%d packets were sent, %d ended and %d are on their way", sent, len(ends), n.InFlight())
	}
	flying := 0
	n.Flights(func(f Flight) bool {
		flying++
		e, ok := n.Journal.Find(f.ID)
		if !ok || e.At != f.Sent || Time(e.Value) != f.Due || e.Node != f.From || e.Peer != f.To || e.Code != uint16(f.Kind) {
			t.Errorf("on its way: %+v, sent as %+v", f, e)
		}
		now, _ := n.Payload(f.ID)
		if kept, _ := n.Journal.Payload(f.ID); string(now) != string(kept) {
			t.Errorf("packet %d carries % x, it was sent with % x", f.ID, now, kept)
		}
		return true
	})
	if flying != n.InFlight() {
		t.Errorf("%d packets are on their way, InFlight says %d", flying, n.InFlight())
	}
	for _, id := range []EventID{0, EventID(n.Journal.Total()) + 1} {
		if _, ok := n.Journal.Find(id); ok {
			t.Errorf("event %d is found, there is none", id)
		}
		if _, ok := n.Journal.Payload(id); ok {
			t.Errorf("event %d has a payload, there is no such event", id)
		}
		if _, ok := n.Payload(id); ok {
			t.Errorf("packet %d is on its way, there is none", id)
		}
	}
}

// The oldest events are forgotten first, by their number and by the bytes of
// their payloads.
func TestJournalForgets(t *testing.T) {
	for _, c := range []struct {
		name          string
		payload, most int
		atLeast       int
	}{
		{"many small", 1, maxJournalEvents, maxJournalEvents - 2*chunkEvents},
		{"few large", MaxPacketBytes, (maxJournalPayloads + 2*maxChunkPayloads) / MaxPacketBytes, maxJournalPayloads / MaxPacketBytes * 9 / 10},
	} {
		var j Journal
		j.Keep(All)
		payload := make([]byte, c.payload)
		for range c.most + 2*chunkEvents {
			j.record(Event{Kind: KindSend}, payload)
		}
		kept, bytes := 0, 0
		last := j.total + 1
		j.Walk(func(e *Event) bool {
			if e.ID != last-1 {
				t.Fatalf("%s: event %d comes after %d", c.name, e.ID, last)
			}
			last = e.ID
			kept++
			p, _ := j.Payload(e.ID)
			bytes += len(p)
			return true
		})
		if kept > c.most || kept < c.atLeast {
			t.Errorf("%s: %d events are kept, expected %d to %d", c.name, kept, c.atLeast, c.most)
		}
		if bytes != j.held {
			t.Errorf("%s: %d bytes are kept, the journal thinks %d", c.name, bytes, j.held)
		}
		if _, ok := j.Find(last - 1); ok {
			t.Errorf("%s: event %d is found, it was forgotten", c.name, last-1)
		}
	}
}

// Walk stops when it is told to.
func TestWalkStops(t *testing.T) {
	var j Journal
	j.Keep(All)
	for range 10 {
		j.record(Event{Kind: KindNote}, nil)
	}
	var seen []EventID
	j.Walk(func(e *Event) bool { seen = append(seen, e.ID); return len(seen) < 3 })
	if !slices.Equal(seen, []EventID{10, 9, 8}) {
		t.Errorf("Walk visits %v, expected the newest three", seen)
	}
}

func TestNamesOfKindsAndReasons(t *testing.T) {
	seen := map[string]bool{}
	for k := range kinds {
		seen["kind "+k.String()] = true
	}
	for w := range whys {
		seen["why "+w.String()] = true
	}
	if len(seen) != int(kinds)+int(whys) {
		t.Errorf("two kinds or two reasons share a name: %v", seen)
	}
}
