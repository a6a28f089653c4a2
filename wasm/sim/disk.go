package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Theory of operation
//
// A Disk holds the files of one node and stays what it is while nodes crash
// and start again. Contents change at once, and reads see them at once: what a
// Disk is about is when the device is done, and what is left after a crash.
//
// The device does one thing after the other. Each takes a seek, unless it
// begins where the head is since the last one, in the same file, and the
// transfer of its bytes. Without a page cache every write and read is the
// device's, and a write is safe when the device is done with it. With one, a
// write makes pages dirty and costs nothing; they are written back together
// after a while, or by a Sync, or when there are many. Who makes as many again
// before that is done waits for it: the two bounds that Linux has as
// vm.dirty_background_ratio and vm.dirty_ratio. Reads of cached pages cost
// nothing.
//
// In a crash what is not safe is lost: dirty pages, and writes that the device
// has not done. The one it is at is torn: it is done up to a byte that luck
// chooses. Making, cutting, deleting and renaming files costs nothing and is
// safe at once, as on a file system that keeps a journal.
//
// A paused node's write-back is held like its timers; what its device was
// told goes on.

// DiskPhysics says what a disk costs and what it holds. Start from HardDisk or
// SolidState.
type DiskPhysics struct {
	Seek           Time  // to move the head to where the next bytes lie
	BytesPerSecond int64 // of a transfer, at least 1
	SyncTime       Time  // what a Sync takes beyond the writes it waits for

	CacheBytes int64 // of the page cache; 0: there is none
	DirtyBytes int64 // beyond so many dirty ones they are written back
	WriteBack  Time  // how long a page may stay dirty

	CapacityBytes int64 // of all files
	Files         int   // at most
}

// HardDisk is one with platters and a head, behind a page cache of 64 MiB.
func HardDisk() DiskPhysics {
	return DiskPhysics{Seek: 8 * Millisecond, BytesPerSecond: 150_000_000, SyncTime: 4 * Millisecond,
		CacheBytes: 64 << 20, DirtyBytes: 8 << 20, WriteBack: 5 * Second, CapacityBytes: 256 << 20, Files: 10_000}
}

// SolidState is one without moving parts; what is left of a seek is the time
// that each access takes.
func SolidState() DiskPhysics {
	p := HardDisk()
	p.Seek, p.BytesPerSecond, p.SyncTime = 60, 500_000_000, 400
	return p
}

func (p *DiskPhysics) within() bool {
	span := func(t Time) bool { return t >= 0 && t <= 3600*Second }
	return span(p.Seek) && span(p.SyncTime) && span(p.WriteBack) && p.BytesPerSecond >= 1 && p.BytesPerSecond <= 1<<40 &&
		p.CacheBytes >= 0 && p.CacheBytes <= 1<<32 && p.DirtyBytes >= 0 && p.CapacityBytes >= 0 && p.CapacityBytes <= 1<<40 && p.Files >= 0
}

// The errors of a Disk: the caller's to take, for nothing was changed.
var (
	ErrNoFile   = errors.New("sim: there is no such file on this disk")
	ErrDiskFull = errors.New("sim: the disk is full")
	ErrBeyond   = errors.New("sim: the place lies beyond the file's end")
	ErrFileName = errors.New("sim: a file's name has 1 to 255 bytes")
)

// Disks are the disks of a role, one for each node.
type Disks struct {
	physics DiskPhysics
	list    []Disk
}

// AddDisks gives each node of a role a disk. It panics once the run has begun,
// for a role that has disks, and for physics out of range. A network with
// disks is sought through by playing it again from 0.
func (n *Network) AddDisks(role RoleID, p DiskPhysics) *Disks {
	entry := &n.roles[role]
	if n.started || entry.disks != nil || !p.within() {
		panic(fmt.Sprintf("sim: AddDisks for %s: once, before the run begins, within range: %+v", entry.name, p))
	}
	entry.disks = &Disks{physics: p, list: make([]Disk, entry.span.Count)}
	for i := range entry.disks.list {
		d := &entry.disks.list[i]
		d.net, d.node, d.physics, d.slow = n, entry.span.First+NodeID(i), &entry.disks.physics, 1
		d.cache.init(p.CacheBytes)
	}
	return entry.disks
}

// Member is the disk of a role's member. Its methods that take a Ctx are for
// that member, while it runs.
func (s *Disks) Member(i int) *Disk { return &s.list[i] }

