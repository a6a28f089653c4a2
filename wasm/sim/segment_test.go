package sim

import (
	"bytes"
	"reflect"
	"testing"
)

var segments = []Segment{
	{SourcePort: 49152, DestinationPort: 80, SequenceNumber: 1<<32 - 1, Flags: SYN, Window: 65535},
	{SourcePort: 80, DestinationPort: 49152, SequenceNumber: 7, AcknowledgementNumber: 0, Flags: SYN | ACK, Window: 1 << 28},
	{SourcePort: 1, DestinationPort: 2, SequenceNumber: 3, AcknowledgementNumber: 4, Window: 5, Flags: FIN | ACK, Data: []byte("hello")},
	{Flags: RST},
}

// A packet is exactly one segment or datagram: neither more nor less than its
// length says.
func TestSegmentRoundTrip(t *testing.T) {
	whole := func(what string, b []byte, parse func([]byte) bool) {
		if !parse(b) {
			t.Errorf("%s is not understood: %x", what, b)
		}
		for i := range b {
			if parse(b[:i]) {
				t.Errorf("%s is understood by its first %d bytes", what, i)
			}
		}
		if parse(append(bytes.Clone(b), 0)) {
			t.Errorf("%s is understood with a byte too many", what)
		}
	}
	for _, want := range segments {
		if want.Data == nil {
			want.Data = []byte{}
		}
		b := want.Append(nil)
		if got, ok := ParseSegment(b); !ok || !reflect.DeepEqual(got, want) || len(b) != SegmentHeaderBytes+len(want.Data) {
			t.Errorf("%+v is read as %+v, %v", want, got, ok)
		}
		whole(want.Flags.String(), b, func(b []byte) bool { _, ok := ParseSegment(b); return ok })
		if _, ok := ParseDatagram(b); ok {
			t.Errorf("%+v is read as a datagram", want)
		}
	}
	want := Datagram{SourcePort: 1000, DestinationPort: 53, Data: []byte("who?")}
	b := want.Append(nil)
	if got, ok := ParseDatagram(b); !ok || !reflect.DeepEqual(got, want) || len(b) != DatagramHeaderBytes+4 {
		t.Errorf("%+v is read as %+v, %v", want, got, ok)
	}
	whole("a datagram", b, func(b []byte) bool { _, ok := ParseDatagram(b); return ok })
}

// The bytes of a header, one by one.
func TestSegmentBytes(t *testing.T) {
	g := Segment{SourcePort: 0x0102, DestinationPort: 0x0304, SequenceNumber: 0x05060708, AcknowledgementNumber: 0x090a0b0c, Window: 0x0d0e0f10,
		Flags: ACK | FIN, Data: []byte{0xaa}}
	if got := g.Append(nil); !bytes.Equal(got, []byte{6, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 1, 0xaa}) {
		t.Errorf("% x", got)
	}
	d := Datagram{SourcePort: 0x0102, DestinationPort: 0x0304, Data: []byte{0xaa}}
	if got := d.Append(nil); !bytes.Equal(got, []byte{17, 0, 1, 2, 3, 4, 0, 9, 0xaa}) {
		t.Errorf("% x", got)
	}
	if got := (SYN | ACK).String() + "," + (FIN | RST).String() + "," + Flags(0).String(); got != "SYN ACK,FIN RST," {
		t.Errorf("flags are named %q", got)
	}
}

func FuzzSegment(f *testing.F) {
	for _, g := range segments {
		f.Add(g.Append(nil))
	}
	d := Datagram{SourcePort: 1, Data: []byte("x")}
	f.Add(d.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if g, ok := ParseSegment(b); ok && !bytes.Equal(g.Append(nil), b) {
			t.Errorf("% x is read as %+v", b, g)
		}
		if d, ok := ParseDatagram(b); ok && !bytes.Equal(d.Append(nil), b) {
			t.Errorf("% x is read as %+v", b, d)
		}
	})
}
