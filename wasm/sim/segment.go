package sim

import "encoding/binary"

// The first byte of every packet between hosts says what follows: the numbers
// are those of the protocol field of an IP header (RFC 790).
const (
	ProtocolStream   = 6
	ProtocolDatagram = 17
)

// Bytes of the two headers. Numbers in them are big-endian.
//
//	segment:  protocol 1, flags 1, source port 2, destination port 2, sequence number 4,
//	          acknowledgement number 4, window 4, length 2, data
//	datagram: zero 1 and protocol 1 as in the pseudo header of RFC 768 (with the
//	          protocol first), source port 2, destination port 2, length 2, data
//
// Addresses are the packet's own From and receiver. There is no checksum,
// because this network loses bytes but never changes them.
const (
	SegmentHeaderBytes  = 20
	DatagramHeaderBytes = 8
)

// MaxDatagramBytes is the most that one datagram carries.
const MaxDatagramBytes = MaxPacketBytes - DatagramHeaderBytes

// Flags are a segment's control bits, as in RFC 9293 section 3.1.
type Flags uint8

// The control bits. What is not here (PSH, URG, ECE, CWR) is not used and must be 0.
const (
	FIN Flags = 1 << 0 // no more data from sender
	SYN Flags = 1 << 1 // synchronize sequence numbers
	RST Flags = 1 << 2 // reset the connection
	ACK Flags = 1 << 4 // the acknowledgement number counts
)

// Has reports whether all the given bits are set.
func (f Flags) Has(bits Flags) bool { return f&bits == bits }

// String names the bits that are set: "SYN ACK".
func (f Flags) String() string {
	text := ""
	for _, bit := range [...]struct {
		flag Flags
		name string
	}{{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {ACK, "ACK"}} {
		if !f.Has(bit.flag) {
			continue
		}
		if text != "" {
			text += " "
		}
		text += bit.name
	}
	return text
}

// Segment is one packet of a stream. Its fields are named as in RFC 9293.
type Segment struct {
	SourcePort            uint16
	DestinationPort       uint16
	SequenceNumber        uint32 // of the first byte of Data, or of the SYN
	AcknowledgementNumber uint32 // the next byte expected, if Flags has ACK
	// Window is how many bytes beyond AcknowledgementNumber the sender is
	// willing to take: 32 bits, so that no scaling is needed.
	Window uint32
	Flags  Flags
	Data   []byte
}

// Append appends the segment's bytes to b. Data must fit into a packet.
func (g *Segment) Append(b []byte) []byte {
	b = append(b, ProtocolStream, byte(g.Flags))
	b = binary.BigEndian.AppendUint16(b, g.SourcePort)
	b = binary.BigEndian.AppendUint16(b, g.DestinationPort)
	b = binary.BigEndian.AppendUint32(b, g.SequenceNumber)
	b = binary.BigEndian.AppendUint32(b, g.AcknowledgementNumber)
	b = binary.BigEndian.AppendUint32(b, g.Window)
	b = binary.BigEndian.AppendUint16(b, uint16(len(g.Data)))
	return append(b, g.Data...)
}

// ParseSegment reads a packet that is exactly one segment; Data is part of
// payload. It reports false for anything else.
func ParseSegment(payload []byte) (Segment, bool) {
	if len(payload) < SegmentHeaderBytes || payload[0] != ProtocolStream {
		return Segment{}, false
	}
	g := Segment{
		Flags:                 Flags(payload[1]),
		SourcePort:            binary.BigEndian.Uint16(payload[2:]),
		DestinationPort:       binary.BigEndian.Uint16(payload[4:]),
		SequenceNumber:        binary.BigEndian.Uint32(payload[6:]),
		AcknowledgementNumber: binary.BigEndian.Uint32(payload[10:]),
		Window:                binary.BigEndian.Uint32(payload[14:]),
		Data:                  payload[SegmentHeaderBytes:],
	}
	ok := g.Flags&^(FIN|SYN|RST|ACK) == 0 && int(binary.BigEndian.Uint16(payload[18:])) == len(g.Data)
	return g, ok
}

// Datagram is one packet that stands for itself: it may be lost, doubled or
// overtaken. Its fields are named as in RFC 768.
type Datagram struct {
	SourcePort      uint16
	DestinationPort uint16
	Data            []byte
}

// Append appends the datagram's bytes to b. Data must have at most
// MaxDatagramBytes.
func (d *Datagram) Append(b []byte) []byte {
	b = append(b, ProtocolDatagram, 0)
	b = binary.BigEndian.AppendUint16(b, d.SourcePort)
	b = binary.BigEndian.AppendUint16(b, d.DestinationPort)
	// As in RFC 768, the length counts the header too.
	b = binary.BigEndian.AppendUint16(b, uint16(DatagramHeaderBytes+len(d.Data)))
	return append(b, d.Data...)
}

// ParseDatagram reads a packet that is exactly one datagram; Data is part of
// payload. It reports false for anything else.
func ParseDatagram(payload []byte) (Datagram, bool) {
	if len(payload) < DatagramHeaderBytes || payload[0] != ProtocolDatagram {
		return Datagram{}, false
	}
	d := Datagram{
		SourcePort:      binary.BigEndian.Uint16(payload[2:]),
		DestinationPort: binary.BigEndian.Uint16(payload[4:]),
		Data:            payload[DatagramHeaderBytes:],
	}
	ok := payload[1] == 0 && int(binary.BigEndian.Uint16(payload[6:])) == len(payload)
	return d, ok
}
