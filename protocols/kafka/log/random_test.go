package log

import (
	"errors"
	"fmt"
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/prototest"
	"math"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
)

// slow is a Disk whose syncs take a while, and that dies after some operations.
type slow struct {
	*Memory
	delay   int64
	left    int // operations until it refuses all; negative: never
	pending []pendingSync
}

type pendingSync struct {
	file string
	size int64
	at   int64
}

var errDead = errors.New("the disk is dead")

func (d *slow) dead() bool {
	if d.left > 0 {
		d.left--
	}
	return d.left == 0
}

func (d *slow) Append(now int64, file string, b []byte) (int64, error) {
	if d.dead() {
		return 0, errDead
	}
	return d.Memory.Append(now, file, b)
}

func (d *slow) Sync(now int64, file string) (int64, error) {
	if d.dead() {
		return 0, errDead
	}
	size, ok := d.Size(file)
	if !ok {
		return 0, fmt.Errorf("sync of %q, which is not there", file)
	}
	d.pending = append(d.pending, pendingSync{file, size, now + d.delay})
	return now + d.delay, nil
}

func (d *slow) Truncate(now int64, file string, size int64) error {
	if d.dead() {
		return errDead
	}
	for i := range d.pending {
		if p := &d.pending[i]; p.file == file {
			p.size = min(p.size, size)
		}
	}
	return d.Memory.Truncate(now, file, size)
}

func (d *slow) Delete(now int64, file string) error {
	if d.dead() {
		return errDead
	}
	d.pending = slices.DeleteFunc(d.pending, func(p pendingSync) bool { return p.file == file })
	return d.Memory.Delete(now, file)
}

func (d *slow) Rename(now int64, from, to string) error {
	if d.dead() {
		return errDead
	}
	for i := range d.pending {
		if p := &d.pending[i]; p.file == from {
			p.file = to
		}
	}
	return d.Memory.Rename(now, from, to)
}

// crash loses what is not synced at now, from a byte on that luck chooses.
func (d *slow) crash(now int64, r *prototest.Rand) {
	for _, p := range d.pending {
		if f, err := d.file(p.file); err == nil && p.at <= now {
			f.synced = max(f.synced, min(p.size, int64(len(f.bytes))))
		}
	}
	d.pending, d.left = nil, -1
	d.Crash(func(_ string, synced, size int64) int64 {
		switch r.Below(3) {
		case 0:
			return synced
		case 1:
			return size
		}
		return synced + int64(r.Below(int(size-synced)+1))
	})
}

func plainBatch(r *prototest.Rand, records int) []byte {
	return someBatch(r, records, batch.NoProducer)
}

func someBatch(r *prototest.Rand, records int, o batch.Options) []byte {
	var b batch.Builder
	o.Codec = batch.Codec(r.Below(5) * (r.Below(5) / 4))
	for range records {
		b.Add(int64(r.Below(2000)), []byte{byte(r.Below(8))}, make([]byte, r.Below(100)), nil)
	}
	return b.Append(nil, o)
}

// player makes random calls of a log and its twin.
type player struct {
	*prototest.Rand
	t      *testing.T
	disk   *slow
	config Config
	log    *Log
	twin   twin
	now    int64
	epoch  int32
	passed int64  // the high watermark
	floor  int64  // to which a truncation was under way when the disk died
	moved  bool   // Start may have moved before it did
	offer  []byte // what was being appended when it did
	names  []string
}