// Disk is one node's durable bytes.
type Disk struct {
	net     *Network
	node    NodeID
	physics *DiskPhysics
	files   []*file // by name
	made    uint32  // files made so far
	bytes   int64   // of all files

	device
	cache pageCache
	dirty []*file // those with dirty pages, the longest dirty first
	pages int64   // that are dirty
	soon  bool    // a write-back is scheduled
	back  Time    // when the last write-back is done
}

// file is one file.
type file struct {
	name   string
	number uint32
	content
	safe  int64       // bytes of it that survive a crash, but for those that pages and writes under way have changed
	dirty []dirtyPage // by place
}

func (d *Disk) find(name string) (int, bool) {
	return slices.BinarySearchFunc(d.files, name, func(f *file, name string) int { return cmp.Compare(f.name, name) })
}

func (d *Disk) file(name string) (*file, error) {
	if i, ok := d.find(name); ok {
		return d.files[i], nil
	}
	return nil, fmt.Errorf("%w: %q", ErrNoFile, name)
}

// Size is a file's bytes; false when there is no such file.
func (d *Disk) Size(name string) (int64, bool) {
	i, ok := d.find(name)
	if !ok {
		return 0, false
	}
	return d.files[i].size, true
}

// List names the files that begin with prefix, in order.
func (d *Disk) List(prefix string) []string {
	var names []string
	for i, _ := d.find(prefix); i < len(d.files) && strings.HasPrefix(d.files[i].name, prefix); i++ {
		names = append(names, d.files[i].name)
	}
	return names
}

// Append writes b behind the file's end, and makes the file if need be. at is
// when the caller need not wait any longer: with a page cache that is mostly now.
func (d *Disk) Append(ctx *Ctx, name string, b []byte) (at Time, err error) {
	d.check(ctx)
	i, ok := d.find(name)
	if !ok {
		if len(name) == 0 || len(name) > 255 {
			return 0, ErrFileName
		}
		if len(d.files) >= d.physics.Files || int64(len(b)) > d.physics.CapacityBytes-d.bytes {
			return 0, ErrDiskFull
		}
		d.files = slices.Insert(d.files, i, &file{name: name, number: d.made})
		d.made++
	}
	f := d.files[i]
	return d.write(ctx, f, b, f.size)
}

// WriteAt writes b over what is at offset, which may be the file's end but not
// behind it; the file may grow.
func (d *Disk) WriteAt(ctx *Ctx, name string, b []byte, offset int64) (at Time, err error) {
	d.check(ctx)
	f, err := d.file(name)
	if err != nil {
		return 0, err
	}
	if offset < 0 || offset > f.size {
		return 0, ErrBeyond
	}
	return d.write(ctx, f, b, offset)
}

func (d *Disk) write(ctx *Ctx, f *file, b []byte, offset int64) (Time, error) {
	grows := max(0, offset+int64(len(b))-f.size)
	if grows > d.physics.CapacityBytes-d.bytes {
		return 0, ErrDiskFull
	}
	now := d.net.now
	d.settle(now)
	d.bytes += grows
	at := now
	if len(b) == 0 {
		// A file may have been made; nothing is to be waited for.
	} else if d.physics.CacheBytes == 0 {
		before := f.saved(offset, int64(len(b)))
		f.writeAt(b, offset)
		at = d.put(f, offset, int64(len(b)), before)
	} else {
		d.soil(f, offset, int64(len(b)))
		f.writeAt(b, offset)
		at = d.writeCached(f, offset, int64(len(b)))
	}
	id := d.record(ctx.cause, KindWrite, f, at, len(b), sum(b))
	if len(d.dirty) > 0 && !d.soon {
		d.schedule(id)
	}
	d.recordWork(id)
	return at, nil
}

// ReadAt fills b from offset on; n is less than len(b) only at the file's end.
// at is when the device is done.
func (d *Disk) ReadAt(ctx *Ctx, name string, b []byte, offset int64) (n int, at Time, err error) {
	d.check(ctx)
	f, err := d.file(name)
	if err != nil {
		return 0, 0, err
	}
	if offset < 0 || offset > f.size {
		return 0, 0, ErrBeyond
	}
	n = f.readAt(b, offset)
	now := d.net.now
	d.settle(now)
	if d.physics.CacheBytes == 0 {
		at = d.get(f, offset, int64(n))
	} else {
		at = d.readCached(f, offset, int64(n))
	}
	d.recordWork(d.record(ctx.cause, KindRead, f, at, n, 0))
	return n, at, nil
}

