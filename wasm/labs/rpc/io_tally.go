package rpc

import (
	"math/bits"

	"grapevine/wasm/sim"
)

// ioTally counts what happens at and because of one server, over all of its
// lives.
type ioTally struct {
	model  ioModel
	index  int       // among the servers of the run
	server *ioServer // in its present life; nil before the first

	asked, answered int
	late            int // answers that took longer than the limit, or never came
	refused         int // connections turned away

	threadsMax, waitingMax int
	memoryMax              int64

	past    ioCosts // of earlier lives
	all     ioTimes // of every answer
	window  ioTimes // of the answers in the present second
	second  sim.Time
	last    ioTimes // of those in the second before
	slowest sim.Time
}

// ioCosts is what a processor has done.
type ioCosts struct {
	switches         int
	worked, switched sim.Time
}

// begin is told of a server's new life.
func (t *ioTally) begin(s *ioServer) {
	t.past = t.costs()
	t.server = s
	t.watch(s)
}

// costs returns what the server's processor has done in all its lives.
func (t *ioTally) costs() ioCosts {
	c := t.past
	if s := t.server; s != nil {
		c.switches += s.cpu.switches
		c.worked += s.cpu.worked
		c.switched += s.cpu.switched
	}
	return c
}

// watch keeps the extremes.
func (t *ioTally) watch(s *ioServer) {
	t.threadsMax = max(t.threadsMax, s.cpu.living)
	t.waitingMax = max(t.waitingMax, s.waiting())
	t.memoryMax = max(t.memoryMax, s.memory)
}

// answer is told of an answer that took so long.
func (t *ioTally) answer(now, took, limit sim.Time, counted bool) {
	t.answered++
	if took > limit && !counted {
		t.late++
	}
	t.slowest = max(t.slowest, took)
	t.turn(now)
	t.all.add(took)
	t.window.add(took)
}

// turn begins a new second when it is time to.
func (t *ioTally) turn(now sim.Time) {
	second := now / sim.Second
	if second == t.second {
		return
	}
	if second == t.second+1 {
		t.last = t.window
	} else {
		t.last.clear()
	}
	t.window.clear()
	t.second = second
}

// ioTimes is a set of times, kept in buckets that are a sixteenth of their
// time wide, so that any share of them can be found.
type ioTimes struct {
	count   int
	buckets [ioBuckets]uint32
}

const (
	ioBucketBits = 4
	ioBuckets    = 32 << ioBucketBits // up to 2^32 us, more than an hour
)

func ioBucket(t sim.Time) int {
	u := uint64(max(t, 0))
	if u < 1<<ioBucketBits {
		return int(u)
	}
	shift := bits.Len64(u) - 1 - ioBucketBits
	return min((shift+1)<<ioBucketBits+int(u>>shift&(1<<ioBucketBits-1)), ioBuckets-1)
}

// ioBucketEnd is the longest time in a bucket.
func ioBucketEnd(b int) sim.Time {
	if b < 1<<ioBucketBits {
		return sim.Time(b)
	}
	shift := b>>ioBucketBits - 1
	return (sim.Time(1<<ioBucketBits|b&(1<<ioBucketBits-1))+1)<<shift - 1
}

func (s *ioTimes) add(t sim.Time) {
	s.count++
	s.buckets[ioBucket(t)]++
}

func (s *ioTimes) clear() { *s = ioTimes{} }

// percentile returns a time that so many percent do not exceed; 0 if there are
// none.
func (s *ioTimes) percentile(percent int) sim.Time {
	left := (s.count*percent + 99) / 100
	for b, n := range s.buckets {
		if left -= int(n); left <= 0 && s.count > 0 {
			return ioBucketEnd(b)
		}
	}
	return 0
}
