package rpc

import (
	"cmp"
	"errors"

	"grapevine/protocols/cborhead"
)

// The duplicate table
//
// Behaviour: it remembers which calls are running, and the replies of those
// that were executed, by client and number. A reply is kept for ExpiryMicros
// after its execution; then, or when it must make room, its call is unseen
// again, and a duplicate of it would be executed. Running calls are never
// dropped. A reply that does not fit MaxBytes even so is not kept, but that it
// was executed is: its duplicates are answered NotKept.
//
// Save writes the replies as CBOR, for a disk:
//
//	saved = [* [client, number, expires, code, body]]   ; oldest first
//	code  = 0..15 ; 0: body is a result, otherwise an error's text
//	body  = bstr
//
// Versions: there is one.
//
// Not done: Save writes all of the table each time; a server for real use
// would append each reply to a log. Running calls are not saved: of those that
// a crash interrupts, nothing is known afterwards.

// DuplicateLimits bound the duplicate table. Zero values mean the defaults.
type DuplicateLimits struct {
	MaxEntries int // default 65,536; calls in execution count too
	MaxBytes   int // of stored replies; default 4 MiB
	// ExpiryMicros is how long a reply is kept (default 30 s). It must be
	// longer than a client's attempts take in all (by default some 16 s) plus a
	// packet's longest delay. MaxEntries in that time is how many calls a
	// server can take in the long run.
	ExpiryMicros int64
	// WhenFull says what a new call meets when the table is full.
	WhenFull WhenFull
}

// WhenFull is what happens to a new call when the duplicate table is full.
type WhenFull uint8

// The policies.
const (
	FullRefuses WhenFull = iota // the call is refused with Busy: safe, and slow
	FullForgets                 // the oldest reply makes room: its duplicates are then executed again
)

// String names the policy in lower case.
func (w WhenFull) String() string { return [...]string{"refuses", "forgets"}[w] }

// duplicates is the table.
type duplicates struct {
	limits DuplicateLimits
	calls  map[CallKey]place
	kept   []answer // by age; kept[head] is answer number base
	head   int
	base   uint64
	bytes  int
}

// place says where a call in the table is.
type place struct {
	state serverState
	at    uint64 // running: the execution; kept: the answer's number
}

// answer is a reply that was sent and is kept.
type answer struct {
	call    CallKey
	code    Code // 0: body is a result; otherwise an error's text
	expires int64
	body    []byte
}

func newDuplicates(limits DuplicateLimits) *duplicates {
	limits.MaxEntries = cmp.Or(limits.MaxEntries, 65_536)
	limits.MaxBytes = cmp.Or(limits.MaxBytes, 1<<22)
	limits.ExpiryMicros = cmp.Or(limits.ExpiryMicros, 30_000_000)
	return &duplicates{limits: limits, calls: map[CallKey]place{}}
}

// find returns the state of a call, its execution if it is running, and its
// answer if it is kept.
func (d *duplicates) find(call CallKey) (state serverState, execution uint64, a *answer) {
	p := d.calls[call]
	switch p.state {
	case running:
		return running, p.at, nil
	case kept:
		return kept, 0, &d.kept[d.head+int(p.at-d.base)]
	}
	return unseen, 0, nil
}

// full says whether there is no place for another call.
func (d *duplicates) full() bool { return len(d.calls) >= d.limits.MaxEntries }

// begin notes that an unseen call is running.
func (d *duplicates) begin(call CallKey, execution uint64) {
	d.calls[call] = place{serverMoves[unseen][requested], execution}
}

// end notes how a running call ended, with the answer to keep, and makes room
// for it if that is allowed. It returns how many were forgotten.
func (d *duplicates) end(now int64, call CallKey, input serverInput, code Code, body []byte) (forgotten []CallKey) {
	for d.limits.WhenFull == FullForgets && len(body) <= d.limits.MaxBytes && d.bytes+len(body) > d.limits.MaxBytes {
		forgotten = append(forgotten, d.forgetOldest())
	}
	if d.bytes+len(body) > d.limits.MaxBytes {
		code, body = NotKept, nil
	}
	d.keep(answer{call: call, code: code, expires: now + d.limits.ExpiryMicros, body: append([]byte(nil), body...)}, serverMoves[running][input])
	return forgotten
}

func (d *duplicates) keep(a answer, state serverState) {
	d.calls[a.call] = place{state, d.base + uint64(len(d.kept)-d.head)}
	d.kept = append(d.kept, a)
	d.bytes += len(a.body)
}

// forgetOldest drops the oldest answer; there must be one.
func (d *duplicates) forgetOldest() CallKey {
	a := &d.kept[d.head]
	call := a.call
	delete(d.calls, call) // serverMoves[kept][expired] is unseen, which is not in the table
	d.bytes -= len(a.body)
	*a = answer{}
	d.head++
	d.base++
	if d.head*2 >= len(d.kept) {
		n := copy(d.kept, d.kept[d.head:])
		clear(d.kept[n:])
		d.kept, d.head = d.kept[:n], 0
	}
	return call
}

// expired drops the oldest answer if its time is over.
func (d *duplicates) expired(now int64) (CallKey, bool) {
	if d.head == len(d.kept) || now < d.kept[d.head].expires {
		return CallKey{}, false
	}
	return d.forgetOldest(), true
}

// deadline returns when the next answer expires; 0: none is kept.
func (d *duplicates) deadline() int64 {
	if d.head == len(d.kept) {
		return 0
	}
	return d.kept[d.head].expires
}

// save appends the answers to b.
func (d *duplicates) save(b []byte) []byte {
	b = cborhead.Append(b, 0x80, uint64(len(d.kept)-d.head))
	for _, a := range d.kept[d.head:] {
		b = append(b, 0x85)
		b = cborhead.Append(b, 0x00, a.call.Client)
		b = cborhead.Append(b, 0x00, a.call.Number)
		b = cborhead.Append(b, 0x00, uint64(a.expires))
		b = append(b, byte(a.code))
		b = append(cborhead.Append(b, 0x40, uint64(len(a.body))), a.body...)
	}
	return b
}

var errSaved = errors.New("rpc: these are not the bytes of a saved duplicate table, or it is larger than the limits allow")

// load takes what save wrote into an empty table. What has expired is left out.
func (d *duplicates) load(now int64, b []byte) error {
	r := reader{rest: b}
	n := r.head(0x80, uint64(d.limits.MaxEntries), errKind)
	for i := uint64(0); i < n && r.err == nil; i++ {
		r.head(0x80, 5, errKind)
		a := answer{call: CallKey{r.uint(1<<64 - 1), r.uint(1<<64 - 1)}}
		a.expires = int64(r.uint(1<<63 - 1))
		a.code = Code(r.uint(uint64(maxWireCode)))
		a.body = append(a.body, r.take(0x40, uint64(d.limits.MaxBytes-d.bytes), errBytes)...)
		if _, twice := d.calls[a.call]; twice || a.expires < d.lastExpiry() {
			return errSaved
		}
		if r.err == nil && a.expires > now {
			d.keep(a, kept)
		}
	}
	if r.err != nil || len(r.rest) > 0 {
		return errSaved
	}
	return nil
}

// lastExpiry returns when the youngest answer expires.
func (d *duplicates) lastExpiry() int64 {
	if d.head == len(d.kept) {
		return 0
	}
	return d.kept[len(d.kept)-1].expires
}
