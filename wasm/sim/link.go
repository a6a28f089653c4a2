package sim

// Link is the default physics between two roles, one direction. The zero Link
// delivers everything in the same microsecond.
type Link struct {
	Delay     Time // from sending to arriving; at most maxDelay
	Jitter    Time // each packet takes up to this much longer, evenly spread; at most maxDelay
	Loss      PPM  // the packet dies halfway
	Duplicate PPM  // the packet arrives twice, the second with a jitter of its own
	Reorder   PPM  // the packet takes Delay+Jitter longer, so that later ones overtake it
	// RateBytes is how many bytes a second a sender can put on its links, at
	// most maxRateBytes; 0 is without limit. Packets wait their turn at the sender.
	RateBytes int64
	// BufferBytes is how much may wait at a sender before more is dropped; 0
	// is without limit.
	BufferBytes int64
}

// maxRateBytes is 1 GiB a second: it keeps the sums of queue within 64 bits.
const maxRateBytes = 1 << 30

// within reports whether every field is in its range.
func (l *Link) within() bool {
	return l.Delay >= 0 && l.Delay <= maxDelay && l.Jitter >= 0 && l.Jitter <= maxDelay &&
		l.Loss <= Certain && l.Duplicate <= Certain && l.Reorder <= Certain &&
		l.RateBytes >= 0 && l.RateBytes <= maxRateBytes && l.BufferBytes >= 0
}

// maxDelay bounds the time a packet is under way: delays are kept in 32 bits
// of microseconds, 71 minutes.
const maxDelay Time = 1<<32 - 1

// transit is what the network decided about one packet.
type transit struct {
	delay Time
	why   Why  // not Alive: it dies halfway
	copy  Time // delay of the second packet, if twice
	twice bool
}

// carry decides the fate of the n-th packet that a node sends. Luck is keyed
// by the sender and the number, whatever the link, so that a change of
// physics moves nobody else's luck.
func (l *Link) carry(seed uint64, from NodeID, n uint64) transit {
	t := transit{delay: l.Delay}
	if l.Jitter|Time(l.Loss|l.Duplicate|l.Reorder) == 0 {
		return t
	}
	word := draw(seed, keyLink, uint64(from), n)
	t.delay += Time(below(word, int(l.Jitter)+1))
	word = mix(word + golden)
	if below(word, int(Certain)) < int(l.Loss) {
		t.why = WhyLoss
		return t
	}
	word = mix(word + golden)
	if below(word, int(Certain)) < int(l.Reorder) {
		t.delay += l.Delay + l.Jitter
	}
	word = mix(word + golden)
	if below(word, int(Certain)) < int(l.Duplicate) {
		t.twice = true
		t.copy = l.Delay + Time(below(mix(word+golden), int(l.Jitter)+1))
	}
	return t
}
