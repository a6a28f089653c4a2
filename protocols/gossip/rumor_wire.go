package gossip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"grapevine/protocols/cborhead"
	"grapevine/protocols/field"
)

// Messages of the one-update epidemics
//
// Behaviour: each message is one CBOR array (RFC 8949) in preferred, definite
// form, alone in its packet:
//
//	message  = push / pull / reply / feedback / knock / answer
//	push     = [0, hops, news]      ; here is news
//	pull     = [1]                  ; any news?
//	reply    = [2, hops, news]      ; news, because you asked
//	feedback = [3, needed]          ; did your news tell me anything?
//	knock    = [4]                  ; with a connection limit: may I come in?
//	answer   = [5, open]            ; yes, or no: I have as many callers as I can take
//	hops     = 0..65535             ; how many sites passed it on before the sender
//	news     = tstr .size (0..64)
//	needed   = bool
//	open     = bool
//
// Versions: there is one.
//
// Not done: indefinite lengths, longer forms of a number than it needs, tags;
// the decoder refuses them, so that equal messages are equal bytes.
//
// A million sites send these, so they are written and read by hand and make
// no garbage; the tests hold them to what the CBOR library writes.

// RumorType is the first element of a message.
type RumorType uint8

// The types.
const (
	RumorPush RumorType = iota
	RumorPull
	RumorReply
	RumorFeedback
	RumorKnock
	RumorAnswer
	rumorTypes
)

// String names the type in lower case.
func (t RumorType) String() string {
	return [...]string{"push", "pull", "reply", "feedback", "knock", "answer"}[t]
}

// MaxNewsBytes is the longest text of a rumour.
const MaxNewsBytes = 64

const maxHops = 1<<16 - 1

// rumorMessage is any of the messages; what its type has no use for is zero.
type rumorMessage struct {
	typ  RumorType
	hops uint16
	yes  bool   // feedback: needed; answer: open
	news []byte // within the message
}

// appendRumor writes m behind b.
func appendRumor(b []byte, m rumorMessage) []byte {
	switch m.typ {
	case RumorPush, RumorReply:
		b = append(b, 0x83, byte(m.typ))
		b = cborhead.Append(b, 0x00, uint64(m.hops))
		b = cborhead.Append(b, 0x60, uint64(len(m.news)))
		return append(b, m.news...)
	case RumorFeedback, RumorAnswer:
		b = append(b, 0x82, byte(m.typ), 0xf4)
		if m.yes {
			b[len(b)-1] = 0xf5
		}
		return b
	}
	return append(b, 0x81, byte(m.typ))
}

// RumorError says what is wrong with a message from a peer. The specification
// gives no answer to one: it is dropped.
type RumorError struct{ err error }

func (e *RumorError) Error() string { return "gossip: a rumour's message: " + e.err.Error() }

// Faults are made once: a hostile flood must not make garbage either.
var (
	errShort    = &RumorError{errors.New("it ends early; expected [0, hops, news], [1], [2, hops, news], [3, needed], [4] or [5, open]")}
	errLong     = &RumorError{errors.New("bytes follow the message; expected one message in a packet")}
	errArray    = &RumorError{errors.New("it is not an array of 1 to 3 elements")}
	errType     = &RumorError{errors.New("its type is unknown or does not go with its length; expected 0 to 5")}
	errNumber   = &RumorError{errors.New("a number is not in its shortest form or above 65535")}
	errText     = &RumorError{fmt.Errorf("the news is no UTF-8 text, or one of more than %d bytes", MaxNewsBytes)}
	errOther    = &RumorError{errors.New("its news is not the one that is abroad")}
	errNotABool = &RumorError{errors.New("needed or open is neither true nor false")}
)

// elements is how many each type has.
var elements = [rumorTypes]byte{RumorPush: 3, RumorPull: 1, RumorReply: 3, RumorFeedback: 2, RumorKnock: 1, RumorAnswer: 2}

// readRumor reads one message; it must fill the packet. m.news stays within b.
func readRumor(b []byte) (m rumorMessage, err *RumorError) {
	if len(b) < 2 {
		return m, errShort
	}
	if b[0] < 0x81 || b[0] > 0x83 {
		return m, errArray
	}
	m.typ = RumorType(b[1])
	if m.typ >= rumorTypes || elements[m.typ] != b[0]-0x80 {
		return m, errType
	}
	rest := b[2:]
	switch m.typ {
	case RumorPush, RumorReply:
		var n uint16
		if m.hops, rest, err = readHead(rest, 0x00, errNumber); err != nil {
			return m, err
		}
		if n, rest, err = readHead(rest, 0x60, errText); err != nil {
			return m, err
		}
		if n > MaxNewsBytes {
			return m, errText
		}
		if len(rest) < int(n) {
			return m, errShort
		}
		if m.news, rest = rest[:n], rest[n:]; !utf8.Valid(m.news) {
			return m, errText
		}
	case RumorFeedback, RumorAnswer:
		if len(rest) == 0 {
			return m, errShort
		}
		if rest[0] != 0xf4 && rest[0] != 0xf5 {
			return m, errNotABool
		}
		m.yes, rest = rest[0] == 0xf5, rest[1:]
	}
	if len(rest) > 0 {
		return m, errLong
	}
	return m, nil
}

// readHead reads what cborhead.Append writes and returns what follows; wrong is
// the error for another major type or a longer form.
func readHead(b []byte, major byte, wrong *RumorError) (uint16, []byte, *RumorError) {
	if len(b) == 0 {
		return 0, nil, errShort
	}
	switch short := b[0] - major; {
	case b[0] < major || short > 25:
		return 0, nil, wrong
	case short < 24:
		return uint16(short), b[1:], nil
	case short == 24 && len(b) >= 2:
		if b[1] < 24 {
			return 0, nil, wrong
		}
		return uint16(b[1]), b[2:], nil
	case short == 25 && len(b) >= 3:
		n := binary.BigEndian.Uint16(b[1:])
		if n < 1<<8 {
			return 0, nil, wrong
		}
		return n, b[3:], nil
	}
	return 0, nil, errShort
}

// DissectRumor names every byte of a message. Bytes that are no message come
// out as one field that says so.
func DissectRumor(b []byte) field.Field {
	m, err := readRumor(b)
	if err != nil {
		return field.Field{Name: "not a rumour's message", Value: err.err.Error(), Length: len(b)}
	}
	out := field.Field{Name: m.typ.String(), Length: len(b)}
	add := func(name, value string, length int) {
		at := 0
		if len(out.Children) > 0 {
			last := out.Children[len(out.Children)-1]
			at = last.Offset + last.Length
		}
		out.Children = append(out.Children, field.Field{Name: name, Value: value, Offset: at, Length: length})
	}
	add("array", strconv.Itoa(int(b[0]-0x80))+" elements", 1)
	add("type", fmt.Sprintf("%d (%v)", m.typ, m.typ), 1)
	switch m.typ {
	case RumorPush, RumorReply:
		textHead := len(cborhead.Append(nil, 0x60, uint64(len(m.news))))
		add("hops", strconv.Itoa(int(m.hops)), len(b)-2-textHead-len(m.news))
		add("news' length", strconv.Itoa(len(m.news))+" bytes", textHead)
		if len(m.news) > 0 {
			add("news", strconv.Quote(string(m.news)), len(m.news))
		}
	case RumorFeedback:
		add("needed", strconv.FormatBool(m.yes), 1)
	case RumorAnswer:
		add("open", strconv.FormatBool(m.yes), 1)
	}
	return out
}
