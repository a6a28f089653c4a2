package disks

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/log"
	"grapevine/wasm/sim"
)

// disk lets a log use a node's disk: what log.Disk and sim.Disk say is the same.
type disk struct {
	d   *sim.Disk
	ctx *sim.Ctx
}

func (d *disk) Size(file string) (int64, bool) { return d.d.Size(file) }
func (d *disk) List(prefix string) []string    { return d.d.List(prefix) }
func (d *disk) Append(_ int64, file string, b []byte) (int64, error) {
	at, err := d.d.Append(d.ctx, file, b)
	return int64(at), err
}
func (d *disk) ReadAt(_ int64, file string, b []byte, offset int64) (int, int64, error) {
	n, at, err := d.d.ReadAt(d.ctx, file, b, offset)
	return n, int64(at), err
}
func (d *disk) Sync(_ int64, file string) (int64, error) {
	at, err := d.d.Sync(d.ctx, file)
	return int64(at), err
}
func (d *disk) Truncate(_ int64, file string, size int64) error {
	return d.d.Truncate(d.ctx, file, size)
}
func (d *disk) Delete(_ int64, file string) error { return d.d.Delete(d.ctx, file) }
func (d *disk) Rename(_ int64, from, to string) error {
	return d.d.Rename(d.ctx, from, to)
}

// broker is a role of one node that appends to a log and knows what it has
// said is durable.
type broker struct {
	t       *testing.T
	name    string
	config  log.Config
	disk    *disk
	log     *log.Log
	luck    *sim.Luck
	all     [][]byte // what was appended, by offset: a batch has one record
	durable int64
	left    int // appends
	lost    int64
}

func (b *broker) Start(ctx *sim.Ctx) {
	b.disk.ctx = ctx
	now := int64(ctx.Now())
	l, err := log.Open(now, b.disk, "orders-0", b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	if l.End() < b.durable || l.End() > int64(len(b.all)) {
		b.t.Fatalf("%s at %v: after the crash the log ends at %d; %d was durable, %d appended", b.name, ctx.Now(), l.End(), b.durable, len(b.all))
	}
	b.lost += int64(len(b.all)) - l.End()
	b.all = b.all[:l.End()]
	for from := l.Start(); from < l.End(); {
		got, _, err := l.Read(now, from, 1<<20, math.MaxInt64)
		if err != nil || len(got) == 0 {
			b.t.Fatalf("%s: read from %d of %d: %v", b.name, from, l.End(), err)
		}
		for len(got) > 0 {
			_, size, _ := batch.Parse(got)
			if !bytes.Equal(got[:size], b.all[from]) {
				b.t.Fatalf("%s at %v: the batch at %d is another than was appended", b.name, ctx.Now(), from)
			}
			got, from = got[size:], from+1
		}
	}
	b.log = l
	ctx.After(1, 0)
}

func (b *broker) Deliver(*sim.Ctx, sim.Packet) {}

func (b *broker) Wake(ctx *sim.Ctx, _ sim.Timer) {
	b.disk.ctx = ctx
	now := int64(ctx.Now())
	var builder batch.Builder
	builder.Add(now/1000, fmt.Append(nil, len(b.all)), make([]byte, b.luck.Intn(400)), nil)
	one := builder.Append(nil, batch.NoProducer)
	if _, _, err := b.log.Append(now, one, 0); err != nil {
		b.t.Fatal(err)
	}
	batch.SetOffset(one, int64(len(b.all)), 0)
	b.all = append(b.all, one)
	if b.config.Flush == log.FlushEach {
		b.durable = b.log.Durable(now)
	}
	if b.luck.Intn(100) == 0 {
		if _, err := b.log.Retain(now, b.log.End()); err != nil {
			b.t.Fatal(err)
		}
	}
	if b.left--; b.left > 0 {
		ctx.After(sim.Time(b.luck.Intn(5000)), 0)
	}
}

// TestLogOutlivesItsNode: whatever the disk is like, what a log has called
// durable is there after each crash, and the rest is a front of what was appended.
func TestLogOutlivesItsNode(t *testing.T) {
	none := sim.HardDisk()
	none.CacheBytes = 0
	small := sim.HardDisk()
	small.CacheBytes, small.DirtyBytes, small.WriteBack = 64<<10, 16<<10, 100*sim.Millisecond
	lost := int64(0)
	for name, physics := range map[string]sim.DiskPhysics{"hard disk": sim.HardDisk(), "solid state": sim.SolidState(), "no cache": none, "small cache": small} {
		for seed := range uint64(6) {
			b := &broker{t: t, name: fmt.Sprintf("%s, seed %d", name, seed), luck: sim.NewLuck(seed, 1), left: 2000,
				config: log.Config{SegmentBytes: int64(2000 + 3000*seed), IndexIntervalBytes: 500, RetentionBytes: 40_000, Flush: log.Flush(seed % 2)}}
			n := sim.New(seed)
			role := n.AddRole("broker", 1, b)
			b.disk = &disk{d: n.AddDisks(role, physics).Member(0)}
			for at := sim.Time(0); at < 5*sim.Second; {
				at += sim.Time(1 + b.luck.Intn(500_000))
				for _, text := range []string{"crash broker/0", "restart broker/0"} {
					a, err := n.ParseAction(at, text)
					if err == nil {
						err = n.Schedule(a)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			n.Advance(sim.Forever, math.MaxInt)
			lost += b.lost
		}
	}
	if lost == 0 {
		t.Error("no crash took anything: are these disks?")
	}
}
