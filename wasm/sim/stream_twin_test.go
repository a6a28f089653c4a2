package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

// The dumb twin of a stream: a pipe knows how many bytes were written into it
// and how many were read, and can say what each of them must be. It holds the
// streams to one law: what was written is what is read, once, in order, or
// the stream failed.
type pipe struct {
	id            uint64
	written, read int
	done          bool // the writer has closed it
	reader        *Stream
}

// at is the byte at an offset: the pipe's number, then noise.
func (p *pipe) at(i int) byte {
	if i < 8 {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], p.id)
		return b[i]
	}
	return byte(mix(p.id<<32 + uint64(i)))
}

type pipes struct {
	t      *testing.T
	what   string
	all    []*pipe
	closed int // streams that ended well
	failed map[error]int
}

func (ps *pipes) wrong(format string, args ...any) {
	ps.t.Fatalf("%s: %s", ps.what, fmt.Sprintf(format, args...))
}

// walked is what a walker keeps beside a stream.
type walked struct {
	out, in *pipe
	head    []byte // until the number of in is here
	over    bool
}

// walker is an App that dials, writes, reads, closes and aborts as its luck
// would have it, until it is told to come to an end.
type walker struct {
	pipes   *pipes
	nodes   int
	ending  *bool
	streams []*Stream
}

const walkerPort = 7

func (w *walker) Start(h *Host) {
	h.Listen(walkerPort)
	h.After(Time(below(h.Rand(), 20_000)), 0)
}

func (w *walker) adopt(s *Stream) {
	p := &pipe{id: uint64(len(w.pipes.all)) + 1}
	w.pipes.all = append(w.pipes.all, p)
	s.User = &walked{out: p}
	w.streams = append(w.streams, s)
}

func (w *walker) Opened(h *Host, s *Stream) {
	if s.User == nil {
		w.adopt(s)
	}
	if *w.ending { // it may have slept already
		h.After(0, 0)
	}
	if s.Incoming() != (s.LocalPort() == walkerPort) {
		w.pipes.wrong("%s opened, incoming %v", s.State(), s.Incoming())
	}
}

func (w *walker) Data(h *Host, s *Stream) {
	if below(h.Rand(), 2) == 0 {
		w.read(h, s)
	}
}

func (w *walker) Writable(h *Host, s *Stream) {
	if s.Room() == 0 && !s.finishing {
		w.pipes.wrong("writable without room in %s", s.State())
	}
	w.write(h, s)
}

func (w *walker) Datagram(*Host, NodeID, uint16, uint16, []byte) {}

func (w *walker) Closed(h *Host, s *Stream) {
	e := s.User.(*walked)
	if e.over {
		w.pipes.wrong("closed twice")
	}
	e.over = true
	if s.Err() != nil {
		w.pipes.failed[s.Err()]++
		return
	}
	w.pipes.closed++
	for s.Unread() > 0 {
		w.read(h, s)
	}
	if !e.out.done || e.in != nil && (!e.in.done || e.in.read != e.in.written) {
		w.pipes.wrong("a good end of %+v and %+v", e.out, e.in)
	}
	if r := e.out.reader; r != nil && r.err == nil && r.finDone && e.out.read+r.Unread() != e.out.written {
		w.pipes.wrong("a good end, and the peer has not got all of %+v", e.out)
	}
}

func (w *walker) read(h *Host, s *Stream) {
	e := s.User.(*walked)
	before := s.Unread()
	b := s.Read(1 + below(h.Rand(), 2*before+1))
	if len(b)+s.Unread() != before {
		w.pipes.wrong("%d read of %d, %d left", len(b), before, s.Unread())
	}
	for _, c := range b {
		if e.in == nil {
			if e.head = append(e.head, c); len(e.head) < 8 {
				continue
			}
			id := binary.BigEndian.Uint64(e.head)
			if id == 0 || id > uint64(len(w.pipes.all)) {
				w.pipes.wrong("it begins with %x", e.head)
			}
			if e.in = w.pipes.all[id-1]; e.in.reader != nil {
				w.pipes.wrong("%+v is read by two", e.in)
			}
			e.in.reader, e.in.read = s, 8
			continue
		}
		if e.in.read >= e.in.written || c != e.in.at(e.in.read) {
			w.pipes.wrong("byte %d of %+v is %d", e.in.read, e.in, c)
		}
		e.in.read++
	}
	if s.EOF() && e.in != nil && (!e.in.done || e.in.read != e.in.written) {
		w.pipes.wrong("the end of %+v", e.in)
	}
}

func (w *walker) write(h *Host, s *Stream) {
	p := s.User.(*walked).out
	if p.done {
		return
	}
	b := make([]byte, below(h.Rand(), 1<<below(h.Rand(), 16)))
	for i := range b {
		b[i] = p.at(p.written + i)
	}
	room := s.Room()
	taken := s.Write(uint8(h.Rand()%5), b)
	if taken != min(len(b), room) {
		w.pipes.wrong("%d taken of %d, with room for %d", taken, len(b), room)
	}
	p.written += taken
}

func (w *walker) finish(s *Stream) {
	s.CloseWrite()
	s.User.(*walked).out.done = true
	if s.Write(0, []byte{1}) != 0 {
		w.pipes.wrong("written after the end")
	}
}

