package sim

import "slices"

// receiver is the half of a stream that receives.
type receiver struct {
	rcvNxt  uint32   // the next number expected: all before are here
	edge    uint32   // where the window that was advertised ends
	in      line     // bytes to be read, and behind them what arrived beyond a gap
	unread  int      // how many of in can be read
	islands []island // what arrived beyond a gap, in order, apart from each other
	fin     uint32   // the number of the peer's FIN, if known
	hasFin  bool
	finDone bool // the FIN and all before it are here
	ackNow  bool // acknowledge at the next flush
	taken   int  // bytes taken in since the last acknowledgement
}

// island is a run of numbers, from one up to another.
type island struct{ from, to uint32 }

// maxIslands bounds the gaps that a receiver keeps track of; what would make
// more is dropped, to be sent again.
const maxIslands = 64

// arrive takes in a segment (RFC 9293 section 3.10.7).
func (s *Stream) arrive(g *Segment) {
	switch s.state {
	case synSent:
		s.answered(g)
		return
	case timeWait:
		s.linger(g)
		return
	}
	offset := ahead(g.SequenceNumber, s.rcvNxt)
	if g.Flags.Has(RST) {
		// Only the very next number resets; one that is near gets an
		// acknowledgement, which the peer answers with the right one if it
		// means it (RFC 5961 section 3).
		if offset == 0 {
			s.fail(ErrReset)
		} else if offset > 0 && ahead(s.edge, g.SequenceNumber) > 0 {
			s.acknowledge()
		}
		return
	}
	if g.Flags.Has(SYN) {
		// Said again because our answer was lost, or by a peer that has
		// forgotten this stream: the acknowledgement lets it find out.
		if s.state == synReceived && offset == -1 {
			s.repeats++
			s.sendSyn()
		} else {
			s.acknowledge()
		}
		return
	}
	if !g.Flags.Has(ACK) {
		return
	}
	if !s.heed(g) {
		return
	}
	s.touch()
	switch {
	case s.state.hears():
		if len(g.Data) > 0 {
			s.take(g.SequenceNumber, g.Data)
		}
		if g.Flags.Has(FIN) && !s.hasFin {
			if fin := g.SequenceNumber + uint32(len(g.Data)); ahead(fin, s.rcvNxt) >= 0 && ahead(fin, s.edge) <= 0 {
				s.fin, s.hasFin = fin, true
			}
		}
		if g.Flags.Has(FIN) {
			s.ackNow = true
		}
		if s.hasFin && s.rcvNxt == s.fin {
			s.finish()
		}
	case len(g.Data) > 0 || g.Flags.Has(FIN):
		s.ackNow = true // an old one: our acknowledgement was lost
	}
	if offset == -1 && len(g.Data) == 0 {
		s.ackNow = true // a probe of our window
	}
}

// acknowledge answers a segment that is not what was expected.
func (s *Stream) acknowledge() {
	s.ackNow = true
	s.touch()
	if s.state == synReceived { // flush sends nothing yet
		s.send(s.nxt, ACK, nil, s.host.shared.marks.Ack)
	}
}

// answered takes in what comes in SYN-SENT.
func (s *Stream) answered(g *Segment) {
	if g.Flags.Has(ACK) && g.AcknowledgementNumber != s.nxt {
		s.host.refuse(s.peer, g)
		return
	}
	switch {
	case g.Flags.Has(RST):
		if g.Flags.Has(ACK) {
			s.fail(ErrRefused)
		}
	case g.Flags.Has(SYN | ACK):
		s.rcvNxt = g.SequenceNumber + 1
		s.edge = s.rcvNxt
		s.opened(g)
		s.ackNow = true
	case g.Flags.Has(SYN):
		s.host.refuse(s.peer, g) // simultaneous open is not done
	}
}

// opened makes the stream established, by the first acknowledgement.
func (s *Stream) opened(g *Segment) {
	if s.tries == 0 { // Karn
		s.measured(s.host.Now() + 1 - s.timedAt)
	}
	s.timedAt = 0
	s.calm()
	s.rtoAt = 0
	s.una = g.AcknowledgementNumber
	s.window, s.wl1, s.wl2 = min(g.Window, maxWindowBytes), g.SequenceNumber, g.AcknowledgementNumber
	if s.state == synReceived {
		s.host.halfOpen--
	}
	s.state = s.state.after(synAcked)
	s.told = true
	s.news |= newsOpened
	s.touch()
}

// heed takes in a segment's acknowledgement and window. It reports false for
// a segment that is not to be looked at further.
func (s *Stream) heed(g *Segment) bool {
	ack := g.AcknowledgementNumber
	if s.state == synReceived {
		if ack != s.nxt {
			s.host.refuse(s.peer, g)
			return false
		}
		if ahead(g.SequenceNumber, s.edge) > 0 || ahead(g.SequenceNumber, s.rcvNxt) < 0 {
			return false
		}
		s.opened(g)
		return true
	}
	if ahead(ack, s.nxt) > 0 || ahead(g.SequenceNumber, s.edge) > 0 {
		return false // it acknowledges what was never sent, or lies beyond the window
	}
	advance := ahead(ack, s.una)
	if advance < 0 {
		return true // an old acknowledgement; its bytes may still be new
	}
	window := min(g.Window, maxWindowBytes)
	same := window == s.window
	if ahead(g.SequenceNumber, s.wl1) > 0 || g.SequenceNumber == s.wl1 && ahead(ack, s.wl2) >= 0 {
		s.window, s.wl1, s.wl2 = window, g.SequenceNumber, ack
	}
	switch {
	case advance > 0:
		s.acknowledged(ack)
		if s.finSent && ack == s.nxt {
			s.finAcknowledged()
		}
	case s.una == s.nxt:
		// Nothing is out: the answer to a probe, or an update of the window.
		s.tries = 0
		s.rtoAt = 0
		if s.window > 0 {
			s.calm()
		}
	case same && len(g.Data) == 0 && !g.Flags.Has(FIN) && !s.recovering:
		// Three equal acknowledgements say that something arrived, but not what
		// comes next (RFC 5681 section 3.2).
		if s.dups++; s.dups == 3 {
			s.lost()
		}
	}
	return s.state != closed
}

