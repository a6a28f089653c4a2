package kafkatest

import (
	"slices"

	"grapevine/protocols/kafka/log"
)

// disk is a Memory on which a Sync takes time, and what is being synced is lost
// in a crash like the rest.
type disk struct {
	*log.Memory
	micros int64
	safe   map[string]int64 // bytes that survive, by file
	syncs  []sync           // under way, by time
}

type sync struct {
	file string
	size int64
	at   int64
}

func newDisk(micros int64) *disk {
	return &disk{Memory: log.NewMemory(), micros: micros, safe: map[string]int64{}}
}

// Sync is part of log.Disk.
func (d *disk) Sync(now int64, file string) (int64, error) {
	d.settle(now)
	size, ok := d.Size(file)
	if !ok {
		return d.Memory.Sync(now, file) // its error
	}
	d.syncs = append(d.syncs, sync{file, size, now + d.micros})
	return now + d.micros, nil
}

// settle ends the syncs that are done.
func (d *disk) settle(now int64) {
	for len(d.syncs) > 0 && d.syncs[0].at <= now {
		s := d.syncs[0]
		d.syncs = d.syncs[1:]
		if size, ok := d.Size(s.file); ok {
			d.safe[s.file] = min(max(d.safe[s.file], s.size), size)
		}
	}
}

// Truncate is part of log.Disk.
func (d *disk) Truncate(now int64, file string, size int64) error {
	d.settle(now)
	err := d.Memory.Truncate(now, file, size)
	if err == nil {
		d.safe[file] = min(d.safe[file], size)
		for i := range d.syncs {
			if s := &d.syncs[i]; s.file == file {
				s.size = min(s.size, size)
			}
		}
	}
	return err
}

// Delete is part of log.Disk.
func (d *disk) Delete(now int64, file string) error {
	d.settle(now)
	delete(d.safe, file)
	d.syncs = slices.DeleteFunc(d.syncs, func(s sync) bool { return s.file == file })
	return d.Memory.Delete(now, file)
}

// Rename is part of log.Disk.
func (d *disk) Rename(now int64, from, to string) error {
	d.settle(now)
	if err := d.Memory.Rename(now, from, to); err != nil {
		return err
	}
	d.syncs = slices.DeleteFunc(d.syncs, func(s sync) bool { return s.file == to })
	d.safe[to] = d.safe[from]
	delete(d.safe, from)
	for i := range d.syncs {
		if s := &d.syncs[i]; s.file == from {
			s.file = to
		}
	}
	return nil
}

// crash loses what is not safe, but for some of it by luck.
func (d *disk) crash(now int64, luck func() uint64) {
	d.settle(now)
	d.syncs = nil
	d.Crash(func(file string, _, size int64) int64 {
		safe := min(d.safe[file], size)
		return safe + int64(luck()%uint64(size-safe+1))
	})
	for _, file := range d.List("") {
		d.safe[file], _ = d.Size(file)
	}
}
