package http2

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"grapevine/protocols/field"
)

// Dissect shows one direction of a connection from its first byte on: the
// client's preface, if it begins with it, and the frames, header blocks
// decoded. What is cut off at the end is shown as far as it came. It takes any
// bytes, and every one is in exactly one leaf.
func Dissect(stream []byte) []field.Field {
	d := dissector{stream: stream}
	if n := matching(stream, preface); n > 0 {
		d.add(&d.top, "preface", "PRI * HTTP/2.0", n)
	}
	for d.at < len(stream) {
		d.frame()
	}
	d.endBlock()
	return d.top
}

// matching is how much of what begins like want is there.
func matching(b []byte, want string) int {
	n := min(len(b), len(want))
	if string(b[:n]) != want[:n] {
		return 0
	}
	return n
}

// dissector walks along the bytes; at is where it is.
type dissector struct {
	stream []byte
	at     int
	top    []field.Field
	blocks
}

// add makes a leaf of the next n bytes, or what there is of them.
func (d *dissector) add(to *[]field.Field, name, value string, n int) {
	n = min(n, len(d.stream)-d.at)
	if n <= 0 {
		return
	}
	*to = append(*to, field.Field{Name: name, Value: value, Offset: d.at, Length: n})
	d.at += n
}

// number makes a leaf of a number of n bytes, if it is there up to limit; what
// is there of it otherwise.
func (d *dissector) number(to *[]field.Field, name string, n, limit int, show func(uint32) string) {
	if limit-d.at < n {
		d.add(to, name, "cut off", limit-d.at)
		return
	}
	var v uint32
	for _, b := range d.stream[d.at : d.at+n] {
		v = v<<8 | uint32(b)
	}
	d.add(to, name, show(v), n)
}

func decimal(v uint32) string { return strconv.FormatUint(uint64(v), 10) }

func (d *dissector) frame() {
	start, rest := d.at, d.stream[d.at:]
	if len(rest) < frameHeaderBytes {
		d.add(&d.top, "frame", "cut off", len(rest))
		return
	}
	f, n := readFrameHeader(rest)
	var parts []field.Field
	d.add(&parts, "length", strconv.Itoa(n), 3)
	d.add(&parts, "type", f.kind.String(), 1)
	d.add(&parts, "flags", flagText(&f), 1)
	d.add(&parts, "stream", decimal(f.stream), 4)
	end := min(d.at+n, len(d.stream))
	value := ""
	if f.stream != 0 {
		value = "stream " + decimal(f.stream)
	}
	if d.at+n > end {
		value += fmt.Sprintf(" (%d of %d bytes)", end-d.at, n)
	}
	if f.kind != frameContinuation || f.stream != d.blockStream {
		d.endBlock()
	}
	d.payload(&parts, &f, end, d.at+n-end)
	d.add(&parts, "rest", "", end-d.at)
	d.top = append(d.top, field.Field{Name: f.kind.String(), Value: value, Offset: start, Length: end - start, Children: parts})
	if f.has(flagEndHeaders) && (f.kind == frameHeaders || f.kind == frameContinuation) && frameHeaderBytes+n <= len(rest) {
		d.endBlock()
	}
}

// payload shows what is in a frame, up to end; missing bytes of it are cut off.
func (d *dissector) payload(parts *[]field.Field, f *frame, end, missing int) {
	pad := 0
	if f.has(flagPadded) && (f.kind == frameData || f.kind == frameHeaders) && d.at < end {
		pad = int(d.stream[d.at])
		d.number(parts, "pad length", 1, end, decimal)
		pad = max(0, min(pad-missing, end-d.at))
	}
	code := func(v uint32) string { return Code(v).String() }
	switch f.kind {
	case frameData:
		d.add(parts, "data", fmt.Sprintf("%d bytes", end-pad-d.at), end-pad-d.at)
	case frameHeaders, frameContinuation:
		if f.kind == frameHeaders && f.has(flagPriority) {
			d.dependency(parts, end-pad)
		}
		d.fragment(f.stream, d.at, max(d.at, end-pad), len(d.top), len(*parts))
		d.at = max(d.at, end-pad)
	case framePriority:
		d.dependency(parts, end)
	case frameReset:
		d.number(parts, "error code", 4, end, code)
	case frameSettings:
		for end-d.at >= 6 {
			id := settingID(binary.BigEndian.Uint16(d.stream[d.at:]))
			value := binary.BigEndian.Uint32(d.stream[d.at+2:])
			d.add(parts, id.String(), decimal(value), 6)
		}
	case framePing:
		d.add(parts, "opaque data", fmt.Sprintf("%x", d.stream[d.at:min(end, d.at+8)]), min(8, end-d.at))
	case frameGoAway:
		d.number(parts, "last stream", 4, end, func(v uint32) string { return decimal(v &^ (1 << 31)) })
		d.number(parts, "error code", 4, end, code)
		d.add(parts, "debug data", quote(string(d.stream[d.at:end])), end-d.at)
	case frameWindowUpdate:
		d.number(parts, "increment", 4, end, func(v uint32) string { return decimal(v &^ (1 << 31)) })
	}
	d.add(parts, "padding", "", pad)
}

func (d *dissector) dependency(parts *[]field.Field, end int) {
	d.number(parts, "depends on", 4, end, func(v uint32) string {
		if v>>31 != 0 {
			return decimal(v&^(1<<31)) + " exclusively"
		}
		return decimal(v)
	})
	d.number(parts, "weight", 1, end, func(v uint32) string { return decimal(v + 1) })
}

// flagText names the flags that a frame of this type can have.
func flagText(f *frame) (s string) {
	name := func(flag byte, name string, kinds ...frameType) {
		for _, k := range kinds {
			if f.kind == k && f.has(flag) {
				if s != "" {
					s += " "
				}
				s += name
			}
		}
	}
	name(flagEndStream, "END_STREAM", frameData, frameHeaders)
	name(flagAck, "ACK", frameSettings, framePing)
	name(flagEndHeaders, "END_HEADERS", frameHeaders, frameContinuation, framePushPromise)
	name(flagPadded, "PADDED", frameData, frameHeaders, framePushPromise)
	name(flagPriority, "PRIORITY", frameHeaders)
	if s == "" {
		return fmt.Sprintf("0x%02x", f.flags)
	}
	return s
}
