package http2

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http2/hpack"
	"grapevine/protocols/field"
)

// A header block may be spread over frames, and a field of it too. So a block
// is collected with the place of each fragment, decoded when it is whole, and
// its fields are put back into the frames they lie in.

// fragment is a piece of a header block: stream[from:to], in the frame
// top[frame], before the frame's part number part.
type fragment struct {
	from, to, frame, part int
}

// blocks decodes header blocks for people.
type blocks struct {
	decoder     *hpack.Decoder
	emitted     []HeaderField
	broken      bool // a block could not be decoded: nor can those behind it
	fragments   []fragment
	blockStream uint32
}

// maxDissectTableBytes bounds the compression table. The other direction's
// SETTINGS, which we do not see, say how large it may really be.
const maxDissectTableBytes = 1 << 16

func (d *dissector) fragment(stream uint32, from, to, frame, part int) {
	d.blockStream = stream
	d.fragments = append(d.fragments, fragment{from, to, frame, part})
}

// endBlock decodes the block that was collected, if any.
func (d *dissector) endBlock() {
	fragments := d.fragments
	d.fragments, d.blockStream = nil, 0
	if len(fragments) == 0 {
		return
	}
	if d.decoder == nil {
		d.decoder = hpack.NewDecoder(4096, func(f HeaderField) { d.emitted = append(d.emitted, f) })
		d.decoder.SetAllowedMaxDynamicTableSize(maxDissectTableBytes)
	}
	var block []byte
	for _, f := range fragments {
		block = append(block, d.stream[f.from:f.to]...)
	}
	leaves := make([][]field.Field, len(fragments))
	for at := 0; at < len(block); {
		name, value, n := d.representation(block[at:])
		place(leaves, fragments, at, at+n, name, value)
		at += n
	}
	d.decoder.Close()
	for i, f := range fragments {
		if len(leaves[i]) > 0 {
			to := &d.top[f.frame].Children
			*to = slices.Insert(*to, f.part, leaves[i]...)
		}
	}
}

// place makes the leaves of block[from:to]: one, unless fragments end within it.
func place(leaves [][]field.Field, fragments []fragment, from, to int, name, value string) {
	begin := 0 // of the fragment, in the block
	for i, f := range fragments {
		end := begin + f.to - f.from
		if lo, hi := max(from, begin), min(to, end); lo < hi {
			leaves[i] = append(leaves[i], field.Field{Name: name, Value: value, Offset: f.from + lo - begin, Length: hi - lo})
			value = "(continued)"
		}
		begin = end
	}
}

// representation reads what is in front of b: a field or a size update (RFC
// 7541 section 6), and how many bytes it has.
func (d *dissector) representation(b []byte) (name, value string, n int) {
	r := measure(b)
	if d.broken {
		return "header block fragment", "not decoded, because an earlier block could not be", len(b)
	}
	if r.bytes == 0 {
		d.broken = true
		return "header block fragment", "cut off", len(b)
	}
	d.emitted = d.emitted[:0]
	if _, err := d.decoder.Write(b[:r.bytes]); err != nil {
		d.broken = true
		return "header block fragment", err.Error(), len(b)
	}
	if len(d.emitted) == 0 {
		return "dynamic table size", fmt.Sprint(r.index), r.bytes
	}
	return shorten(d.emitted[0].Name), shorten(d.emitted[0].Value) + r.how(), r.bytes
}

// maxShownBytes of a name or value are shown: a byte can stand for 64 KiB.
const maxShownBytes = 120

// shorten makes text of what may be any bytes.
func shorten(s string) string {
	if len(s) > maxShownBytes {
		s = s[:maxShownBytes] + "..."
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// measured is the shape of a representation.
type measured struct {
	bytes   int // 0: it is cut off
	first   byte
	index   uint64
	huffman bool
}

// how says how a field travels.
func (m measured) how() string {
	s := " (literal"
	switch {
	case m.first&0x80 != 0:
		return fmt.Sprintf(" (index %d)", m.index)
	case m.first&0xc0 == 0x40:
		s += ", gets an index"
	case m.first&0xf0 == 0x10:
		s += ", never indexed"
	}
	if m.index != 0 {
		s += fmt.Sprintf(", name by index %d", m.index)
	}
	if m.huffman {
		s += ", Huffman"
	}
	return s + ")"
}

func measure(b []byte) (m measured) {
	m.first = b[0]
	prefix := 4
	switch {
	case m.first&0x80 != 0:
		prefix = 7
	case m.first&0x40 != 0:
		prefix = 6
	case m.first&0x20 != 0:
		prefix = 5
	}
	index, n := readInteger(b, prefix)
	m.index = index
	if m.first&0xc0 == 0 && m.first&0x20 != 0 || m.first&0x80 != 0 || n == 0 {
		m.bytes = n
		return m
	}
	texts := 1
	if index == 0 {
		texts = 2
	}
	for range texts {
		if n == len(b) {
			return m
		}
		length, lengthBytes := readInteger(b[n:], 7)
		if lengthBytes == 0 || length > uint64(len(b)-n-lengthBytes) {
			return m
		}
		m.huffman = m.huffman || b[n]&0x80 != 0
		n += lengthBytes + int(length)
	}
	m.bytes = n
	return m
}

// readInteger reads RFC 7541 section 5.1's integer with so many bits in its
// first byte; 0 bytes when it is cut off or has no end in sight.
func readInteger(b []byte, prefix int) (v uint64, n int) {
	most := uint64(1)<<prefix - 1
	if v = uint64(b[0]) & most; v < most {
		return v, 1
	}
	for shift := 0; shift < 56; shift += 7 {
		n++
		if n == len(b) {
			return 0, 0
		}
		v += uint64(b[n]&0x7f) << shift
		if b[n]&0x80 == 0 {
			return v, n + 1
		}
	}
	return 0, 0
}
