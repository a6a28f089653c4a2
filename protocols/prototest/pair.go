package prototest

import "slices"

// End says how one of two machines is used. Only Receive and Output must be given.
type End struct {
	// Receive takes bytes and drains the machine's events.
	Receive func(now int64, b []byte)
	// Output returns what the machine wants to send and takes it away, for a
	// datagram pipe one packet at a time; empty when there is nothing.
	Output func(now int64) []byte
	// Deadline and Tick are the machine's clock.
	Deadline func() (at int64, ok bool)
	Tick     func(now int64)
	// Disconnected is called when a stream pipe has ended, behind the last
	// bytes that came through.
	Disconnected func(now int64)
}

// Pipe is what joins the two. The zero Pipe is perfect and takes no time.
type Pipe struct {
	Seed uint64
	// Each packet, or piece of a stream, takes DelayMicros and up to
	// JitterMicros more.
	DelayMicros, JitterMicros int64
	// MaxPieceBytes, if any, cuts a stream into random pieces of 1 up to so many.
	MaxPieceBytes int
	// Datagrams makes each output a packet of its own: it may be overtaken,
	// and of 100 packets LossPercent are lost and DoublePercent come twice.
	Datagrams                  bool
	LossPercent, DoublePercent int
	// CutAfterBytes, if any, ends a stream, both ways, after so many.
	CutAfterBytes int
}

// Rand is luck with a seed, for tests.
type Rand struct{ state uint64 }

// NewRand returns luck that depends on seed alone.
func NewRand(seed uint64) *Rand { return &Rand{seed} }

// Below returns a number from 0 to n-1, and 0 if n is 0.
func (r *Rand) Below(n int) int {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	if n <= 0 {
		return 0
	}
	return int((z ^ z>>31) % uint64(n))
}

// flight is bytes on their way; none: the pipe's end.
type flight struct {
	due   int64
	to    int
	bytes []byte
}

// run is a Run being played.
type run struct {
	ends   [2]End
	pipe   Pipe
	rand   *Rand
	flying []flight // by due, then by when they set out
	last   [2]int64 // when the last piece arrives at an end
	passed int      // bytes of the stream so far
	cut    bool
}

// Run joins a and b until neither has anything more to do, or it is past
// until, and returns when that was. Time starts at 0; both ends are first
// asked for Output, then for a Tick if their Deadline is due.
func Run(a, b End, pipe Pipe, until int64) (now int64) {
	r := run{ends: [2]End{a, b}, pipe: pipe, rand: NewRand(pipe.Seed)}
	for {
		for from := range r.ends {
			r.send(from, now)
		}
		at, what, ok := r.next()
		if !ok || at > until {
			return now
		}
		now = max(now, at)
		if what >= 0 {
			r.ends[what].Tick(now)
			continue
		}
		f := r.flying[0]
		r.flying = r.flying[1:]
		switch end := r.ends[f.to]; {
		case len(f.bytes) > 0:
			end.Receive(now, f.bytes)
		case end.Disconnected != nil:
			end.Disconnected(now)
		}
	}
}

// next returns the time of what comes next: the Tick of an end, or, as -1, the
// first flight. A flight goes before a Tick of the same time.
func (r *run) next() (at int64, what int, ok bool) {
	if len(r.flying) > 0 {
		at, what, ok = r.flying[0].due, -1, true
	}
	for i, end := range r.ends {
		if end.Deadline == nil {
			continue
		}
		if due, has := end.Deadline(); has && (!ok || due < at) {
			at, what, ok = due, i, true
		}
	}
	return at, what, ok
}

// send takes all output of an end.
func (r *run) send(from int, now int64) {
	for {
		b := r.ends[from].Output(now)
		if len(b) == 0 {
			return
		}
		if r.pipe.Datagrams {
			r.sendPacket(1-from, now, b)
		} else {
			r.sendPieces(1-from, now, b)
		}
	}
}

func (r *run) sendPacket(to int, now int64, b []byte) {
	times := 1
	if r.rand.Below(100) < r.pipe.LossPercent {
		times = 0
	} else if r.rand.Below(100) < r.pipe.DoublePercent {
		times = 2
	}
	for range times {
		r.fly(flight{due: now + r.delay(), to: to, bytes: slices.Clone(b)})
	}
}

func (r *run) sendPieces(to int, now int64, b []byte) {
	for len(b) > 0 && !r.cut {
		n := len(b)
		if r.pipe.MaxPieceBytes > 0 {
			n = min(n, 1+r.rand.Below(r.pipe.MaxPieceBytes))
		}
		if r.pipe.CutAfterBytes > 0 {
			n = min(n, r.pipe.CutAfterBytes-r.passed)
		}
		r.passed += n
		r.flyInOrder(to, now, b[:n])
		b = b[n:]
		if r.pipe.CutAfterBytes > 0 && r.passed == r.pipe.CutAfterBytes {
			r.cut = true
			r.flyInOrder(to, now, nil)
			r.flyInOrder(1-to, now, nil)
		}
	}
}

func (r *run) flyInOrder(to int, now int64, b []byte) {
	r.last[to] = max(r.last[to], now+r.delay())
	r.fly(flight{due: r.last[to], to: to, bytes: slices.Clone(b)})
}

func (r *run) delay() int64 {
	return r.pipe.DelayMicros + int64(r.rand.Below(int(r.pipe.JitterMicros)+1))
}

// fly puts a flight behind all that are due no later.
func (r *run) fly(f flight) {
	i := len(r.flying)
	for i > 0 && r.flying[i-1].due > f.due {
		i--
	}
	r.flying = slices.Insert(r.flying, i, f)
}
