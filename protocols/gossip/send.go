package gossip

// How a replica's messages are cut to MessageBytes.

func (r *Replica) send(l Letter, entries int, message any) {
	r.output = append(r.output, Outgoing{l, wire.Must(message), entries})
}

// cut calls add for runs of n items whose sizes stay together within
// MessageBytes, but never parts what joined(i) says belongs to item i-1.
func cut(n int, size func(i int) int, joined func(i int) bool, add func(from, to int)) {
	from, bytes := 0, 0
	for i := range n {
		s := size(i)
		if i > from && bytes+s > MessageBytes-messageHead && !joined(i) {
			add(from, i)
			from, bytes = i, 0
		}
		bytes += s
	}
	if n > from {
		add(from, n)
	}
}

// messageHead is what a message needs beside its list: the array's head,
// type, flow, a span and the list's head; and one span more for a digest.
const messageHead = 1 + 1 + 1 + 11 + 3 + 14

func never(int) bool { return false }

func (r *Replica) sendSums(flow Flow, nodes []treeNode) {
	cut(len(nodes), func(int) int { return 1 + 5 + 1 + 1 + treeWidth*9 }, never, func(from, to int) {
		r.send(Sums, 0, &sumsMessage{Type: Sums, Flow: flow, Nodes: nodes[from:to]})
	})
}

func (r *Replica) sendWant(keys []string) {
	cut(len(keys), func(i int) int { return 2 + len(keys[i]) }, never, func(from, to int) {
		r.send(Want, 0, &wantMessage{Type: Want, Keys: keys[from:to]})
	})
}

// sendEntries answers with entries and asks for nothing.
func (r *Replica) sendEntries(list []Entry) {
	cut(len(list), func(i int) int { return entryBytes(&list[i]) }, never, func(from, to int) {
		r.sendList(0, everything, list[from:to])
	})
}

// sendSpan sends everything, so that the receiver can also tell what we do
// not have.
func (r *Replica) sendSpan(flow Flow) {
	list := r.Store.entries
	if len(list) == 0 {
		r.sendList(flow, everything, nil)
		return
	}
	lo := everything.Lo
	cut(len(list), func(i int) int { return entryBytes(&list[i]) },
		func(i int) bool { return list[i].place == list[i-1].place },
		func(from, to int) {
			span := Span{lo, everything.Hi}
			if to < len(list) {
				span.Hi = list[to-1].place
				lo = span.Hi + 1
			}
			r.sendList(flow, span, list[from:to])
		})
}

func (r *Replica) sendList(flow Flow, span Span, list []Entry) {
	m := &entriesMessage{Type: Entries, Flow: flow, Span: wireSpan{Lo: span.Lo, Hi: span.Hi}, Entries: make([]wireEntry, len(list))}
	for i, e := range list {
		m.Entries[i] = wireEntry{Key: e.Key, Value: e.Value, Counter: e.Version.Counter, Writer: e.Version.Writer}
	}
	r.send(Entries, len(list), m)
}

// sendDigest lists the keys within the spans. When a message is full, it ends
// the span it is in, and the next message goes on from there.
func (r *Replica) sendDigest(flow Flow, spans []Span) {
	m := &digestMessage{Type: Digest, Flow: flow, Heads: []Head{}}
	bytes := 0
	flush := func() {
		r.send(Digest, 0, m)
		m = &digestMessage{Type: Digest, Flow: flow, Heads: []Head{}}
		bytes = 0
	}
	for _, s := range spans {
		list := r.Store.within(s)
		for i := range list {
			e := &list[i]
			size := headBytes(e)
			if bytes+size > MessageBytes-messageHead && (i == 0 || list[i-1].place != e.place) {
				if i > 0 {
					m.Spans = append(m.Spans, wireSpan{Lo: s.Lo, Hi: list[i-1].place})
					s.Lo = list[i-1].place + 1
				}
				flush()
			}
			bytes += size
			m.Heads = append(m.Heads, Head{Key: e.Key, Counter: e.Version.Counter, Writer: e.Version.Writer})
		}
		m.Spans = append(m.Spans, wireSpan{Lo: s.Lo, Hi: s.Hi})
		if bytes += 1 + 5 + 5; bytes > MessageBytes-messageHead {
			flush()
		}
	}
	if len(m.Spans) > 0 {
		flush()
	}
}

// sendNewer sends what we have within the spans that is newer than what the
// heads say the other has, or that they do not mention.
func (r *Replica) sendNewer(spans []Span, heads []Head) {
	theirs := make(map[string]Version, len(heads))
	for _, h := range heads {
		theirs[h.Key] = Version{h.Counter, h.Writer}
	}
	var list []Entry
	for _, s := range spans {
		for _, e := range r.Store.within(s) {
			if v, has := theirs[e.Key]; !has || r.Store.beats(e.Version, v) {
				list = append(list, e)
			}
		}
	}
	r.sendEntries(list)
}

func entryBytes(e *Entry) int { return headBytes(e) + uintBytes(uint64(len(e.Value))) + len(e.Value) }

func headBytes(e *Entry) int {
	return 1 + uintBytes(uint64(len(e.Key))) + len(e.Key) + uintBytes(e.Version.Counter) + uintBytes(uint64(e.Version.Writer))
}

// uintBytes is the length of an unsigned number in CBOR, and of the head of a string.
func uintBytes(v uint64) int {
	switch {
	case v < 24:
		return 1
	case v < 1<<8:
		return 2
	case v < 1<<16:
		return 3
	case v < 1<<32:
		return 5
	}
	return 9
}