func (p *player) open() {
	l, err := Open(p.now, p.disk, "orders-0", p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	p.log = l
}

// step makes one call and returns its name.
func (p *player) step() (string, error) {
	p.now += int64(p.Below(30))
	switch n := p.Below(100); {
	case n < 45:
		return "append", p.append()
	case n < 55:
		return "replicate", p.replicate()
	case n < 60:
		p.epoch += int32(p.Below(3))
		if p.epoch > p.log.LatestEpoch() && p.Below(2) == 0 {
			p.log.BeginEpoch(p.epoch)
			p.twin.began = &Epoch{p.epoch, p.twin.end}
		}
		return "epoch", nil
	case n < 75:
		p.passed = max(p.passed, p.twin.start+int64(p.Below(int(p.twin.end-p.twin.start)+1)))
		return "high watermark", nil
	case n < 80:
		offset := max(p.passed, p.twin.end-int64(p.Below(60)))
		end, err := p.log.TruncateTo(p.now, offset)
		if err != nil {
			cut := p.twin
			cut.cut(offset)
			p.floor = cut.end
			return "truncate", nil
		}
		p.twin.cut(offset)
		p.passed = min(p.passed, p.twin.end)
		if end != p.twin.end {
			err = fmt.Errorf("truncated to %d, expected %d", end, p.twin.end)
		}
		return "truncate", err
	case n < 85:
		if p.passed > p.twin.start {
			p.twin.start += int64(p.Below(int(p.passed - p.twin.start)))
		}
		return "delete", p.refused(p.log.DeleteBefore(p.now, p.twin.start))
	case n < 90:
		_, err := p.log.Retain(p.now, p.passed)
		if p.refused(err) == nil && err != nil {
			p.moved = true
			return "retain", nil
		}
		before := p.twin.start
		p.twin.start = p.log.Start()
		if p.twin.start < before || p.twin.start > max(p.passed, before) {
			err = fmt.Errorf("start went from %d to %d, with the high watermark at %d", before, p.twin.start, p.passed)
		}
		return "retain", err
	case n < 91:
		if p.disk.left >= 0 {
			return "no reset", nil
		}
		p.twin = twin{start: p.twin.end + int64(p.Below(50))}
		p.twin.end, p.twin.base, p.passed = p.twin.start, p.twin.start, p.twin.start
		return "reset", p.log.ResetTo(p.now, p.twin.start)
	case n < 95:
		p.disk.left = 1 + p.Below(10)
		return "fault", nil
	}
	return "crash", p.crash()
}

// refused takes an error of a dead disk for none: the crash that follows says
// what has become of the call.
func (p *player) refused(err error) error {
	if p.disk.left == 0 {
		return nil
	}
	return err
}

func (p *player) crash() error {
	durable := p.log.Durable(p.now)
	if p.config.Flush == FlushNever { // then only what is sealed is safe
		durable = p.log.segments[0].base
		for _, s := range p.log.segments {
			if s.state == sealed {
				durable = s.next
			}
		}
	}
	p.disk.crash(p.now, p.Rand)
	p.open()
	durable, p.floor = min(durable, p.floor), math.MaxInt64
	if p.moved {
		p.twin.start, p.moved = p.log.Start(), false
	}
	end := p.log.End()
	for len(p.offer) > 0 && p.twin.end < end {
		_, size, _ := batch.Parse(p.offer)
		p.twin.add(p.offer[:size])
		p.offer = p.offer[size:]
	}
	p.offer = nil
	if start := p.log.Start(); start <= p.twin.start && start == end && p.log.Bytes() == 0 && len(p.log.Epochs()) == 0 {
		p.twin = twin{start: start, end: end, base: end} // what was lost ended before Start
	}
	if end < durable || end > p.twin.end {
		return fmt.Errorf("after the crash the log ends at %d; %d was durable, %d its end", end, durable, p.twin.end)
	}
	if start := p.log.Start(); start > p.twin.start {
		return fmt.Errorf("after the crash the log starts at %d, expected at most %d", start, p.twin.start)
	} else if start < p.twin.start {
		if len(p.log.disk.List(p.log.startFile())) > 0 && p.log.segments[0].base > p.twin.start {
			return fmt.Errorf("the log start offset was lost")
		}
		if err := p.log.DeleteBefore(p.now, min(p.twin.start, end)); err != nil {
			return err
		}
	}
	p.twin.cut(end)
	p.twin.began = nil
	p.passed = min(p.passed, end)
	return nil
}

func (p *player) append() error {
	var all []byte
	for range 1 + p.Below(3)/2 {
		all = append(all, plainBatch(p.Rand, 1+p.Below(5))...)
	}
	var want error
	if p.Below(3) > 0 { // one with a producer
		o := batch.Options{ProducerID: int64(1 + p.Below(4)), LeaderEpoch: -1, ProducerEpoch: 0, Transactional: p.Below(3) > 0}
		known, _, _, _ := p.twin.walk()
		k, isKnown := known[o.ProducerID]
		if isKnown {
			o.ProducerEpoch = k.Epoch
			o.BaseSequence = batch.AddSequence(k.LastSequence, 1)
		}
		switch p.Below(10) {
		case 0:
			o.ProducerEpoch++
			o.BaseSequence = 0
		case 1:
			o.ProducerEpoch--
		case 2:
			o.BaseSequence = int32(p.Below(5))
		case 3: // once more
			for _, b := range p.twin.all {
				if b.ProducerID == o.ProducerID && !b.Control() && p.Below(3) > 0 {
					all = slices.Clone(b.b)
				}
			}
		}
		if o.ProducerEpoch < 0 {
			o.ProducerEpoch = 0
		}
		if h, _, _ := batch.Parse(all); h.ProducerID < 0 {
			all = someBatch(p.Rand, 1+p.Below(5), o)
		}
		h, _, _ := batch.Parse(all)
		want = p.twin.verdict(h)
		if isKnown && p.Below(4) == 0 { // a marker
			m := batch.Marker{Commit: p.Below(2) == 0, CoordinatorEpoch: max(k.CoordinatorEpoch, 0)}
			all = batch.AppendMarker(nil, m, o.ProducerID, k.Epoch, int64(p.Below(2000)))
			want = nil
		}
	}
	return p.appendThese(all, want)
}

func (p *player) appendThese(all []byte, want error) error {
	before := slices.Clone(all)
	first, last, err := p.log.Append(p.now, all, p.epoch)
	if died := p.disk.left == 0 && errors.Is(err, kerr.KafkaStorageError); !died && !sameError(err, want) {
		return fmt.Errorf("append: %v, expected %v", err, want)
	}
	if !slices.Equal(all, before) {
		return fmt.Errorf("append changed what it was given")
	}
	next := p.twin.end
	for at := 0; at < len(all); {
		h, size, _ := batch.Parse(all[at:])
		batch.SetOffset(all[at:], next, max(p.epoch, 0))
		next += int64(h.LastOffsetDelta) + 1
		at += size
	}
	if err != nil {
		if want == nil {
			p.offer = all
		}
		return nil
	}
	if first != p.twin.end || last != next-1 {
		return fmt.Errorf("appended %d to %d, expected %d to %d", first, last, p.twin.end, next-1)
	}
	p.twin.add(all)
	return nil
}

// replicate is given batches with gaps.
func (p *player) replicate() error {
	var all []byte
	next := p.twin.end
	for range 1 + p.Below(4) {
		if p.twin.began == nil {
			next += int64(p.Below(8) / 6 * p.Below(30))
		}
		b := plainBatch(p.Rand, 1+p.Below(5))
		p.epoch = max(p.epoch, p.log.LatestEpoch())
		batch.SetOffset(b, next, p.epoch)
		h, _, _ := batch.Parse(b)
		next = h.Next()
		all = append(all, b...)
	}
	err := p.log.Replicate(p.now, all)
	if err == nil {
		p.twin.add(all)
	} else {
		p.offer = all
	}
	return p.refused(err)
}

func TestRandomOperationsAgainstTheTwin(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 20
	}
	for seed := range uint64(seeds) {
		r := prototest.NewRand(seed)
		p := &player{Rand: r, t: t, floor: math.MaxInt64, disk: &slow{Memory: NewMemory(), delay: int64(r.Below(3) * 50), left: -1}, config: Config{
			SegmentBytes: int64(200 + r.Below(2000)), IndexIntervalBytes: int64(1 + r.Below(400)), Flush: Flush(r.Below(2)),
			RetentionBytes: int64(2000 + r.Below(5000)), ProducerExpiryMicros: 1 << 60, MaxBatchBytes: 1 << 20, SegmentMicros: int64(r.Below(2) * 2000)}}
		p.open()
		for range 150 {
			name, err := p.step()
			if p.names = append(p.names, name); p.disk.left == 0 { // it refused something
				if err = p.crash(); err == nil {
					p.names = append(p.names, "crash of a dead disk")
				}
			}
			if err == nil {
				err = p.twin.compare(p.log, r, p.now, p.passed)
			}
			if err == nil && p.disk.left == 0 { // it did so in the background
				p.names = append(p.names, "crash of a dead disk, later")
				err = p.crash()
			}
			if err != nil {
				t.Fatalf("seed %d, after %v: %v", seed, p.names, err)
			}
		}
	}
}
