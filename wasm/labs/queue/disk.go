package queue

import (
	"grapevine/wasm/sim"
)

// disk lets a node's part of the protocol use its disk, in one life.
type disk struct {
	*sim.Disk
	ctx func() *sim.Ctx
	// looking: a card or a check asks, who are not part of the run. What they
	// read costs nothing, and nothing else may happen.
	looking bool
}

func (d *disk) Append(now int64, file string, b []byte) (int64, error) {
	at, err := d.Disk.Append(d.ctx(), file, b)
	return int64(at), err
}

func (d *disk) ReadAt(now int64, file string, b []byte, offset int64) (int, int64, error) {
	if d.looking {
		n, err := d.Disk.Peek(file, b, offset)
		return n, now, err
	}
	n, at, err := d.Disk.ReadAt(d.ctx(), file, b, offset)
	return n, int64(at), err
}

func (d *disk) WriteAt(now int64, file string, b []byte, offset int64) (int64, error) {
	at, err := d.Disk.WriteAt(d.ctx(), file, b, offset)
	return int64(at), err
}

func (d *disk) Sync(now int64, file string) (int64, error) {
	at, err := d.Disk.Sync(d.ctx(), file)
	return int64(at), err
}

func (d *disk) Truncate(now int64, file string, size int64) error {
	return d.Disk.Truncate(d.ctx(), file, size)
}

func (d *disk) Delete(now int64, file string) error { return d.Disk.Delete(d.ctx(), file) }

func (d *disk) Rename(now int64, from, to string) error {
	return d.Disk.Rename(d.ctx(), from, to)
}