func (s *Stream) finAcknowledged() {
	s.state = s.state.after(finAcked)
	switch s.state {
	case closed: // by LAST-ACK
		s.news |= newsClosed
		s.touch()
		s.host.forget(s)
	case timeWait:
		s.rest()
	}
}

// finish takes in the peer's FIN, after all its bytes.
func (s *Stream) finish() {
	s.rcvNxt++
	s.finDone, s.islands = true, nil
	s.ackNow = true
	s.news |= newsData
	s.state = s.state.after(finCame)
	if s.state == timeWait {
		s.rest()
	}
}

// rest begins TIME-WAIT.
func (s *Stream) rest() {
	s.news |= newsClosed
	s.rtoAt, s.ackAt = 0, 0
	s.host.rest(s)
}

// linger takes in what comes in TIME-WAIT: a repeated FIN is acknowledged
// again. An RST is not heeded (RFC 1337).
func (s *Stream) linger(g *Segment) {
	if !g.Flags.Has(RST) && (g.Flags.Has(FIN) || len(g.Data) > 0) {
		s.ackNow = true
		s.touch()
	}
}

// take puts bytes in their place.
func (s *Stream) take(seq uint32, data []byte) {
	if old := -ahead(seq, s.rcvNxt); old > 0 {
		s.ackNow = true // our acknowledgement may have been lost
		if old >= len(data) {
			return
		}
		seq, data = s.rcvNxt, data[old:]
	}
	end := s.edge
	if s.hasFin {
		end = s.fin
	}
	if room := max(ahead(end, seq), 0); room < len(data) {
		s.ackNow = true
		data = data[:room]
	}
	if len(data) == 0 {
		return
	}
	to := seq + uint32(len(data))
	if seq != s.rcvNxt || len(s.islands) > 0 {
		s.ackNow = true // the sender can learn from it what is missing
		if !s.land(island{seq, to}) {
			return
		}
	}
	s.in.place(&s.host.shared.shelf, s.unread+int(seq-s.rcvNxt), data)
	if seq != s.rcvNxt {
		return
	}
	if len(s.islands) > 0 {
		to = s.islands[0].to
		s.islands = s.islands[:copy(s.islands, s.islands[1:])]
	}
	n := int(to - s.rcvNxt)
	s.rcvNxt = to
	s.unread += n
	s.taken += n
	s.news |= newsData
	if l := s.host.shared.limits; s.taken >= 2*l.SegmentBytes || l.AckDelay == 0 {
		s.ackNow = true
	} else if s.ackAt == 0 {
		s.ackAt = s.host.Now() + s.host.shared.limits.AckDelay
	}
}

// land adds to the islands, joined with those that it touches. It reports
// false if they would become too many.
func (s *Stream) land(l island) bool {
	first := 0
	for first < len(s.islands) && ahead(s.islands[first].to, l.from) < 0 {
		first++
	}
	last := first
	for last < len(s.islands) && ahead(s.islands[last].from, l.to) <= 0 {
		if ahead(s.islands[last].from, l.from) < 0 {
			l.from = s.islands[last].from
		}
		if ahead(s.islands[last].to, l.to) > 0 {
			l.to = s.islands[last].to
		}
		last++
	}
	if first == last && len(s.islands) >= maxIslands {
		return false
	}
	s.islands = slices.Replace(s.islands, first, last, l)
	return true
}

// reach is where the window could end now.
func (s *Stream) reach() uint32 {
	return s.rcvNxt + uint32(max(s.host.shared.limits.ReceiveBytes-s.unread, 0))
}

// advertise moves the window's end, if that makes it wider by something worth
// sending (RFC 9293 section 3.8.6.2.2), and returns the window.
func (s *Stream) advertise() uint32 {
	l := s.host.shared.limits
	if end := s.reach(); ahead(end, s.edge) >= min(l.SegmentBytes, (l.ReceiveBytes+1)/2) {
		s.edge = end
	}
	return uint32(max(ahead(s.edge, s.rcvNxt), 0))
}

// widened reports whether the peer should hear of the window at once: it is
// wider by half, or was too small for a segment.
func (s *Stream) widened() bool {
	if !s.state.hears() {
		return false
	}
	l := s.host.shared.limits
	gain, half := ahead(s.reach(), s.edge), (l.ReceiveBytes+1)/2
	return gain >= half || gain >= min(l.SegmentBytes, half) && ahead(s.edge, s.rcvNxt) < min(l.SegmentBytes, half)
}
