package sim

import "testing"

// caller keeps so many streams busy with requests and answers of a few bytes.
type caller struct {
	Idle
	streams int
	size    int
	bulk    bool // write as much as goes, and only read at the other end
	b       []byte
	calls   *int
}

func (c *caller) Start(h *Host) {
	c.b = make([]byte, c.size)
	h.Listen(80)
	if h.Member() == 0 {
		for range c.streams {
			h.Dial(1, 80)
		}
	}
}

func (c *caller) Opened(h *Host, s *Stream) {
	if !s.Incoming() {
		c.Writable(h, s)
	}
}

func (c *caller) Data(h *Host, s *Stream) {
	b := s.Read(1 << 20)
	if !c.bulk {
		s.Write(1, b)
	}
	*c.calls += len(b)
}

func (c *caller) Writable(h *Host, s *Stream) {
	for s.Write(1, c.b) == len(c.b) && c.bulk {
	}
}

func newCallers(streams, size int, bulk bool) (n *Network, bytes *int) {
	bytes = new(int)
	n = New(1)
	hosts := NewHosts(2, func(int) *caller { return &caller{streams: streams, size: size, bulk: bulk, calls: bytes} })
	hosts.Limits.Backlog = streams
	role := n.AddRole("host", 2, hosts)
	n.Connect(role, role, Link{Delay: 10 * Millisecond, Jitter: Millisecond})
	return n, bytes
}

// BenchmarkStreams reports what one segment costs, sent and received: the
// network's part and the timers included.
func BenchmarkStreams(b *testing.B) {
	for _, c := range []struct {
		name          string
		streams, size int
		bulk          bool
	}{
		{"calls of 100 bytes/streams=10", 10, 100, false},
		{"calls of 100 bytes/streams=10000", 10_000, 100, false},
		{"bulk/streams=10", 10, 10_000, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			n, _ := newCallers(c.streams, c.size, c.bulk)
			for n.Journal.Count(KindDeliver) < uint64(20*c.streams) {
				n.Advance(Forever, 1000)
			}
			before := n.Journal.Count(KindDeliver)
			b.ResetTimer()
			for n.Journal.Count(KindDeliver) < before+uint64(b.N) {
				n.Advance(Forever, 100)
			}
			b.ReportMetric(float64(n.Steps())/float64(n.Journal.Count(KindDeliver)), "steps/segment")
		})
	}
}

// In the steady state a segment costs no allocation, and streams no memory
// while they are idle.
func TestStreamsDoNotAllocate(t *testing.T) {
	for _, bulk := range []bool{false, true} {
		n, bytes := newCallers(20, 1000, bulk)
		play(n, 10*Second)
		before := *bytes
		if got := testing.AllocsPerRun(10, func() { n.Advance(Forever, 10_000) }); got > 0 {
			t.Errorf("bulk %v: 10,000 steps make %v allocations", bulk, got)
		}
		if *bytes-before < 1_000_000 {
			t.Errorf("bulk %v: only %d bytes were read", bulk, *bytes-before)
		}
	}
}
