package gossip

// Replica is a node with a store that it keeps in step with others, by
// exchanges with one partner at a time.
//
// Theory of operation. A replica has no state but its store: each message
// says all that is needed to act on it. Open begins an exchange:
//
//	method    push                    pull                       push-pull
//	full      entries                 digest of nothing          entries, taking
//	digest    digest                  digest                     digest
//	checksum  checksum                checksum                   checksum
//	merkle    sums of the root, likewise
//
// and the other answers what it receives:
//
//	sums      equal: nothing; few keys: a digest of them; else: sums one level down
//	checksum  equal: nothing; else: a digest of everything
//	digest    the sender takes: the entries that are newer here; it gives: a want of those newer there
//	want      the entries
//	entries   merge them; the sender takes: the entries that are newer here
//
// An answer sees the flow from the other side, so who gives stays who gives.
//
// Duties of the caller, after each Open, Receive or Write: take all of
// Output and send it to the partner (for Receive: the message's sender), and
// all of Poll. The order of Output is the order in which to send.
type Replica struct {
	Store Store

	output []Outgoing
	news   []News
}

// Method is how much of the stores is sent to find out where they differ.
type Method uint8

// The methods.
const (
	ByFull     Method = iota // all entries
	ByDigest                 // all keys and versions
	ByChecksum               // one hash first
	ByMerkle                 // a tree of hashes
)

// Outgoing is a message to be sent to the partner.
type Outgoing struct {
	Letter Letter
	Bytes  []byte
	Count  int // entries in it
}

// News is a change to the store: Took or Settled.
type News struct {
	Outcome Outcome
	Entry   Entry
}

// Output returns the next message to send; false when there is none.
func (r *Replica) Output() (Outgoing, bool) {
	if len(r.output) == 0 {
		r.output = nil
		return Outgoing{}, false
	}
	o := r.output[0]
	r.output = r.output[1:]
	return o, true
}

// Poll returns the next change; false when there is none.
func (r *Replica) Poll() (News, bool) {
	if len(r.news) == 0 {
		r.news = nil
		return News{}, false
	}
	n := r.news[0]
	r.news = r.news[1:]
	return n, true
}

// Write gives a key a new value. It reports false if that breaks a limit of the store.
func (r *Replica) Write(key, value string, writer uint32) bool {
	e, ok := r.Store.Write(key, value, writer)
	if ok {
		r.news = append(r.news, News{Took, e})
	}
	return ok
}

// Open begins an exchange with a partner. A flow of Give is a push, Take a
// pull, both a push-pull. Who only gives and has nothing says nothing.
func (r *Replica) Open(flow Flow, method Method) {
	if flow == Give && r.Store.Len() == 0 {
		return
	}
	switch {
	case method == ByMerkle:
		r.sendSums(flow, []treeNode{r.Store.children(0, 0)})
	case method == ByChecksum:
		r.send(Checksum, 0, &checksumMessage{Type: Checksum, Flow: flow, Hash: r.Store.Sum()})
	case method == ByDigest:
		r.sendDigest(flow, []Span{everything})
	case flow == Take:
		r.send(Digest, 0, &digestMessage{Type: Digest, Flow: flow, Spans: []wireSpan{{Lo: everything.Lo, Hi: everything.Hi}}, Heads: []Head{}})
	default:
		r.sendSpan(flow)
	}
}

// Receive takes a message from another replica. An error is the other's: the
// message was not understood and nothing has changed.
func (r *Replica) Receive(b []byte) error {
	message, err := decode(b)
	if err != nil {
		return err
	}
	switch m := message.(type) {
	case *sumsMessage:
		r.onSums(m)
	case *checksumMessage:
		if m.Hash != r.Store.Sum() {
			r.sendDigest(m.Flow.back(), []Span{everything})
		}
	case *digestMessage:
		r.onDigest(m)
	case *wantMessage:
		var found []Entry
		for _, key := range m.Keys {
			if e, ok := r.Store.Get(key); ok {
				found = append(found, e)
			}
		}
		r.sendEntries(found)
	case *entriesMessage:
		r.onEntries(m)
	}
	return nil
}

func (r *Replica) onSums(m *sumsMessage) {
	var d difference
	for i := range m.Nodes {
		d.compare(&r.Store, &m.Nodes[i])
	}
	if len(d.deeper) > 0 {
		r.sendSums(m.Flow.back(), d.deeper)
	}
	if len(d.list) > 0 {
		r.sendDigest(m.Flow.back(), d.list)
	}
	if m.Flow&Take != 0 {
		var all []Entry
		for _, s := range d.lacked {
			all = append(all, r.Store.within(s)...)
		}
		r.sendEntries(all)
	}
}

func (r *Replica) onDigest(m *digestMessage) {
	if m.Flow&Take != 0 {
		var spans []Span
		for _, s := range m.Spans {
			spans = append(spans, Span{s.Lo, s.Hi})
		}
		r.sendNewer(spans, m.Heads)
	}
	if m.Flow&Give != 0 {
		var keys []string
		for _, h := range m.Heads {
			if r.Store.newer(h.Key, Version{h.Counter, h.Writer}) {
				keys = append(keys, h.Key)
			}
		}
		r.sendWant(keys)
	}
}

func (r *Replica) onEntries(m *entriesMessage) {
	heads := make([]Head, len(m.Entries))
	for i, w := range m.Entries {
		e := Entry{Key: w.Key, Value: w.Value, Version: Version{w.Counter, w.Writer}}
		heads[i] = Head{Key: w.Key, Counter: w.Counter, Writer: w.Writer}
		if out := r.Store.Merge(e); out == Took || out == Settled {
			r.news = append(r.news, News{out, e})
		}
	}
	if m.Flow&Take != 0 {
		r.sendNewer([]Span{{m.Span.Lo, m.Span.Hi}}, heads)
	}
}
