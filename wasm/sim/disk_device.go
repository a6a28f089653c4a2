package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// device is the hardware: it does one thing after the other.
type device struct {
	busyUntil Time
	headFile  *file // where the head is: nil where nobody knows
	headAt    int64
	slow      int64          // everything takes so many times as long
	writes    []pendingWrite // that are not done, in the device's order
	work      []work         // of the present call, to be journalled
	queue     []work         // what it is at and has still to do
	stats     DiskStats
	torn      uint64 // writes that crashes cut short
}

// DiskStats count what a device has done since the run began.
type DiskStats struct {
	Reads, Writes           uint64
	ReadBytes, WriteBytes   int64
	Seeks                   uint64 // how often the head had to move
	Busy                    Time   // how long it worked, and will on what it was told
	CachedReads             uint64 // pages that were found in the cache
	MissedReads             uint64 // those that were not
	LostBytes, TornBytes    int64  // by crashes; of these, those of writes that were cut short
	WriteBacks, Throttlings uint64 // rounds of writing dirty pages back; those for which a writer waited
}

// Stats are the counters of the disk, for inspectors and checks.
func (d *Disk) Stats() DiskStats { return d.stats }

// BusyUntil is when the device is done with all it was told.
func (d *Disk) BusyUntil() Time { return d.busyUntil }

// DirtyBytes is how much the page cache holds that was not written back.
func (d *Disk) DirtyBytes() int64 { return d.pages * pageBytes }

// Bytes is the size of all files.
func (d *Disk) Bytes() int64 { return d.bytes }

// Slow is how many times as long everything takes; usually 1.
func (d *Disk) Slow() int64 { return d.slow }

// FileName is the name of the file that the journal calls by a number; "" if it
// is gone.
func (d *Disk) FileName(number uint16) string {
	for _, f := range d.files {
		if f.number&fileMask == uint32(number) {
			return f.name
		}
	}
	return ""
}

// pendingWrite is a write that the device has not done yet.
type pendingWrite struct {
	file           *file
	offset, length int64
	from, until    Time
	before         []saved // what it overwrites
}

// work is one thing that the device does.
type work struct {
	file           *file
	offset, length int64
	from, until    Time
	write, seek    bool
}

// DiskTask is what a device is at, for inspectors.
type DiskTask struct {
	File          string
	Offset, Bytes int64
	From, Until   Time
	Write, Seek   bool // Seek: the head has to move first, which takes Moves
	Moves         Time
	Behind        int // how many such things it has to do after this one
}

// Task is what the device is at; false when it rests, or when it does nothing
// else but make sure for a Sync.
func (d *Disk) Task() (DiskTask, bool) {
	for i, w := range d.queue {
		if w.until > d.net.now {
			t := DiskTask{File: w.file.name, Offset: w.offset, Bytes: w.length, From: w.from, Until: w.until, Write: w.write, Seek: w.seek, Behind: len(d.queue) - i - 1}
			if w.seek {
				t.Moves = d.physics.Seek * Time(d.slow)
			}
			return t, w.from <= d.net.now
		}
	}
	return DiskTask{}, false
}

// Head is where the head is, or where it moves to: "" where nobody knows. The
// file may be gone.
func (d *Disk) Head() (name string, offset int64) {
	if t, ok := d.Task(); ok {
		return t.File, t.Offset
	}
	if d.headFile == nil {
		return "", 0
	}
	return d.headFile.name, d.headAt
}

// occupy lets the device do something behind all it was told.
func (d *Disk) occupy(f *file, offset, length int64, write bool) (from, until Time) {
	from = max(d.net.now, d.busyUntil)
	seek := d.headFile != f || d.headAt != offset
	cost := (Time(length)*Time(Second) + Time(d.physics.BytesPerSecond) - 1) / Time(d.physics.BytesPerSecond)
	if seek {
		cost += d.physics.Seek
		d.stats.Seeks++
	}
	cost *= Time(d.slow)
	d.headFile, d.headAt = f, offset+length
	d.busyUntil = from + cost
	d.stats.Busy += cost
	w := work{f, offset, length, from, d.busyUntil, write, seek}
	d.work = append(d.work, w)
	done := 0
	for done < len(d.queue) && d.queue[done].until <= d.net.now {
		done++
	}
	d.queue = append(slices.Delete(d.queue, 0, done), w)
	return from, d.busyUntil
}

// put lets the device write what is at a place, over what was there before.
func (d *Disk) put(f *file, offset, length int64, before []saved) Time {
	if length == 0 {
		return d.net.now
	}
	from, until := d.occupy(f, offset, length, true)
	d.writes = append(d.writes, pendingWrite{f, offset, length, from, until, before})
	d.stats.Writes++
	d.stats.WriteBytes += length
	return until
}

// get lets the device read.
func (d *Disk) get(f *file, offset, length int64) Time {
	if length == 0 {
		return d.net.now
	}
	_, until := d.occupy(f, offset, length, false)
	d.stats.Reads++
	d.stats.ReadBytes += length
	return until
}

// wait lets the device do nothing else for a while.
func (d *Disk) wait(span Time) Time {
	d.busyUntil = max(d.net.now, d.busyUntil) + span*Time(d.slow)
	return d.busyUntil
}

