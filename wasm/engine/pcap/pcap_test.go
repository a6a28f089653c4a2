package pcap

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"grapevine/wasm/sim"
)

// talker sends a datagram, bytes of its own, and "hello" on a stream; the
// other member sends back what it gets.
type talker struct{ sim.Idle }

func (*talker) Start(h *sim.Host) {
	if h.Member() == 1 {
		h.Listen(80)
		return
	}
	h.SendTo(1, 40000, 40001, 0, []byte("odd"))
	h.Ctx().Send(1, 7, []byte("neither one nor the other"))
	h.Dial(1, 80).Write(0, []byte("hello"))
}

func (*talker) Data(h *sim.Host, s *sim.Stream) {
	b := s.Read(1 << 16)
	if h.Member() == 1 {
		s.Write(0, b)
	}
	s.CloseWrite()
}

// capture plays the two talkers, and returns the file and how many were sent.
func capture(t *testing.T) (file []byte, sent uint64) {
	t.Helper()
	n := sim.New(1)
	role := n.AddRole("talker", 2, sim.NewHosts(2, func(int) *talker { return &talker{} }))
	n.Connect(role, role, sim.Link{Delay: 1500})
	var out bytes.Buffer
	w := Record(n, &out)
	for n.Advance(sim.Forever, 1000) == sim.Budget {
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), n.Journal.Count(sim.KindSend)
}

// blocks takes a file apart; each block must have its length at both ends.
func blocks(t *testing.T, file []byte) (kinds []uint32, bodies [][]byte) {
	t.Helper()
	for len(file) > 0 {
		if len(file) < 12 {
			t.Fatalf("%d bytes are left over", len(file))
		}
		size := binary.LittleEndian.Uint32(file[4:])
		if size%4 != 0 || size < 12 || int(size) > len(file) || binary.LittleEndian.Uint32(file[size-4:]) != size {
			t.Fatalf("a block says that it has %d bytes, of %d", size, len(file))
		}
		kinds = append(kinds, binary.LittleEndian.Uint32(file))
		bodies = append(bodies, file[8:size-4])
		file = file[size:]
	}
	return kinds, bodies
}

// Every packet is there, at its time, with checksums that come out right.
func TestFrames(t *testing.T) {
	file, sent := capture(t)
	kinds, bodies := blocks(t, file)
	if !slices.Equal(kinds[:3], []uint32{sectionHeader, interfaceBlock, nameBlock}) || uint64(len(kinds)-3) != sent {
		t.Fatalf("the blocks are %x, expected %d packets after three", kinds, sent)
	}
	if !bytes.Contains(bodies[2], []byte("talker/1\x00")) {
		t.Errorf("the names are %q", bodies[2])
	}
	last := uint64(0)
	for _, body := range bodies[3:] {
		at := uint64(binary.LittleEndian.Uint32(body[4:]))<<32 | uint64(binary.LittleEndian.Uint32(body[8:]))
		frame := body[20:][:binary.LittleEndian.Uint32(body[12:])]
		if at < last {
			t.Errorf("a packet at %d µs after one at %d", at, last)
		}
		last = at
		ip := frame[14:]
		if int(binary.BigEndian.Uint16(ip[2:])) != len(ip) || fold(add(0, ip[:20])) != 0xFFFF {
			t.Errorf("IP header % x of %d bytes", ip[:20], len(ip))
		}
		sum := add(uint32(ip[9])+uint32(len(ip)-20), ip[12:20])
		if fold(add(sum, ip[20:])) != 0xFFFF {
			t.Errorf("the checksum of % x is wrong", ip[20:])
		}
	}
}
