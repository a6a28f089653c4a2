package sim

import (
	"fmt"
	"slices"
	"testing"
)

// From any snapshot, before or after, the run goes on to the same end, and
// what the journal keeps is the same.
func TestSnapshots(t *testing.T) {
	const end = 150 * Millisecond
	whole := play(newChatter(t, 9, trouble), end)
	n := newChatter(t, 9, trouble)
	frames := []*Snapshot{n.Save()} // before it has begun
	for n.Now() < end {
		n.Advance(end, 1+len(frames)*3)
		frames = append(frames, n.Save())
	}
	if len(frames) < 20 {
		t.Fatalf("only %d snapshots: the test sees too little", len(frames))
	}
	// Back in leaps of several, forward again from each, to the end and a little way.
	for i := len(frames) - 1; i >= 0; i -= 3 {
		for _, until := range []Time{end, frames[i].Now + 100, end} {
			n.Load(frames[i])
			if n.Now() != frames[i].Now || n.Steps() != frames[i].Steps {
				t.Fatalf("snapshot %d: at %v after %d steps, expected %v and %d", i, n.Now(), n.Steps(), frames[i].Now, frames[i].Steps)
			}
			play(n, until)
		}
		if got, want := n.Journal.Digest(), whole.Journal.Digest(); got != want {
			t.Fatalf("from snapshot %d: digest %s, in one go %s", i, got, want)
		}
		if got, want := events(n), events(whole); !slices.Equal(got, want) {
			same(t, fmt.Sprintf("the journal from snapshot %d", i), story(n, nil), story(whole, nil))
			t.Fatalf("from snapshot %d: other events are kept", i)
		}
		if n.InFlight() != whole.InFlight() || n.Journal.Bytes() != whole.Journal.Bytes() || n.Journal.held != whole.Journal.held {
			t.Fatalf("from snapshot %d: other totals", i)
		}
	}
	for _, e := range events(whole) {
		got, _ := n.Journal.Payload(e.ID)
		if want, _ := whole.Journal.Payload(e.ID); string(got) != string(want) {
			t.Fatalf("event %d keeps other bytes", e.ID)
		}
	}
}

// A snapshot does not change when the network goes on, acts, and heals.
func TestSnapshotIsOfOneInstant(t *testing.T) {
	n := newChatter(t, 9, "1ms cut a b\n40ms pause b")
	play(n, 50*Millisecond)
	kept := n.Save()
	fork := func(deeds ...string) string {
		n.Load(kept)
		for _, do := range deeds {
			if _, err := n.Act(do); err != nil {
				t.Fatal(err)
			}
			play(n, n.Now()+20*Millisecond)
		}
		play(n, 200*Millisecond)
		return n.Journal.Digest()
	}
	quiet := fork()
	first := fork("heal a/0 b/3", "resume b/3", "crash a", "heal", "resume b", "restart a")
	if second := fork("heal a/0 b/3", "resume b/3", "crash a", "heal", "resume b", "restart a"); second != first {
		t.Errorf("the same fork gives %s, then %s", first, second)
	}
	if fork("heal") == first || first == quiet {
		t.Error("forks that differ give one digest")
	}
}

// What a lab changes of its links while the run goes on is in the snapshot.
func TestSnapshotOfLinks(t *testing.T) {
	n := newChatter(t, 2, "")
	n.OnSet = func(_, _ string, dry bool) error {
		if !dry {
			n.Connect(1, 1, Link{Loss: Certain})
		}
		return nil
	}
	schedule(t, n, "60ms set loss all")
	play(n, 50*Millisecond)
	kept := n.Save()
	want := play(n, 100*Millisecond).Journal.Digest()
	n.Load(kept)
	if n.links[1][1] != (Link{Delay: 400}) {
		t.Errorf("at 50 ms the link is %+v", n.links[1][1])
	}
	if got := play(n, 100*Millisecond).Journal.Digest(); got != want {
		t.Errorf("replayed %s, expected %s", got, want)
	}
}

// A role that is no Keeper cannot be saved, and the network says so.
func TestSnapshotNeedsKeepers(t *testing.T) {
	n := newChatter(t, 1, "")
	n.AddRole("forgetful", 1, &actor{})
	if n.Save() != nil {
		t.Error("a network with a role that cannot be saved was saved")
	}
}

func TestFootprintGrows(t *testing.T) {
	small, large := New(1), New(1)
	small.AddRole("a", 1, &actor{})
	large.AddRole("a", 10_000, &actor{start: func(c *Ctx) { c.Send(0, 0, news) }})
	large.Connect(0, 0, Link{Delay: Second})
	play(small, 1)
	play(large, 1)
	if s, l := small.Footprint(), large.Footprint(); s > 1<<20 || l < s+10_000*(24+48+16) {
		t.Errorf("a node needs %d bytes, 10,000 with a packet each %d", s, l)
	}
}
