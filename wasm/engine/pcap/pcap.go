package pcap

import (
	"bufio"
	"encoding/binary"
	"io"

	"grapevine/wasm/sim"
)

// Writer writes one capture. After the first error it writes no more.
type Writer struct {
	out   *bufio.Writer
	block []byte // the one being written
	err   error
}

// The blocks of pcapng (draft-ietf-opsawg-pcapng), little-endian.
const (
	sectionHeader  = 0x0A0D0D0A
	interfaceBlock = 1
	nameBlock      = 4
	packetBlock    = 6

	byteOrderMagic = 0x1A2B3C4D
	linkEthernet   = 1
	ipv4Name       = 1 // a record of a name block
)

// Record writes to out what net sends from now on, until Flush. It keeps the
// whole of net's journal.
func Record(net *sim.Network, out io.Writer) *Writer {
	w := &Writer{out: bufio.NewWriter(out)}
	w.begin(sectionHeader)
	w.block = binary.LittleEndian.AppendUint32(w.block, byteOrderMagic)
	w.block = append(w.block, 1, 0, 0, 0)                           // version 1.0
	w.block = binary.LittleEndian.AppendUint64(w.block, ^uint64(0)) // length not known
	w.end()
	w.begin(interfaceBlock)
	w.block = append(w.block, linkEthernet, 0, 0, 0, 0, 0, 0, 0) // packets of any length; time in microseconds
	w.end()
	w.names(net)
	net.Journal.Keep(sim.All)
	before := net.Journal.OnEvent
	net.Journal.OnEvent = func(e *sim.Event) {
		if before != nil {
			before(e)
		}
		if e.Kind == sim.KindSend {
			payload, _ := net.Journal.Payload(e.ID)
			w.packet(e, payload)
		}
	}
	return w
}

// maxNames bounds the names that the file tells.
const maxNames = 10_000

func (w *Writer) names(net *sim.Network) {
	w.begin(nameBlock)
	for node := range sim.NodeID(min(net.Nodes(), maxNames)) {
		name := net.Name(node)
		w.block = binary.LittleEndian.AppendUint16(w.block, ipv4Name)
		w.block = binary.LittleEndian.AppendUint16(w.block, uint16(4+len(name)+1))
		w.block = binary.BigEndian.AppendUint32(w.block, address(node))
		w.block = append(w.block, name...)
		w.block = append(w.block, 0)
		w.pad()
	}
	w.block = append(w.block, 0, 0, 0, 0) // no more
	w.end()
}

func (w *Writer) packet(e *sim.Event, payload []byte) {
	w.begin(packetBlock)
	w.block = append(w.block, 0, 0, 0, 0) // the only interface
	w.block = binary.LittleEndian.AppendUint32(w.block, uint32(uint64(e.At)>>32))
	w.block = binary.LittleEndian.AppendUint32(w.block, uint32(e.At))
	sizes := len(w.block)
	w.block = append(w.block, 0, 0, 0, 0, 0, 0, 0, 0)
	frame := len(w.block)
	w.block = appendFrame(w.block, e, payload)
	size := uint32(len(w.block) - frame)
	binary.LittleEndian.PutUint32(w.block[sizes:], size)
	binary.LittleEndian.PutUint32(w.block[sizes+4:], size)
	w.end()
}

// begin begins a block: its type, and room for its length.
func (w *Writer) begin(kind uint32) {
	w.block = binary.LittleEndian.AppendUint32(w.block[:0], kind)
	w.block = append(w.block, 0, 0, 0, 0)
}

func (w *Writer) pad() {
	for len(w.block)%4 != 0 {
		w.block = append(w.block, 0)
	}
}

func (w *Writer) end() {
	w.pad()
	size := uint32(len(w.block) + 4)
	binary.LittleEndian.PutUint32(w.block[4:], size)
	w.block = binary.LittleEndian.AppendUint32(w.block, size)
	if w.err == nil {
		_, w.err = w.out.Write(w.block)
	}
}

// Flush writes what is left, and returns the first error there was.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}
