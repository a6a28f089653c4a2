package tshark

import (
	"bytes"
	"encoding/hex"
	"encoding/xml"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// node is a part of a packet as tshark shows it in PDML.
type node struct {
	Name  string `xml:"name,attr"`
	Show  string `xml:"show,attr"`     // the value
	Text  string `xml:"showname,attr"` // the line with the value in words
	Hide  string `xml:"hide,attr"`
	Pos   int    `xml:"pos,attr"`
	Size  int    `xml:"size,attr"`
	Parts []node `xml:",any"`
}

// each visits all parts, and the parts of parts.
func (n *node) each(visit func(*node)) {
	for i := range n.Parts {
		visit(&n.Parts[i])
		n.Parts[i].each(visit)
	}
}

// find returns what tshark shows of the first part of that name.
func (n *node) find(name string) (show string) {
	found := false
	n.each(func(p *node) {
		if p.Name == name && !found {
			show, found = p.Show, true
		}
	})
	return show
}

// bytes are those that tshark shows.
func (n *node) bytes() []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(n.Show, ":", ""))
	if err != nil {
		panic(n.Name + " is " + n.Show)
	}
	return b
}

// message is one of Kafka's as tshark reads it.
type message struct {
	node
	frame      string // the number of the packet in which it ends
	stream     int
	byClient   bool
	complaints []string
}

// conversation is the bytes of one connection.
type conversation struct{ requests, responses []byte }

// conversations are numbered as tshark numbers connections.
type conversations map[int]*conversation

// read has tshark read a capture of Kafka. It fails if a checksum is wrong.
func read(t *testing.T, file string) (messages []message, said conversations) {
	t.Helper()
	tshark := exec.Command("tshark", "-r", file, "-d", "tcp.port=="+strconv.Itoa(kafkaPort)+",kafka", "-o", "tcp.check_checksum:TRUE",
		"-Y", "tcp.len>0", "-T", "pdml", "-J", "frame tcp kafka")
	var complaints strings.Builder
	tshark.Stderr = &complaints
	out, err := tshark.Output()
	if err != nil {
		t.Fatalf("%v: %v (on Debian ./build.sh test installs tshark)\n%s", tshark.Args, err, &complaints)
	}
	said = conversations{}
	d := xml.NewDecoder(bytes.NewReader(out))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return messages, said
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "packet" {
			continue
		}
		var packet node
		if err := d.DecodeElement(&packet, &start); err != nil {
			t.Fatal(err)
		}
		m := message{frame: packet.find("frame.number"), byClient: packet.find("tcp.dstport") == strconv.Itoa(kafkaPort)}
		m.stream, _ = strconv.Atoi(packet.find("tcp.stream"))
		for _, p := range packet.Parts {
			switch p.Name {
			case "tcp":
				said.add(t, &m, &p)
			case "kafka":
				m.node, m.complaints = p, nil
				p.each(func(n *node) {
					if n.Name == "_ws.expert.message" {
						m.complaints = append(m.complaints, n.Show)
					}
				})
				messages = append(messages, m)
			case "_ws.malformed":
				last := &messages[len(messages)-1]
				last.complaints = append(last.complaints, "Malformed Packet")
			}
		}
	}
}

// add puts a segment behind those before it. The capture has every segment as
// it is sent: none is missing, some are there again.
func (c conversations) add(t *testing.T, m *message, tcp *node) {
	t.Helper()
	if tcp.find("tcp.checksum.status") != "1" {
		t.Errorf("frame %s: tshark finds the checksum wrong", m.frame)
	}
	if c[m.stream] == nil {
		c[m.stream] = &conversation{}
	}
	side := &c[m.stream].responses
	if m.byClient {
		side = &c[m.stream].requests
	}
	tcp.each(func(n *node) {
		switch n.Name {
		case "tcp.analysis.lost_segment", "tcp.analysis.ack_lost_segment":
			t.Errorf("frame %s: tshark finds that a segment before it is missing", m.frame)
		case "tcp.payload":
			b := n.bytes()
			first, _ := strconv.Atoi(tcp.find("tcp.seq")) // counted from 1
			again := 1 + len(*side) - first
			if again < 0 {
				t.Fatalf("frame %s: the %d bytes before it are missing", m.frame, -again)
			}
			*side = append(*side, b[min(again, len(b)):]...)
		}
	})
}
