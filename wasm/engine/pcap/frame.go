package pcap

import (
	"encoding/binary"

	"grapevine/wasm/sim"
)

const (
	ipBytes  = 20
	udpBytes = 8
	// windowShift is announced in every SYN (RFC 7323): our windows may have
	// 16 MiB, TCP's own field ends at 64 KiB.
	windowShift = 8
	// kindPort is the port of the packets of kind 0 that name none.
	kindPort = 1024
)

// address is a node's in 10.0.0.0/8; there is room for 16 million.
func address(node sim.NodeID) uint32 { return 10<<24 | (uint32(node)+1)&0xFFFFFF }

// appendFrame appends a packet as an Ethernet frame.
func appendFrame(b []byte, e *sim.Event, payload []byte) []byte {
	from, to := address(e.Node), address(e.Peer)
	for _, end := range [2]uint32{to, from} {
		b = append(b, 2, 0) // addresses that somebody made up
		b = binary.BigEndian.AppendUint32(b, end)
	}
	b = append(b, 0x08, 0x00) // IPv4
	ip := len(b)
	b = append(b, 0x45, 0, 0, 0, byte(e.ID>>8), byte(e.ID), 0x40, 0, 64, 0, 0, 0) // not to be fragmented, 64 hops
	b = binary.BigEndian.AppendUint32(b, from)
	b = binary.BigEndian.AppendUint32(b, to)
	body := len(b)
	if g, ok := sim.ParseSegment(payload); ok {
		b[ip+9] = sim.ProtocolStream
		b = appendTCP(b, &g)
		sumInto(b[body:], 16, sim.ProtocolStream, from, to)
	} else {
		d, ok := sim.ParseDatagram(payload)
		if !ok {
			d = sim.Datagram{SourcePort: kindPort + e.Code, DestinationPort: kindPort + e.Code, Data: payload}
		}
		b[ip+9] = sim.ProtocolDatagram
		b = binary.BigEndian.AppendUint16(b, d.SourcePort)
		b = binary.BigEndian.AppendUint16(b, d.DestinationPort)
		b = binary.BigEndian.AppendUint16(b, uint16(udpBytes+len(d.Data)))
		b = append(b, 0, 0)
		b = append(b, d.Data...)
		sumInto(b[body:], 6, sim.ProtocolDatagram, from, to)
	}
	binary.BigEndian.PutUint16(b[ip+2:], uint16(len(b)-ip))
	binary.BigEndian.PutUint16(b[ip+10:], ^fold(add(0, b[ip:body])))
	return b
}

func appendTCP(b []byte, g *sim.Segment) []byte {
	window, words := g.Window>>windowShift, byte(5)
	if g.Flags.Has(sim.SYN) {
		window, words = g.Window, 6 // not shifted yet
	}
	b = binary.BigEndian.AppendUint16(b, g.SourcePort)
	b = binary.BigEndian.AppendUint16(b, g.DestinationPort)
	b = binary.BigEndian.AppendUint32(b, g.SequenceNumber)
	b = binary.BigEndian.AppendUint32(b, g.AcknowledgementNumber)
	b = append(b, words<<4, byte(g.Flags))
	b = binary.BigEndian.AppendUint16(b, uint16(min(window, 1<<16-1)))
	b = append(b, 0, 0, 0, 0)
	if words == 6 {
		b = append(b, 3, 3, windowShift, 0)
	}
	return append(b, g.Data...)
}

// sumInto writes the checksum of a transport's packet at an offset in it,
// over the packet and the pseudo header (RFC 9293 section 3.1, RFC 768).
func sumInto(packet []byte, at int, protocol byte, from, to uint32) {
	sum := from>>16 + from&0xFFFF + to>>16 + to&0xFFFF + uint32(protocol) + uint32(len(packet))
	folded := ^fold(add(sum, packet))
	if folded == 0 {
		folded = 0xFFFF // UDP's 0 says that there is none
	}
	binary.BigEndian.PutUint16(packet[at:], folded)
}

// add adds 16-bit words (RFC 1071).
func add(sum uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

func fold(sum uint32) uint16 {
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return uint16(sum)
}
