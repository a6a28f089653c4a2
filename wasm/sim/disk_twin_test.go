package sim

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// diskTwin is a disk as dumb as can be: of each file it keeps every version
// since the last sync that was done, whole. After a crash each byte must be
// that of one of them, and the size no less than the least.
type diskTwin struct {
	files map[string]*twinFile
	now   Time
}

type twinFile struct {
	versions [][]byte
	syncs    []twinSync
}

type twinSync struct {
	version int
	at      Time
}

func (f *twinFile) now() []byte { return f.versions[len(f.versions)-1] }

func (f *twinFile) change(b []byte) { f.versions = append(f.versions, b) }

// settle forgets versions before one that is safe.
func (f *twinFile) settle(now Time) {
	for len(f.syncs) > 0 && f.syncs[0].at <= now {
		v := f.syncs[0].version
		f.versions = f.versions[v:]
		f.syncs = f.syncs[1:]
		for i := range f.syncs {
			f.syncs[i].version -= v
		}
	}
}

// crashed compares what is left with what may be.
func (f *twinFile) crashed(got []byte) error {
	least, most := len(f.versions[0]), len(f.now())
	for _, v := range f.versions {
		least = min(least, len(v))
	}
	if len(got) < least || len(got) > most {
		return fmt.Errorf("%d bytes are left, expected %d to %d", len(got), least, most)
	}
	for i, b := range got {
		if !slices.ContainsFunc(f.versions, func(v []byte) bool { return i < len(v) && v[i] == b }) {
			return fmt.Errorf("byte %d is %q, which it was never since the last sync", i, b)
		}
	}
	f.versions, f.syncs = [][]byte{got}, nil
	return nil
}

// play makes random calls at random times on a disk and its twin, with
// crashes, and returns the run's digest.
func playDisk(t *testing.T, seed uint64, physics DiskPhysics, step Time) string {
	luck := NewLuck(seed, 1)
	twin := diskTwin{files: map[string]*twinFile{}}
	var n *Network
	var d *Disk
	calls := 0
	read := func(ctx *Ctx, name string, offset int64, length int) []byte {
		b := make([]byte, length)
		count, at, err := d.ReadAt(ctx, name, b, offset)
		if err != nil || at < ctx.Now() {
			t.Fatalf("seed %d: read of %s: %v, %v", seed, name, at, err)
		}
		return b[:count]
	}
	names := []string{"a", "b", "c/1", "c/2"}
	call := func(ctx *Ctx) {
		for _, name := range names {
			if f := twin.files[name]; f != nil {
				f.settle(ctx.Now())
			}
		}
		name := names[luck.Intn(len(names))]
		f := twin.files[name]
		b := make([]byte, luck.Intn(1+luck.Intn(9000)))
		for i := range b {
			b[i] = byte('a' + luck.Intn(26))
		}
		var err error
		switch n := luck.Intn(100); {
		case f == nil || n < 35:
			if f == nil {
				f = &twinFile{versions: [][]byte{nil}}
				twin.files[name] = f
			}
			_, err = d.Append(ctx, name, b)
			f.change(slices.Concat(f.now(), b))
		case n < 50:
			offset := luck.Intn(len(f.now()) + 1)
			_, err = d.WriteAt(ctx, name, b, int64(offset))
			after := slices.Clone(f.now())
			f.change(append(after[:offset], append(b, after[min(len(after), offset+len(b)):]...)...))
		case n < 65:
			offset := luck.Intn(len(f.now()) + 1)
			length := luck.Intn(9000)
			want := f.now()[offset:min(len(f.now()), offset+length)]
			if got := read(ctx, name, int64(offset), length); !bytes.Equal(got, want) {
				t.Fatalf("seed %d, call %d: read %d bytes of %s at %d: other than what was written", seed, calls, length, name, offset)
			}
		case n < 80:
			var at Time
			at, err = d.Sync(ctx, name)
			f.syncs = append(f.syncs, twinSync{len(f.versions) - 1, at})
		case n < 84:
			size := luck.Intn(len(f.now()) + 1)
			err = d.Truncate(ctx, name, int64(size))
			for i, v := range f.versions { // that is safe at once
				f.versions[i] = v[:min(len(v), size)]
			}
		case n < 87:
			err = d.Delete(ctx, name)
			delete(twin.files, name)
		case n < 90:
			to := names[luck.Intn(len(names))]
			err = d.Rename(ctx, name, to)
			delete(twin.files, name)
			twin.files[to] = f
		}
		if err != nil {
			t.Fatalf("seed %d, call %d: %v", seed, calls, err)
		}
		bytesOnDisk, dirty := int64(0), int64(0)
		for _, f := range d.files {
			bytesOnDisk += f.size
			dirty += int64(len(f.dirty))
		}
		if d.Bytes() != bytesOnDisk || d.pages != dirty || len(d.cache.place) > d.cache.most {
			t.Fatalf("seed %d, call %d: it counts %d bytes of %d, %d dirty pages of %d, %d cached pages", seed, calls, d.Bytes(), bytesOnDisk, d.pages, dirty, len(d.cache.place))
		}
	}
	user := &diskUser{
		start: func(ctx *Ctx) {
			for _, name := range names {
				f, size := twin.files[name], int64(0)
				got, ok := d.Size(name)
				if ok != (f != nil) {
					t.Fatalf("seed %d, call %d: after the crash %s is there: %v", seed, calls, name, ok)
				}
				if size = got; ok {
					if err := f.crashed(read(ctx, name, 0, int(size))); err != nil {
						t.Fatalf("seed %d, call %d, %s: %v", seed, calls, name, err)
					}
				}
			}
			ctx.After(1, 0)
		},
		wake: func(ctx *Ctx, _ Timer) {
			call(ctx)
			if calls++; calls < 400 {
				ctx.After(Time(luck.Intn(1+luck.Intn(20_000))), 0)
			}
		},
	}
	n = New(seed)
	role := n.AddRole("node", 1, user)
	d = n.AddDisks(role, physics).Member(0)
	for at := Time(0); at < 3*Second; {
		at += Time(1 + luck.Intn(400_000))
		for _, text := range []string{"crash node/0", "restart node/0"} {
			if err := n.Schedule(n.parse(t, at, text)); err != nil {
				t.Fatal(err)
			}
		}
		// What the twin has to know before the crash: what was safe by then.
	}
	n.Journal.OnEvent = func(e *Event) {
		if e.Kind == KindCrash {
			for _, f := range twin.files {
				f.settle(e.At)
			}
		}
	}
	for until := step; n.Advance(until, 1<<30) != Finished; until += step {
	}
	if calls < 100 {
		t.Fatalf("seed %d: only %d calls", seed, calls)
	}
	return n.Journal.Digest()
}

