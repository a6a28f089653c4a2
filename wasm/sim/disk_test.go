package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// diskUser is a role that runs a function at each wake.
type diskUser struct {
	start func(ctx *Ctx)
	wake  func(ctx *Ctx, t Timer)
}

func (u *diskUser) Start(ctx *Ctx) {
	if u.start != nil {
		u.start(ctx)
	}
}
func (u *diskUser) Deliver(*Ctx, Packet) {}
func (u *diskUser) Wake(ctx *Ctx, t Timer) {
	if u.wake != nil {
		u.wake(ctx, t)
	}
}

// oneDisk is a network of one node with a disk; do runs f at the node at a time.
func oneDisk(t *testing.T, seed uint64, p DiskPhysics) (n *Network, d *Disk, do func(at Time, f func(ctx *Ctx))) {
	t.Helper()
	n = New(seed)
	role := n.AddRole("node", 1, &diskUser{start: func(ctx *Ctx) { ctx.After(Forever, 0) }})
	disks := n.AddDisks(role, p)
	return n, disks.Member(0), func(at Time, f func(ctx *Ctx)) {
		t.Helper()
		if n.Advance(at, 1<<30); n.Now() != at || !n.Do(0, f) {
			t.Fatalf("at %v it was %v", at, n.Now())
		}
	}
}

// plain has a seek of 1000 µs and takes 1 µs for a byte; a sync takes 100 µs.
func plain() DiskPhysics {
	return DiskPhysics{Seek: 1000, BytesPerSecond: 1_000_000, SyncTime: 100, CapacityBytes: 1 << 20, Files: 10}
}

// cached is plain behind a cache of 4 pages; more than 2 dirty ones are written back.
func cached() DiskPhysics {
	p := plain()
	p.CacheBytes, p.DirtyBytes, p.WriteBack = 4*pageBytes, 2*pageBytes, 50*Millisecond
	return p
}

func TestDeviceTakesItsTime(t *testing.T) {
	_, d, do := oneDisk(t, 1, plain())
	b := make([]byte, 500)
	do(10, func(ctx *Ctx) {
		for i, want := range []Time{
			10 + 1500,             // a seek, and 500 bytes
			10 + 2000,             // the head is there
			10 + 2000 + 1500,      // another file
			10 + 3500 + 1500,      // and back
			10 + 5000 + 1000 + 10, // to the beginning
			10 + 6010 + 20,        // on from there
			10 + 6030 + 100,       // a sync
		} {
			var at Time
			var err error
			switch i {
			case 0, 1, 3:
				at, err = d.Append(ctx, "a", b)
			case 2:
				at, err = d.Append(ctx, "b", b)
			case 4:
				_, at, err = d.ReadAt(ctx, "a", make([]byte, 10), 0)
			case 5:
				at, err = d.WriteAt(ctx, "a", make([]byte, 20), 10)
			case 6:
				at, err = d.Sync(ctx, "a")
			}
			if err != nil || at != want {
				t.Errorf("call %d is done at %v, expected %v (%v)", i, at, want, err)
			}
		}
		if at, err := d.Sync(ctx, "b"); err != nil || at != 10+6130+100 {
			t.Errorf("b's sync behind all that is done at %v, %v", at, err)
		}
	})
	do(20_000, func(ctx *Ctx) {
		if at, err := d.Sync(ctx, "a"); err != nil || at != 20_000 {
			t.Errorf("nothing is to be synced, and that takes until %v, %v", at, err)
		}
	})
	if s := d.Stats(); s.Seeks != 4 || s.Writes != 5 || s.Reads != 1 || s.WriteBytes != 2020 || s.ReadBytes != 10 {
		t.Errorf("%+v", s)
	}
}