// Peek is ReadAt for inspectors and checks: it costs nothing, changes nothing
// and is not journalled.
func (d *Disk) Peek(name string, b []byte, offset int64) (n int, err error) {
	f, err := d.file(name)
	if err != nil {
		return 0, err
	}
	if offset < 0 || offset > f.size {
		return 0, ErrBeyond
	}
	return f.readAt(b, offset), nil
}

// Sync makes everything written to the file so far survive a crash, from at on.
func (d *Disk) Sync(ctx *Ctx, name string) (at Time, err error) {
	d.check(ctx)
	f, err := d.file(name)
	if err != nil {
		return 0, err
	}
	now := d.net.now
	d.settle(now)
	d.writeBackFile(f)
	at = now
	for i := range d.writes {
		if d.writes[i].file == f {
			at = max(at, d.writes[i].until)
		}
	}
	if at > now {
		at = d.wait(d.physics.SyncTime)
	}
	d.recordWork(d.record(ctx.cause, KindSync, f, at, 0, 0))
	return at, nil
}

// Truncate cuts the file to size bytes.
func (d *Disk) Truncate(ctx *Ctx, name string, size int64) error {
	d.check(ctx)
	f, err := d.file(name)
	if err != nil {
		return err
	}
	if size < 0 || size > f.size {
		return ErrBeyond
	}
	d.settle(d.net.now)
	d.cut(f, size)
	d.record(ctx.cause, KindWrite, f, d.net.now, 0, sum([]byte("truncate")))
	return nil
}

// Delete takes the file away; one that is not there is no error.
func (d *Disk) Delete(ctx *Ctx, name string) error {
	d.check(ctx)
	i, ok := d.find(name)
	if !ok {
		return nil
	}
	d.settle(d.net.now)
	d.remove(i)
	d.record(ctx.cause, KindWrite, nil, d.net.now, 0, sum([]byte("delete "+name)))
	return nil
}

// Rename gives a file another's name, and replaces that one. What was not safe
// under the old name is not under the new one.
func (d *Disk) Rename(ctx *Ctx, from, to string) error {
	d.check(ctx)
	f, err := d.file(from)
	if err != nil {
		return err
	}
	if len(to) == 0 || len(to) > 255 {
		return ErrFileName
	}
	if from == to {
		return nil
	}
	d.settle(d.net.now)
	if i, ok := d.find(to); ok {
		d.remove(i)
	}
	i, _ := d.find(from)
	d.files = slices.Delete(d.files, i, i+1)
	f.name = to
	i, _ = d.find(to)
	d.files = slices.Insert(d.files, i, f)
	d.record(ctx.cause, KindWrite, f, d.net.now, 0, sum([]byte("rename to "+to)))
	return nil
}

// cut takes a file's end away, with all that was under way to it.
func (d *Disk) cut(f *file, size int64) {
	d.bytes -= f.size - size
	d.cache.forget(f, size)
	f.truncate(size)
	f.safe = min(f.safe, size)
	first := (size + pageBytes - 1) / pageBytes
	d.pages -= int64(len(f.dirty))
	f.dirty = slices.DeleteFunc(f.dirty, func(p dirtyPage) bool { return p.number >= first })
	d.pages += int64(len(f.dirty))
	if len(f.dirty) == 0 {
		d.clean(f)
	}
	for i := range d.writes {
		if w := &d.writes[i]; w.file == f {
			w.length = max(0, min(w.length, size-w.offset))
		}
	}
}

func (d *Disk) remove(i int) {
	f := d.files[i]
	d.cut(f, 0)
	for i := range d.writes {
		if d.writes[i].file == f {
			d.writes[i].before = nil
		}
	}
	d.files = slices.Delete(d.files, i, i+1)
}

// clean says that a file has no dirty pages.
func (d *Disk) clean(f *file) {
	if i := slices.Index(d.dirty, f); i >= 0 {
		d.dirty = slices.Delete(d.dirty, i, i+1)
	}
}

// check panics when the disk is used by another than the node that runs.
func (d *Disk) check(ctx *Ctx) {
	if ctx.self != d.node {
		panic(fmt.Sprintf("sim: %s uses the disk of %s", d.net.Name(ctx.self), d.net.Name(d.node)))
	}
}
