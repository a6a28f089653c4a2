package rpc

import (
	"unicode/utf8"

	"grapevine/protocols/cborhead"
)

// Frames
//
// Behaviour: each frame is one CBOR array (RFC 8949) in preferred, definite
// form. The Transport says where it ends. In CDDL (RFC 8610):
//
//	frame     = request / reply / error / cancel
//	request   = [0, client, number, attempt, boot, id, signature, budget, arguments]
//	reply     = [1, client, number, boot, result]
//	error     = [2, client, number, boot, code, text]
//	cancel    = [3, client, number]
//	client    = uint                   ; one life of one client
//	number    = uint                   ; of the call, from 1; client and number name a call
//	attempt   = 0..255                 ; how often it was sent before
//	boot      = uint                   ; the life of the server that is meant or that answers; 0: not known yet
//	id        = 0..4294967295 / tstr .size (1..64) ; the Call ID
//	signature = 0..4294967295          ; of the function that the caller means
//	budget    = uint                   ; microseconds that the caller still waits; 0: for ever
//	arguments = bstr .cbor [* any]     ; one for each parameter
//	result    = bstr .cbor any         ; null for a function without result
//	code      = 1..10                  ; see errors.go
//	text      = tstr .size (0..256)
//
// The budget is a span, not an instant, because two machines' clocks differ.
//
// Versions: there is one.
//
// Not done: one-way calls; several calls in one frame; a client's word that it
// has its replies, by which a server could forget them before they expire;
// indefinite lengths, longer forms of a number than it needs, tags.
//
// The heads are written and read by hand, at no cost in garbage; the tests
// hold them to what the CBOR library writes.

// FrameKind is the first element of a frame.
type FrameKind uint8

// The kinds.
const (
	Request FrameKind = iota
	Reply
	Failure
	Cancel
	frameKinds
)

// String names the kind in lower case.
func (k FrameKind) String() string {
	return [frameKinds]string{"request", "reply", "error", "cancel"}[k]
}

// elements is how many each kind has.
var elements = [frameKinds]byte{Request: 9, Reply: 5, Failure: 6, Cancel: 3}

// MaxErrorBytes is the longest text of an error frame.
const MaxErrorBytes = 256

// Frame is any of the frames; what its kind has no use for is zero.
type Frame struct {
	Kind      FrameKind
	Attempt   uint8
	Code      Code
	Call      CallKey
	Boot      uint64
	ID        ID
	Signature uint32
	Budget    int64  // microseconds
	Body      []byte // request: arguments; reply: result; error: text. Within the frame
}

// AppendFrame writes f behind b. What would not fit its element is cut: an
// error's text to MaxErrorBytes.
func AppendFrame(b []byte, f Frame) []byte {
	b = append(b, 0x80|elements[f.Kind], byte(f.Kind))
	b = cborhead.Append(b, 0x00, f.Call.Client)
	b = cborhead.Append(b, 0x00, f.Call.Number)
	switch f.Kind {
	case Request:
		b = cborhead.Append(b, 0x00, uint64(f.Attempt))
		b = cborhead.Append(b, 0x00, f.Boot)
		if f.ID.Name != "" {
			b = append(cborhead.Append(b, 0x60, uint64(len(f.ID.Name))), f.ID.Name...)
		} else {
			b = cborhead.Append(b, 0x00, uint64(f.ID.Number))
		}
		b = cborhead.Append(b, 0x00, uint64(f.Signature))
		b = cborhead.Append(b, 0x00, uint64(f.Budget))
		b = append(cborhead.Append(b, 0x40, uint64(len(f.Body))), f.Body...)
	case Reply:
		b = cborhead.Append(b, 0x00, f.Boot)
		b = append(cborhead.Append(b, 0x40, uint64(len(f.Body))), f.Body...)
	case Failure:
		text := cutText(f.Body)
		b = cborhead.Append(b, 0x00, f.Boot)
		b = append(b, byte(f.Code))
		b = append(cborhead.Append(b, 0x60, uint64(len(text))), text...)
	}
	return b
}

// cutText returns as much of a text as an error frame holds, as valid UTF-8.
func cutText(text []byte) []byte {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if r == utf8.RuneError && size == 1 || n+size > MaxErrorBytes {
			break
		}
		n += size
	}
	return text[:n]
}

// FrameError says what is wrong with bytes that should have been a frame: the
// peer's fault. They are dropped; nobody can be answered.
type FrameError struct{ text string }

func (e *FrameError) Error() string { return "rpc: not a frame: " + e.text }

