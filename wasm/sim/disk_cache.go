package sim

import (
	"cmp"
	"slices"
)

// pageBytes is the size of a page of the cache.
const pageBytes = 4096

// dirtyPage is one that was changed since it was last written back.
type dirtyPage struct {
	number int64
	saved  bool  // what was there before it was changed is in before
	before saved // kept when bytes are overwritten: appending needs nothing
}

func (f *file) dirtyAt(number int64) (int, bool) {
	return slices.BinarySearchFunc(f.dirty, number, func(p dirtyPage, n int64) int { return cmp.Compare(p.number, n) })
}

// soil makes the pages of a range dirty that is about to be written.
func (d *Disk) soil(f *file, offset, length int64) {
	if len(f.dirty) == 0 {
		d.dirty = append(d.dirty, f)
	}
	for number := offset / pageBytes; number*pageBytes < offset+length; number++ {
		i, ok := f.dirtyAt(number)
		if !ok {
			f.dirty = slices.Insert(f.dirty, i, dirtyPage{number: number})
			d.pages++
		}
		if p := &f.dirty[i]; !p.saved && max(offset, number*pageBytes) < f.size {
			p.saved = true
			for _, s := range f.saved(number*pageBytes, pageBytes) {
				p.before = s
			}
		}
	}
}

// writeCached puts the pages of a range that was written into the cache, and
// returns when the writer may go on.
func (d *Disk) writeCached(f *file, offset, length int64) Time {
	for number := offset / pageBytes; number*pageBytes < offset+length; number++ {
		if !d.cache.touch(f, number) {
			d.keep(f, number)
		}
	}
	if d.pages*pageBytes <= d.physics.DirtyBytes {
		return d.net.now
	}
	before := d.back
	d.writeBack()
	if before <= d.net.now {
		return d.net.now
	}
	d.stats.Throttlings++
	return before
}

// readCached returns when all pages of a range are in the cache.
func (d *Disk) readCached(f *file, offset, length int64) Time {
	at := d.net.now
	missing := int64(-1) // the first page of a run that is not there
	last := (offset + length - 1) / pageBytes
	for number := offset / pageBytes; length > 0 && number <= last+1; number++ {
		if number <= last && !d.cache.touch(f, number) {
			d.stats.MissedReads++
			if missing < 0 {
				missing = number
			}
			continue
		}
		if number <= last {
			d.stats.CachedReads++
		}
		if missing >= 0 {
			at = d.get(f, missing*pageBytes, min(number*pageBytes, f.size)-missing*pageBytes)
			for ; missing < number; missing++ {
				d.keep(f, missing)
			}
			missing = -1
		}
	}
	return at
}

// keep puts a page into the cache, and the one out that was not used for
// longest. One that is dirty is written back first, with all others.
func (d *Disk) keep(f *file, number int64) {
	if d.cache.full() {
		oldest := d.cache.oldest()
		if _, dirty := oldest.file.dirtyAt(oldest.number); dirty {
			d.writeBack()
		}
		d.cache.evict()
	}
	d.cache.add(f, number)
}

// writeBack lets the device write all dirty pages.
func (d *Disk) writeBack() {
	d.stats.WriteBacks++
	for len(d.dirty) > 0 {
		d.writeBackFile(d.dirty[0])
	}
	d.back = d.busyUntil
}

// writeBackFile lets the device write a file's dirty pages, run by run.
func (d *Disk) writeBackFile(f *file) {
	for i := 0; i < len(f.dirty); {
		first := f.dirty[i].number
		var before []saved
		for n := first; i < len(f.dirty) && f.dirty[i].number == n; n++ {
			if p := &f.dirty[i]; p.saved {
				before = append(before, p.before)
			}
			i++
		}
		offset := first * pageBytes
		end := min((f.dirty[i-1].number+1)*pageBytes, f.size)
		d.put(f, offset, end-offset, before)
	}
	d.pages -= int64(len(f.dirty))
	clear(f.dirty)
	f.dirty = f.dirty[:0]
	d.clean(f)
}

// pageCache knows which pages are in memory, and which was not used for longest.
// What they hold is the file's content.
type pageCache struct {
	most  int
	place map[pageKey]int32 // in pages; only looked up, never walked
	pages []cachedPage      // a ring by use: pages[0] is where it is closed, next is the oldest
	free  []int32
}

type pageKey struct{ file, number uint32 }

type cachedPage struct {
	file       *file
	number     int64
	prev, next int32
}

func (c *pageCache) init(bytes int64) {
	c.most = int((bytes + pageBytes - 1) / pageBytes)
	c.place, c.pages, c.free = map[pageKey]int32{}, make([]cachedPage, 1), nil
}

func keyOf(f *file, number int64) pageKey { return pageKey{f.number, uint32(number)} }

func (c *pageCache) full() bool { return len(c.place) >= c.most }

func (c *pageCache) oldest() *cachedPage { return &c.pages[c.pages[0].next] }

// touch makes a page the latest used, and reports whether it is there.
func (c *pageCache) touch(f *file, number int64) bool {
	i, ok := c.place[keyOf(f, number)]
	if ok {
		c.unlink(i)
		c.link(i)
	}
	return ok
}

func (c *pageCache) add(f *file, number int64) {
	i := int32(len(c.pages))
	if last := len(c.free) - 1; last >= 0 {
		i, c.free = c.free[last], c.free[:last]
	} else {
		c.pages = append(c.pages, cachedPage{})
	}
	c.pages[i] = cachedPage{file: f, number: number}
	c.place[keyOf(f, number)] = i
	c.link(i)
}

func (c *pageCache) evict() { c.drop(c.pages[0].next) }

// forget drops a file's pages that lie wholly behind size.
func (c *pageCache) forget(f *file, size int64) {
	for number := (size + pageBytes - 1) / pageBytes; number*pageBytes < f.size; number++ {
		if i, ok := c.place[keyOf(f, number)]; ok {
			c.drop(i)
		}
	}
}

func (c *pageCache) drop(i int32) {
	p := c.pages[i]
	c.unlink(i)
	delete(c.place, keyOf(p.file, p.number))
	c.pages[i] = cachedPage{}
	c.free = append(c.free, i)
}

func (c *pageCache) link(i int32) {
	last := c.pages[0].prev
	c.pages[i].prev, c.pages[i].next = last, 0
	c.pages[last].next, c.pages[0].prev = i, i
}

func (c *pageCache) unlink(i int32) {
	p := &c.pages[i]
	c.pages[p.prev].next, c.pages[p.next].prev = p.next, p.prev
}

// schedule lets the write-back come after a while, because of an event.
func (d *Disk) schedule(cause EventID) {
	n := d.net
	d.soon = true
	i, e := n.slab.alloc()
	e.at = min(n.now+d.physics.WriteBack, Forever)
	e.what, e.node, e.epoch, e.cause = isWriteBack, d.node, n.nodes[d.node].epoch, cause
	n.wheel.push(&n.slab, i)
}

// wake is the write-back that was scheduled.
func (d *Disk) wake(cause EventID) {
	d.soon = false
	d.settle(d.net.now)
	if len(d.dirty) > 0 {
		d.writeBack()
		d.recordWork(cause)
	}
}