// settle makes safe what the device has done by now.
func (d *Disk) settle(now Time) {
	done := 0
	for ; done < len(d.writes) && d.writes[done].until <= now; done++ {
		w := &d.writes[done]
		w.file.safe = max(w.file.safe, w.offset+w.length)
	}
	if done > 0 {
		rest := copy(d.writes, d.writes[done:])
		clear(d.writes[rest:])
		d.writes = d.writes[:rest]
	}
}

// crash takes away what is not safe.
func (d *Disk) crash(cause EventID) {
	now := d.net.now
	d.settle(now)
	for _, f := range d.dirty {
		for _, p := range f.dirty {
			if p.saved {
				f.restore(p.before, 0)
			}
		}
		f.dirty = nil
	}
	for i := len(d.writes) - 1; i >= 0; i-- {
		w := &d.writes[i]
		done := int64(0)
		if w.from < now && w.length > 0 { // the device is at it: the first of them
			d.torn++
			done = int64(below(draw(d.net.seed, keyDisk, uint64(d.node), d.torn), int(w.length)))
			d.stats.TornBytes += w.length - done
			w.file.safe = max(w.file.safe, w.offset+done)
		}
		for _, s := range w.before {
			w.file.restore(s, w.offset+done)
		}
	}
	for _, f := range d.files {
		if lost := f.size - f.safe; lost > 0 {
			d.bytes -= lost
			d.stats.LostBytes += lost
			d.record(cause, KindLost, f, Time(f.safe), int(min(lost, 1<<32-1)), 0)
			f.truncate(f.safe)
		}
	}
	clear(d.writes)
	clear(d.queue)
	d.queue = d.queue[:0]
	d.writes, d.dirty, d.pages, d.soon = d.writes[:0], nil, 0, false
	d.cache.init(d.physics.CacheBytes)
	d.busyUntil, d.back, d.headFile = now, now, nil
}

// How Code names a file, and what the device does with it.
const (
	fileMask  = 1<<14 - 1
	workWrite = 1 << 0
	workSeek  = 1 << 1
)

// record journals what the node asks of the disk, or what a crash took.
func (d *Disk) record(cause EventID, kind Kind, f *file, value Time, size int, sum uint32) EventID {
	code := uint16(0)
	if f != nil {
		code = uint16(f.number&fileMask) << 2
	}
	return d.net.Journal.record(Event{Cause: cause, At: d.net.now, Value: int64(value), Kind: kind, Node: d.node, Peer: Nobody,
		Code: code, Size: uint32(size), Sum: sum}, nil)
}

// recordWork journals what the device was told by a call.
func (d *Disk) recordWork(cause EventID) {
	for _, w := range d.work {
		code := uint16(w.file.number&fileMask) << 2
		if w.write {
			code |= workWrite
		}
		if w.seek {
			code |= workSeek
		}
		d.net.Journal.record(Event{Cause: cause, At: d.net.now, Value: int64(w.until), Kind: KindDevice, Node: d.node, Peer: Nobody,
			Code: code, Size: uint32(min(w.length, 1<<32-1)), Sum: uint32(min(w.until-w.from, 1<<32-1))}, nil)
	}
	d.work = d.work[:0]
}

// DiskWork is what an event of KindDevice tells: what the device does and when.
type DiskWork struct {
	File        uint16 // see Disk.FileName
	From, Until Time
	Bytes       uint32
	Write, Seek bool // Seek: the head moves first
}

// ParseDiskWork reads an event of KindDevice.
func ParseDiskWork(e *Event) DiskWork {
	return DiskWork{File: e.Code >> 2, From: Time(e.Value) - Time(e.Sum), Until: Time(e.Value), Bytes: e.Size,
		Write: e.Code&workWrite != 0, Seek: e.Code&workSeek != 0}
}

// ParseDiskFile reads the file's number from an event of KindRead, KindWrite,
// KindSync or KindLost; see Disk.FileName.
func ParseDiskFile(e *Event) uint16 { return e.Code >> 2 }

const maxSlowTimes = 1000

// parseSlowDisk reads "slow disk A 10x".
func (n *Network) parseSlowDisk(a *Action) error {
	if len(a.args) != 3 {
		return fmt.Errorf("%q: expected nodes and a factor, such as \"slow disk %s 10x\"", a.Text, n.Name(0))
	}
	var err error
	if a.nodes, err = n.parseSpan(a.args[1]); err != nil {
		return err
	}
	if n.roles[n.RoleOf(a.nodes.First)].disks == nil {
		return fmt.Errorf("%q: these nodes have no disks", a.Text)
	}
	number, ok := strings.CutSuffix(a.args[2], "x")
	times, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || times < 1 || times > maxSlowTimes {
		return fmt.Errorf("%q: expected how many times as long it takes, from 1x to %dx", a.args[2], maxSlowTimes)
	}
	a.times = times
	return nil
}

// healDisks makes all disks as fast as they should be.
func (n *Network) healDisks() {
	for i := range n.roles {
		if disks := n.roles[i].disks; disks != nil {
			for m := range disks.list {
				disks.list[m].slow = 1
			}
		}
	}
}
