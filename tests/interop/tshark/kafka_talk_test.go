package tshark

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"grapevine/wasm/engine/pcap"
	"grapevine/wasm/sim"
)

// kafkaPort is where brokers listen for each other and for the lab's clients.
const kafkaPort = 9092

// talk is what was said on one connection, in order.
type talk []said

type said struct {
	byClient bool
	bytes    []byte
}

// record has two nodes of a network say it all again, one talk after the
// other, and returns the file with the packets. A message is in one segment,
// unless it is too large for that.
func record(t *testing.T, talks []talk) (file string) {
	t.Helper()
	s := &stage{talks: talks}
	n := sim.New(1)
	hosts := sim.NewHosts(2, func(int) *speaker { return &speaker{stage: s} })
	hosts.Limits.SegmentBytes = sim.MaxPacketBytes - sim.SegmentHeaderBytes
	hosts.Limits.SendBytes, hosts.Limits.ReceiveBytes = 16<<20, 16<<20
	role := n.AddRole("speaker", 2, hosts)
	n.Connect(role, role, sim.Link{Delay: sim.Millisecond})
	file = filepath.Join(t.TempDir(), "talk.pcapng")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := pcap.Record(n, out)
	for n.Advance(sim.Forever, math.MaxInt) == sim.Budget {
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if s.talk < len(talks) {
		t.Fatalf("talk %d of %d ends at line %d of %d", s.talk, len(talks), s.line, len(talks[s.talk]))
	}
	return file
}

// stage is how far the two nodes are. They take turns: who has heard all
// lines up to one of its own goes on.
type stage struct {
	talks      []talk
	talk, line int
	heard      int // bytes of the lines from line on
}

type speaker struct {
	sim.Idle
	stage *stage
}

func (p *speaker) Start(h *sim.Host) {
	if h.Member() == 1 {
		h.Listen(kafkaPort)
	} else if len(p.stage.talks) > 0 {
		h.Dial(1, kafkaPort)
	}
}

func (p *speaker) Opened(h *sim.Host, s *sim.Stream) {
	if !s.Incoming() {
		p.speak(h, s)
	}
}

// speak says the lines whose turn it is.
func (p *speaker) speak(h *sim.Host, s *sim.Stream) {
	for _, l := range p.stage.talks[p.stage.talk][p.stage.line:] {
		if l.byClient == s.Incoming() {
			break
		}
		s.Write(0, l.bytes)
	}
}

func (p *speaker) Data(h *sim.Host, s *sim.Stream) {
	g := p.stage
	g.heard += len(s.Read(math.MaxInt))
	if s.EOF() {
		s.CloseWrite()
		return
	}
	lines := g.talks[g.talk]
	for g.line < len(lines) && lines[g.line].byClient == s.Incoming() && g.heard >= len(lines[g.line].bytes) {
		g.heard -= len(lines[g.line].bytes)
		g.line++
	}
	switch {
	case g.heard > 0:
	case g.line < len(lines):
		if lines[g.line].byClient != s.Incoming() {
			p.speak(h, s)
		}
	default:
		s.CloseWrite()
		g.talk, g.line = g.talk+1, 0
	}
}

func (p *speaker) Closed(h *sim.Host, s *sim.Stream) {
	if !s.Incoming() && p.stage.talk < len(p.stage.talks) {
		h.Dial(1, kafkaPort)
	}
}
