package sim

// sender is the half of a stream that sends. Its numbers wrap around, so they
// are compared by their difference.
type sender struct {
	una    uint32 // the first number not acknowledged
	nxt    uint32 // the next to be sent
	window uint32 // how far beyond una the peer lets us go
	wl1    uint32 // the sequence number and the acknowledgement of the
	wl2    uint32 // segment that window comes from: older ones do not count
	out    line   // bytes written, from una on
	runs   []run  // the kinds of those bytes

	finishing bool // the app has called CloseWrite
	finSent   bool
	blocked   bool // the app wants to hear of room

	// Recovery (after RFC 6582, without its window): a timeout or three equal
	// acknowledgements say that the segment at una is lost, and each
	// acknowledgement from then on that what follows may be too, up to what
	// had been sent by then.
	recovering bool
	recover    uint32 // over when una is here
	resent     uint32 // sent again up to here
	repeat     int    // segments to send again at the next flush
	dups       int    // equal acknowledgements in a row
	repeats    uint32 // segments sent again so far
}

// run says that the bytes up to a number are of a kind.
type run struct {
	end  uint32
	kind uint8
}

// maxWindowBytes bounds what a peer can claim to take: far from the half of
// all numbers, beyond which differences turn around.
const maxWindowBytes = 1 << 28

// ahead is how far a is beyond b; negative if it is behind.
func ahead(a, b uint32) int { return int(int32(a - b)) }

// base is the number of the first byte in out.
func (s *Stream) base() uint32 {
	if s.state == synSent || s.state == synReceived {
		return s.una + 1
	}
	return s.una
}

// mark notes the kind of the bytes that were just written.
func (s *Stream) mark(kind uint8) {
	end := s.base() + uint32(s.out.len())
	if last := len(s.runs) - 1; last >= 0 && s.runs[last].kind == kind {
		s.runs[last].end = end
	} else {
		s.runs = append(s.runs, run{end, kind})
	}
}

// kindOf is the kind of the byte with a number.
func (s *Stream) kindOf(seq uint32) uint8 {
	lo, hi := 0, len(s.runs)-1
	for lo < hi {
		if mid := (lo + hi) / 2; ahead(s.runs[mid].end, seq) > 0 {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return s.runs[lo].kind
}

// send puts one segment on its way. Whatever it is for, it acknowledges.
func (s *Stream) send(seq uint32, flags Flags, data []byte, kind uint8) {
	g := Segment{SourcePort: s.localPort, DestinationPort: s.peerPort, SequenceNumber: seq, Flags: flags, Data: data}
	if flags.Has(ACK) {
		g.AcknowledgementNumber = s.rcvNxt
		s.ackNow, s.ackAt, s.taken = false, 0, 0
	}
	g.Window = s.advertise()
	s.host.send(s.peer, kind, &g)
}

// flush sends what can be sent now.
func (s *Stream) flush() {
	if s.state.sends() {
		s.sendAgain()
		s.sendNew()
		if s.ackNow || s.widened() {
			s.send(s.nxt, ACK, nil, s.host.shared.marks.Ack)
		}
	} else if s.state == timeWait && s.ackNow {
		s.send(s.nxt, ACK, nil, s.host.shared.marks.Ack)
	}
	if s.unread == 0 && len(s.islands) == 0 {
		s.in.free(&s.host.shared.shelf)
	}
	if s.state != closed && s.state != timeWait {
		if s.rtoAt == 0 && (s.nxt != s.una || s.out.len() > 0 && s.state.sends()) {
			s.rtoAt = s.host.Now() + s.rto // something is out, or the window is shut
		}
		s.arm()
	}
}

// sendNew sends what was never sent, as far as the window reaches.
func (s *Stream) sendNew() {
	for !s.finSent {
		sent := int(s.nxt - s.una)
		rest := s.out.len() - sent
		n := max(min(rest, s.host.shared.limits.SegmentBytes, int(s.window)-sent), 0)
		fin := s.finishing && n == rest // it needs no room in the window
		if n == 0 && !fin {
			return
		}
		s.sendPart(s.nxt, n, fin, false)
		s.nxt += uint32(n)
		if fin {
			s.nxt++
			s.finSent = true
			s.state = s.state.after(finGoes)
		}
		if s.timedAt == 0 {
			s.timedAt, s.timed = s.host.Now()+1, s.nxt
		}
	}
}

// sendAgain repeats segments that must be taken for lost.
func (s *Stream) sendAgain() {
	for ; s.repeat > 0 && ahead(s.recover, s.resent) > 0; s.repeat-- {
		offset := int(s.resent - s.una)
		n := min(s.out.len()-offset, s.host.shared.limits.SegmentBytes, ahead(s.recover, s.resent))
		fin := s.finSent && offset+n == s.out.len()
		s.sendPart(s.resent, n, fin, true)
		s.resent += uint32(n)
		if fin {
			s.resent++
		}
		s.repeats++
		s.timedAt = 0 // Karn: nobody knows which of the two will be acknowledged
	}
	s.repeat = 0
}

// sendPart sends n of the bytes in out, from a number on.
func (s *Stream) sendPart(seq uint32, n int, fin, again bool) {
	marks := s.host.shared.marks
	flags, kind := ACK, marks.Fin
	if fin {
		flags |= FIN
	}
	if n > 0 {
		kind = s.kindOf(seq)
	}
	if again && marks.Again != 0 {
		kind = marks.Again
	}
	offset := int(seq - s.una)
	s.send(seq, flags, s.out.bytes()[offset:offset+n], kind)
}

// sendSyn opens, or opens again: SYN for who dials, SYN ACK for who answers.
func (s *Stream) sendSyn() {
	flags := SYN
	if s.state == synReceived {
		flags |= ACK
	}
	s.send(s.una, flags, nil, s.host.shared.marks.Syn)
}

// acknowledged takes in an acknowledgement number that is valid: between una
// and nxt. It reports whether the segment said anything new.
func (s *Stream) acknowledged(ack uint32) {
	now := s.host.Now()
	bytes := min(int(ack-s.una), s.out.len())
	s.una = ack
	s.out.pop(bytes)
	if s.out.len() == 0 {
		s.out.free(&s.host.shared.shelf)
		s.runs = s.runs[:0]
	} else {
		gone := 0
		for ahead(s.runs[gone].end, ack) <= 0 {
			gone++
		}
		if gone > 0 {
			s.runs = s.runs[:copy(s.runs, s.runs[gone:])]
		}
	}
	if s.timedAt != 0 && ahead(ack, s.timed) >= 0 {
		s.measured(now + 1 - s.timedAt)
		s.timedAt = 0
	}
	s.calm()
	s.rtoAt = 0
	s.dups = 0
	if s.recovering {
		if ahead(ack, s.recover) >= 0 {
			s.recovering = false
		} else {
			if ahead(ack, s.resent) > 0 {
				s.resent = ack
			}
			s.repeat = 2
		}
	}
	if s.blocked && s.state.takes() && 2*s.out.len() <= s.host.shared.limits.SendBytes {
		s.blocked = false
		s.news |= newsWritable
	}
}

// lost begins a recovery: the segment at una is taken for lost.
func (s *Stream) lost() {
	s.recovering, s.recover, s.resent, s.repeat, s.dups = true, s.nxt, s.una, 1, 0
}