// Inspectors see where the head is, and what the device is at.
func TestTaskAndHead(t *testing.T) {
	n, d, do := oneDisk(t, 1, plain())
	if name, _ := d.Head(); name != "" {
		t.Errorf("at first the head is at %q", name)
	}
	do(10, func(ctx *Ctx) {
		for _, name := range []string{"a", "a", "b"} {
			if _, err := d.Append(ctx, name, make([]byte, 500)); err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, want := range []struct {
		at     Time
		task   DiskTask
		file   string
		offset int64
	}{
		{10, DiskTask{"a", 0, 500, 10, 1510, true, true, 1000, 2}, "a", 0},
		{1600, DiskTask{"a", 500, 500, 1510, 2010, true, false, 0, 1}, "a", 500},
		{2010, DiskTask{"b", 0, 500, 2010, 3510, true, true, 1000, 0}, "b", 0},
		{3510, DiskTask{}, "b", 500},
	} {
		n.Advance(want.at, 1<<30)
		task, ok := d.Task()
		if name, offset := d.Head(); task != want.task || ok != (task.File != "") || name != want.file || offset != want.offset {
			t.Errorf("at %v: %+v %v, the head at %s:%d", want.at, task, ok, name, offset)
		}
	}
}

func TestCacheHidesTheDevice(t *testing.T) {
	n, d, do := oneDisk(t, 1, cached())
	b := make([]byte, pageBytes)
	do(10, func(ctx *Ctx) {
		at, err := d.Append(ctx, "a", b)
		_, read, err2 := d.ReadAt(ctx, "a", b, 0)
		if at != 10 || read != 10 || err != nil || err2 != nil {
			t.Errorf("a write is done at %v, a read at %v: %v, %v", at, read, err, err2)
		}
	})
	if d.DirtyBytes() != pageBytes || d.Stats().Writes != 0 {
		t.Errorf("%d dirty bytes, %+v", d.DirtyBytes(), d.Stats())
	}
	n.Advance(10+50*Millisecond, 1<<30)
	if d.DirtyBytes() != 0 || d.Stats().Writes != 1 || d.BusyUntil() != 10+50*Millisecond+1000+pageBytes {
		t.Errorf("after a while %d dirty bytes, busy until %v, %+v", d.DirtyBytes(), d.BusyUntil(), d.Stats())
	}
	do(100*Millisecond, func(ctx *Ctx) {
		now := ctx.Now()
		for i := range 3 {
			if at, err := d.Append(ctx, "a", b); err != nil || at != now {
				t.Errorf("page %d: done at %v (%v)", i, at, err)
			}
		}
		if d.DirtyBytes() != 0 || d.BusyUntil() != now+3*pageBytes { // the head is there
			t.Errorf("%d dirty bytes, busy until %v", d.DirtyBytes(), d.BusyUntil())
		}
	})
	do(200*Millisecond, func(ctx *Ctx) { // the pages that were used last are 0 to 3; a fifth puts 0 out
		d.Append(ctx, "a", b)
		for _, test := range []struct {
			page int64
			took Time
		}{{1, 0}, {2, 0}, {3, 0}, {4, 0}, {0, 1000 + pageBytes}, {2, 0}, {1, pageBytes}} {
			before := max(ctx.Now(), d.BusyUntil())
			_, at, err := d.ReadAt(ctx, "a", b, test.page*pageBytes)
			if want := before + test.took; err != nil || test.took == 0 && at != ctx.Now() || test.took > 0 && at != want {
				t.Errorf("page %d is read at %v, expected %v later than %v (%v)", test.page, at, test.took, before, err)
			}
		}
	})
}

// Whoever writes waits only when as much again is dirty before what was dirty
// first is written back.
func TestWriterWaitsForTheWriteBackBefore(t *testing.T) {
	_, d, do := oneDisk(t, 1, cached())
	b := make([]byte, pageBytes)
	const first = 10 + 1000 + 3*pageBytes // the write-back of three pages, after a seek
	do(10, func(ctx *Ctx) {
		for i, want := range []Time{10, 10, 10, 10, 10, first, 10, 10, first + 3*pageBytes} {
			if at, err := d.Append(ctx, "a", b); err != nil || at != want {
				t.Errorf("page %d: done at %v, expected %v (%v)", i, at, want, err)
			}
		}
	})
	do(Second, func(ctx *Ctx) {
		for range 3 {
			if at, err := d.Append(ctx, "a", b); err != nil || at != Second {
				t.Errorf("when all is written, done at %v (%v)", at, err)
			}
		}
	})
	if s := d.Stats(); s.WriteBacks != 4 || s.Throttlings != 2 {
		t.Errorf("%+v", s)
	}
}

func TestCrashTakesWhatIsNotSafe(t *testing.T) {
	for _, physics := range []DiskPhysics{plain(), cached()} {
		n, d, do := oneDisk(t, 1, physics)
		var synced Time
		do(10, func(ctx *Ctx) {
			if _, err := d.Append(ctx, "a", []byte("synced")); err != nil {
				t.Fatal(err)
			}
			synced, _ = d.Sync(ctx, "a")
		})
		do(synced, func(ctx *Ctx) {
			d.Append(ctx, "a", []byte(" and not"))
			d.WriteAt(ctx, "a", []byte("SYN"), 0)
			d.Append(ctx, "b", []byte("of another file"))
		})
		for _, text := range []string{"crash node/0", "restart node/0"} {
			if err := n.Schedule(n.parse(t, synced+1, text)); err != nil {
				t.Fatal(err)
			}
		}
		n.Advance(synced+10, 1<<30)
		do(synced+10, func(ctx *Ctx) {
			b := make([]byte, 100)
			count, _, err := d.ReadAt(ctx, "a", b, 0)
			if err != nil || count < len("synced") || !strings.HasPrefix("synced and not", string(b[:count])) || physics.CacheBytes > 0 && count > len("synced") {
				t.Errorf("after the crash there is %q, %v", b[:count], err)
			}
			if size, ok := d.Size("b"); !ok || size > 15 {
				t.Errorf("the other file has %d bytes, %v", size, ok)
			}
		})
		if n.Journal.Count(KindLost) == 0 {
			t.Error("nobody was told what was lost")
		}
	}
}

func (n *Network) parse(t *testing.T, at Time, text string) Action {
	t.Helper()
	a, err := n.ParseAction(at, text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSlowDiskDeed(t *testing.T) {
	n, d, do := oneDisk(t, 1, plain())
	n.AddRole("other", 3, &diskUser{})
	for text, want := range map[string]string{
		"slow disk node/0":       "expected nodes and a factor",
		"slow disk node/0 10":    "from 1x to 1000x",
		"slow disk node/0 0x":    "from 1x to 1000x",
		"slow disk node/0 1001x": "from 1x to 1000x",
		"slow disk other 10x":    "no disks",
		"slow disk nobody 10x":   "the nodes here are",
	} {
		if _, err := n.ParseAction(1, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected %q", text, err, want)
		}
	}
	for i, text := range []string{"slow disk node 10x", "slow disk node/0 1x", "slow disk node/0-0 3x", "heal"} {
		if err := n.Schedule(n.parse(t, Time(i+1)*Second, text)); err != nil {
			t.Fatal(err)
		}
	}
	for i, times := range []Time{1, 10, 1, 3, 1} {
		do(Time(i)*Second+1000, func(ctx *Ctx) {
			at, err := d.Append(ctx, fmt.Sprint(i), make([]byte, 500))
			if err != nil || at-ctx.Now() != 1500*times {
				t.Errorf("in second %d a write takes %v, expected %v (%v)", i, at-ctx.Now(), 1500*times, err)
			}
		})
	}
}

func TestDiskErrorsChangeNothing(t *testing.T) {
	p := cached()
	p.CapacityBytes, p.Files = 100, 2
	n, d, do := oneDisk(t, 1, p)
	do(0, func(ctx *Ctx) {
		if _, err := d.Append(ctx, "a", make([]byte, 60)); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Append(ctx, "b", nil); err != nil {
			t.Fatal(err)
		}
	})
	total := n.Journal.Total()
	do(0, func(ctx *Ctx) {
		check := func(what string, err, want error) {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, expected %v", what, err, want)
			}
		}
		_, err := d.Append(ctx, "a", make([]byte, 41))
		check("too much", err, ErrDiskFull)
		_, err = d.WriteAt(ctx, "a", make([]byte, 60), 41)
		check("too much over the end", err, ErrDiskFull)
		_, err = d.Append(ctx, "c", nil)
		check("a file too many", err, ErrDiskFull)
		_, err = d.Append(ctx, "", nil)
		check("no name", err, ErrFileName)
		_, err = d.WriteAt(ctx, "a", nil, 61)
		check("write beyond", err, ErrBeyond)
		_, _, err = d.ReadAt(ctx, "a", nil, 61)
		check("read beyond", err, ErrBeyond)
		_, _, err = d.ReadAt(ctx, "c", nil, 0)
		check("read of none", err, ErrNoFile)
		_, err = d.WriteAt(ctx, "c", nil, 0)
		check("write of none", err, ErrNoFile)
		_, err = d.Sync(ctx, "c")
		check("sync of none", err, ErrNoFile)
		check("truncate of none", d.Truncate(ctx, "c", 0), ErrNoFile)
		check("truncate beyond", d.Truncate(ctx, "a", 61), ErrBeyond)
		check("rename of none", d.Rename(ctx, "c", "d"), ErrNoFile)
		check("rename to no name", d.Rename(ctx, "a", ""), ErrFileName)
		check("delete of none", d.Delete(ctx, "c"), nil)
		check("rename to itself", d.Rename(ctx, "a", "a"), nil)
	})
	if got := n.Journal.Total(); got != total+1 { // the Do's
		t.Errorf("%d events of calls that did nothing", got-total-1)
	}
	if d.Bytes() != 60 || !slices.Equal(d.List(""), []string{"a", "b"}) {
		t.Errorf("%d bytes in %v", d.Bytes(), d.List(""))
	}
}

// TestPeekLeavesNoTrace: inspectors may look at any time.
func TestPeekLeavesNoTrace(t *testing.T) {
	n, d, do := oneDisk(t, 1, cached())
	do(5, func(ctx *Ctx) {
		if _, err := d.Append(ctx, "a", []byte("what is there")); err != nil {
			t.Fatal(err)
		}
	})
	digest, stats := n.Journal.Digest(), d.Stats()
	b := make([]byte, 100)
	if count, err := d.Peek("a", b, 5); err != nil || string(b[:count]) != "is there" {
		t.Errorf("%q, %v", b[:count], err)
	}
	if _, err := d.Peek("a", b, 14); !errors.Is(err, ErrBeyond) {
		t.Error(err)
	}
	if _, err := d.Peek("b", b, 0); !errors.Is(err, ErrNoFile) {
		t.Error(err)
	}
	if n.Journal.Digest() != digest || d.Stats() != stats || d.BusyUntil() != 0 {
		t.Error("somebody looked, and it shows")
	}
}

// TestDeviceIsInTheJournal: a view can show the head moving.
func TestDeviceIsInTheJournal(t *testing.T) {
	n, d, do := oneDisk(t, 1, plain())
	var told []string
	n.Journal.OnEvent = func(e *Event) {
		switch e.Kind {
		case KindDevice:
			w := ParseDiskWork(e)
			told = append(told, fmt.Sprintf("%d: %s %d to %d, %d bytes, write %v, seek %v, by %d", e.At, d.FileName(w.File), w.From, w.Until, w.Bytes, w.Write, w.Seek, e.Cause))
		case KindRead, KindWrite, KindSync:
			told = append(told, fmt.Sprintf("%d: %v of %s, %d bytes, until %d: %d by %d", e.At, e.Kind, d.FileName(ParseDiskFile(e)), e.Size, e.Value, e.ID, e.Cause))
		}
	}
	do(5, func(ctx *Ctx) {
		d.Append(ctx, "a", make([]byte, 10))
		d.ReadAt(ctx, "a", make([]byte, 4), 2)
		d.Sync(ctx, "a")
	})
	want := []string{
		"5: write of a, 10 bytes, until 1015: 3 by 2",
		"5: a 5 to 1015, 10 bytes, write true, seek true, by 3",
		"5: read of a, 4 bytes, until 2019: 5 by 2",
		"5: a 1015 to 2019, 4 bytes, write false, seek true, by 5",
		"5: sync of a, 0 bytes, until 2119: 7 by 2",
	}
	if !slices.Equal(told, want) {
		t.Errorf("got\n%s\nexpected\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}