func TestDiskAgainstItsTwin(t *testing.T) {
	for seed := range uint64(40) {
		p := cached()
		p.CacheBytes, p.DirtyBytes, p.WriteBack = int64(seed%5)*3*pageBytes, int64(seed%3)*3*pageBytes, Time(seed%4)*20*Millisecond
		digest := playDisk(t, seed, p, Forever)
		if again := playDisk(t, seed, p, 777); again != digest {
			t.Errorf("seed %d: digests %s and %s of the same run", seed, digest, again)
		}
	}
}

// TestPageCacheForgetsTheLeastUsed compares it with a list.
func TestPageCacheForgetsTheLeastUsed(t *testing.T) {
	luck := NewLuck(1, 1)
	var c pageCache
	c.init(5 * pageBytes)
	f := &file{number: 3}
	var list []int64 // the latest used last
	for range 10_000 {
		number := int64(luck.Intn(9))
		i := slices.Index(list, number)
		if there := c.touch(f, number); there != (i >= 0) {
			t.Fatalf("page %d is there: %v, of %v", number, there, list)
		}
		if i >= 0 {
			list = append(slices.Delete(list, i, i+1), number)
		} else {
			if c.full() {
				if got := c.oldest().number; got != list[0] {
					t.Fatalf("the oldest is %d, of %v", got, list)
				}
				c.evict()
				list = list[1:]
			}
			c.add(f, number)
			list = append(list, number)
		}
		if luck.Intn(50) == 0 {
			f.size = 9 * pageBytes
			c.forget(f, int64(luck.Intn(9*pageBytes)))
			list = slices.DeleteFunc(list, func(n int64) bool { _, ok := c.place[keyOf(f, n)]; return !ok })
		}
	}
}