func (w *walker) Wake(h *Host, _ Timer) {
	if !*w.ending && below(h.Rand(), 3) == 0 {
		port := uint16(walkerPort)
		if below(h.Rand(), 10) == 0 {
			port++
		}
		w.adopt(h.Dial(NodeID(below(h.Rand(), w.nodes+1)), port))
	}
	kept := w.streams[:0]
	for _, s := range w.streams {
		e := s.User.(*walked)
		if e.over {
			continue
		}
		kept = append(kept, s)
		for range 1 + below(h.Rand(), 3) {
			w.read(h, s)
			w.write(h, s)
		}
		switch luck := below(h.Rand(), 100); {
		case *w.ending:
			for s.Unread() > 0 {
				w.read(h, s)
			}
			w.finish(s)
		case luck < 10:
			w.finish(s)
		case luck < 12:
			s.Abort()
			e.over = true
		}
	}
	clear(w.streams[len(kept):])
	w.streams = kept
	if !*w.ending || len(kept) > 0 {
		h.After(Time(1+below(h.Rand(), 100_000)), 0)
	}
}

// troubles makes a script for nodes "w/0" to "w/n-1".
func troubles(luck *rand.Rand, nodes int, until Time) string {
	script := ""
	one := func() string { return fmt.Sprintf("w/%d", luck.IntN(nodes)) }
	for at := Time(0); ; {
		at += Time(luck.IntN(int(Second)))
		if at >= until {
			return script
		}
		do := ""
		switch luck.IntN(8) {
		case 0:
			do = "crash " + one()
		case 1:
			do = "restart w"
		case 2:
			do = "pause " + one()
		case 3:
			do = "resume w"
		case 4:
			do = "cut " + one() + " to " + one()
		case 5:
			do = "cut " + one() + " " + one()
		case 6:
			do = "slow " + one() + " " + one() + fmt.Sprintf(" %dms", luck.IntN(300))
		case 7:
			do = "heal"
		}
		script += fmt.Sprintf("%v %s\n", at, do)
	}
}

func TestStreamsAgainstTwin(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 20
	}
	closed, failed := 0, map[error]int{}
	for seed := range uint64(seeds) {
		luck := rand.New(rand.NewPCG(seed, 1))
		pick := func(of ...int) int { return of[luck.IntN(len(of))] }
		const troubled = 20 * Second
		nodes := 1 + luck.IntN(4)
		ending := false
		ps := &pipes{t: t, what: fmt.Sprintf("seed %d", seed), failed: failed}
		hosts := NewHosts(nodes, func(int) *walker { return &walker{pipes: ps, nodes: nodes, ending: &ending} })
		l := &hosts.Limits
		l.SegmentBytes, l.SendBytes, l.ReceiveBytes = pick(20, 100, 1400, 9000), pick(1, 50, 1000, 64<<10), pick(1, 10, 3000, 64<<10)
		if l.ReceiveBytes <= 10 {
			l.SendBytes = min(l.SendBytes, 1000) // a byte a round trip takes its time
		}
		l.Streams, l.Backlog, l.AckDelay = pick(3, 20, 20_000), pick(1, 5, 1000), Time(pick(0, 1, 40_000))
		l.Linger = Time(pick(0, 1, 10_000_000))
		n := New(seed)
		role := n.AddRole("w", nodes, hosts)
		n.Connect(role, role, Link{Delay: Time(pick(0, 100, 20_000)), Jitter: Time(pick(0, 100, 30_000)),
			Loss: PPM(pick(0, 10_000, 200_000)), Duplicate: PPM(pick(0, 10_000, 200_000)), Reorder: PPM(pick(0, 10_000, 200_000)),
			RateBytes: int64(pick(0, 0, 1_000_000)), BufferBytes: int64(pick(0, 5000, 50_000))})
		schedule(t, n, troubles(luck, nodes, troubled)+
			"20s heal\n20s resume w\n20s restart w\n")
		play(n, troubled)
		ending = true
		play(n, troubled+3600*Second)
		for i := range nodes {
			h := hosts.Host(i)
			h.Streams(func(s *Stream) bool {
				peer := hosts.Host(int(s.peer))
				if s.state != finWait2 || peer.table[key(h.ctx.net.roles[0].span.First+NodeID(i), s.localPort, s.peerPort)] != nil {
					ps.wrong("after an hour: a stream of %d with %d is in %s", i, s.peer, s.State())
				}
				return true
			})
			if h.halfOpen != 0 || len(h.dirty) != 0 || len(h.resting) != 0 || len(h.table) != h.live {
				ps.wrong("host %d has %d streams half open, %d to flush, %d at rest, %d in slots and %d in its table", i, h.halfOpen, len(h.dirty), len(h.resting), h.live, len(h.table))
			}
		}
		closed += ps.closed
	}
	t.Logf("%d ended well, %v", closed, failed)
	for _, why := range []error{nil, ErrRefused, ErrReset, ErrTimeout, ErrLimit} {
		if why == nil && closed == 0 || why != nil && failed[why] == 0 {
			t.Errorf("no stream ended with %v: the test does not test that", why)
		}
	}
}