// Faults are made once: a hostile flood must not make garbage.
var (
	errShort     = &FrameError{"it ends early; expected [0, client, number, attempt, boot, id, signature, budget, arguments], [1, client, number, boot, result], [2, client, number, boot, code, text] or [3, client, number]"}
	errLong      = &FrameError{"bytes follow its end"}
	errKind      = &FrameError{"it is no array, or its kind is unknown or does not go with its length; expected kind 0 with 9 elements, 1 with 5, 2 with 6 or 3 with 3"}
	errNumber    = &FrameError{"a number is not one, not in its shortest form, or too large for its place"}
	errID        = &FrameError{"the Call ID is neither a number below 2^32 nor a name of 1 to 64 bytes"}
	errBytes     = &FrameError{"arguments or result are not a byte string"}
	errText      = &FrameError{"a text is not UTF-8, or longer than its place allows"}
	errFrameSize = &FrameError{"it is larger than maxFrameBytes"}
)

// ReadFrame reads one frame, which must fill b. ID.Name is a copy; Body stays within b.
func ReadFrame(b []byte) (Frame, *FrameError) {
	r := reader{rest: b}
	f := r.frame()
	if r.err == nil && len(r.rest) > 0 {
		r.err = errLong
	}
	return f, r.err
}

// reader reads elements; the first fault stays.
type reader struct {
	rest []byte
	err  *FrameError
}

func (r *reader) frame() (f Frame) {
	if len(r.rest) < 2 {
		r.err = errShort
		return f
	}
	f.Kind = FrameKind(r.rest[1])
	if f.Kind >= frameKinds || r.rest[0] != 0x80|elements[f.Kind] {
		r.err = errKind
		return Frame{}
	}
	r.rest = r.rest[2:]
	f.Call = CallKey{r.uint(1<<64 - 1), r.uint(1<<64 - 1)}
	switch f.Kind {
	case Request:
		f.Attempt = uint8(r.uint(1<<8 - 1))
		f.Boot = r.uint(1<<64 - 1)
		f.ID = r.id()
		f.Signature = uint32(r.uint(1<<32 - 1))
		f.Budget = int64(r.uint(1<<63 - 1))
		f.Body = r.take(0x40, 1<<32, errBytes)
	case Reply:
		f.Boot = r.uint(1<<64 - 1)
		f.Body = r.take(0x40, 1<<32, errBytes)
	case Failure:
		f.Boot = r.uint(1<<64 - 1)
		if f.Code = Code(r.uint(uint64(maxWireCode))); f.Code == 0 && r.err == nil {
			r.err = errNumber
		}
		f.Body = r.text(MaxErrorBytes)
	}
	return f
}

func (r *reader) id() ID {
	if len(r.rest) > 0 && r.rest[0]>>5 == 3 {
		if name := r.text(MaxNameBytes); len(name) > 0 {
			return ID{Name: string(name)}
		}
		if r.err == nil {
			r.err = errID
		}
		return ID{}
	}
	return ID{Number: uint32(r.uint(1<<32 - 1))}
}

func (r *reader) uint(max uint64) uint64 { return r.head(0x00, max, errNumber) }

func (r *reader) text(max int) []byte {
	text := r.take(0x60, uint64(max), errText)
	if !utf8.Valid(text) && r.err == nil {
		r.err = errText
	}
	return text
}

// take reads a string of a major type.
func (r *reader) take(major byte, max uint64, wrong *FrameError) []byte {
	n := r.head(major, max, wrong)
	if r.err == nil && n > uint64(len(r.rest)) {
		r.err = errShort
	}
	if r.err != nil {
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

// head reads what cborhead.Append writes; wrong is the fault for another major
// type, a longer form than need be, or a number above max.
func (r *reader) head(major byte, max uint64, wrong *FrameError) uint64 {
	if r.err != nil {
		return 0
	}
	if len(r.rest) == 0 {
		r.err = errShort
		return 0
	}
	short := r.rest[0] - major
	if r.rest[0] < major || short > 27 {
		r.err = wrong
		return 0
	}
	if short < 24 {
		r.rest = r.rest[1:]
		if uint64(short) > max {
			r.err = wrong
		}
		return uint64(short)
	}
	size := 1 << (short - 24)
	if len(r.rest) < 1+size {
		r.err = errShort
		return 0
	}
	var n uint64
	for _, c := range r.rest[1 : 1+size] {
		n = n<<8 | uint64(c)
	}
	r.rest = r.rest[1+size:]
	if n < 24 || size > 1 && n>>(4*size) == 0 || n > max {
		r.err = wrong
		return 0
	}
	return n
}
