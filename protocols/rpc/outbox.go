package rpc

// outbox holds frames until they are taken out, in one buffer.
type outbox struct {
	buf   []byte
	items []outgoing
	next  int
	begin int
}

type outgoing struct {
	to  Peer
	end int
}

// add writes a frame and returns its length.
func (o *outbox) add(to Peer, f Frame) int {
	begin := len(o.buf)
	o.buf = AppendFrame(o.buf, f)
	o.items = append(o.items, outgoing{to, len(o.buf)})
	return len(o.buf) - begin
}

// addEmpty answers a slot that has nothing to say.
func (o *outbox) addEmpty(to Peer) { o.items = append(o.items, outgoing{to, len(o.buf)}) }

func (o *outbox) take() (to Peer, frame []byte, ok bool) {
	if o.next == len(o.items) {
		o.buf, o.items, o.next, o.begin = o.buf[:0], o.items[:0], 0, 0
		return Peer{}, nil, false
	}
	item := o.items[o.next]
	frame = o.buf[o.begin:item.end:item.end]
	o.next, o.begin = o.next+1, item.end
	return item.to, frame, true
}

// earlier returns the earlier of two instants, of which 0 means never.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
