package rpc

// One frame in a datagram
//
// Behaviour: a datagram's payload is one frame, from its first byte to its
// last. It comes whole, or not at all, or twice, or after its successor: all
// that is left to Client and Server.
//
// Versions: there is one.
//
// Not done: frames larger than a datagram.
type datagram struct {
	limits  TransportLimits
	in      pipe
	ins     []int // lengths of those that came
	given   int   // length of the one that Poll returned last
	out     pipe
	lengths []int
}

// Receive takes the payload of one datagram.
func (d *datagram) Receive(_ int64, b []byte) {
	if len(b) > d.limits.MaxFrameBytes || d.in.len()+len(b) > d.limits.MaxQueueBytes {
		return // lost, as datagrams may be
	}
	d.settle()
	d.in.add(b...)
	d.ins = append(d.ins, len(b))
}

// settle drops what Poll returned last.
func (d *datagram) settle() {
	d.in.drop(d.given)
	d.given = 0
}

func (d *datagram) Poll() (uint32, []byte, bool) {
	d.settle()
	if len(d.ins) == 0 {
		return 0, nil, false
	}
	d.given = d.ins[0]
	d.ins = d.ins[:copy(d.ins, d.ins[1:])]
	return 0, d.in.rest()[:d.given:d.given], true
}

func (d *datagram) Send(_ uint32, frame []byte) error {
	switch {
	case len(frame) == 0:
		return nil
	case len(frame) > d.limits.MaxFrameBytes:
		return ErrTooLarge
	case d.out.len()+len(frame) > d.limits.MaxQueueBytes:
		return ErrFull
	}
	d.out.add(frame...)
	d.lengths = append(d.lengths, len(frame))
	return nil
}

func (d *datagram) Output() []byte {
	if len(d.lengths) == 0 {
		return nil
	}
	return d.out.rest()[:d.lengths[0]]
}

func (d *datagram) Sent(int) {
	if len(d.lengths) > 0 {
		d.out.drop(d.lengths[0])
		d.lengths = d.lengths[:copy(d.lengths, d.lengths[1:])]
	}
}

func (d *datagram) Deadline() int64 { return 0 }
func (d *datagram) Tick(int64)      {}
func (d *datagram) Err() error      { return nil }
