package sim

// timing is when a stream does something by itself. Each of its two timers
// has at most one event on its way through the network's queue; when the time
// has been put off meanwhile, the event finds that out and is set again. So a
// busy stream costs one wake a timeout, and an idle one nothing.
type timing struct {
	rtoAt    Time // when to send again, or to probe a shut window; 0 for never
	rtoTimer Time // when the event for it comes; 0 for none on its way
	ackAt    Time // when to acknowledge at the latest; 0 for never
	ackTimer Time

	rto     Time // the timeout now, doubled at each repetition
	srtt    Time // smoothed round trip, 8 times as fine; 0 before the first was measured
	rttvar  Time // its variation, 4 times as fine
	timed   uint32
	timedAt Time // 1 + when the segment that ends at timed was sent; 0 while none is timed
	tries   int  // repetitions without an answer

	restsUntil Time // the end of TIME-WAIT
}

// measured takes a round trip into the timeout (RFC 6298 section 2, with the
// factors of Jacobson's appendix so that integers lose nothing).
func (s *Stream) measured(rtt Time) {
	rtt = max(rtt, 1)
	if s.srtt == 0 {
		s.srtt, s.rttvar = rtt<<3, rtt<<1
		return
	}
	off := rtt - s.srtt>>3
	s.srtt = max(s.srtt+off, 1)
	if off < 0 {
		off = -off
	}
	s.rttvar += off - s.rttvar>>2
}

// calm sets the timeout to what round trips say: something got through.
func (s *Stream) calm() {
	l := s.host.shared.limits
	s.tries = 0
	s.rto = l.InitialRTO
	if s.srtt > 0 {
		s.rto = s.srtt>>3 + s.rttvar
	}
	s.rto = min(max(s.rto, l.MinRTO), l.MaxRTO)
}

// RTO is the retransmission timeout now.
func (s *Stream) RTO() Time { return s.rto }

// Repeats is how many segments were sent again.
func (s *Stream) Repeats() int { return int(s.repeats) }

// arm sees to it that events are on their way for what is to be done.
func (s *Stream) arm() {
	now := s.host.Now()
	if s.rtoAt != 0 && (s.rtoTimer == 0 || s.rtoTimer > s.rtoAt) {
		s.rtoTimer = s.rtoAt
		s.host.ctx.After(s.rtoAt-now, ownTimer|Timer(s.slot)<<1)
	}
	if s.ackAt != 0 && (s.ackTimer == 0 || s.ackTimer > s.ackAt) {
		s.ackTimer = s.ackAt
		s.host.ctx.After(s.ackAt-now, ownTimer|Timer(s.slot)<<1|1)
	}
}

// wakeRTO is the event for rtoAt.
func (s *Stream) wakeRTO() {
	now := s.host.Now()
	if s.rtoTimer == 0 || now < s.rtoTimer {
		return // of an earlier time, or of an earlier stream in this slot
	}
	s.rtoTimer = 0
	s.touch()
	if s.rtoAt == 0 || now < s.rtoAt {
		return
	}
	l := s.host.shared.limits
	limit := l.Tries
	if s.state == synSent || s.state == synReceived {
		limit = l.SynTries
	}
	if s.tries >= limit {
		s.fail(ErrTimeout)
		return
	}
	s.tries++
	s.rto = min(2*s.rto, l.MaxRTO)
	s.rtoAt = now + s.rto
	s.timedAt = 0
	switch {
	case s.state == synSent || s.state == synReceived:
		s.repeats++
		s.sendSyn()
	case s.una != s.nxt:
		s.lost()
	default:
		// The window is shut. An old number makes the peer acknowledge, and so
		// say how its window is now (RFC 9293 section 3.8.6.1).
		s.send(s.una-1, ACK, nil, s.host.shared.marks.Ack)
	}
}

// wakeAck is the event for ackAt.
func (s *Stream) wakeAck() {
	now := s.host.Now()
	if s.ackTimer == 0 || now < s.ackTimer {
		return
	}
	s.ackTimer = 0
	s.touch()
	s.ackNow = s.ackNow || s.ackAt != 0 && now >= s.ackAt
}
