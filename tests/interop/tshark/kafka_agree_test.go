package tshark

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"grapevine/protocols/field"
	"grapevine/protocols/kafka/dissect"
	"grapevine/protocols/kafka/wire"
)

// pair is one message, as tshark and as our dissection read it.
type pair struct {
	message
	ours        field.Field
	api         *wire.API
	version     int16
	correlation int32
	answer      *pair // to a request
	understood  int   // how many bytes tshark can be trusted with
}

func (p *pair) String() string {
	what := "response"
	if p.byClient {
		what = "request"
	}
	return fmt.Sprintf("frame %s, %s v%d %s", p.frame, p.api.Name, p.version, what)
}

// whole reports whether tshark understands all of a message.
func (p *pair) whole() bool { return p.understood == p.ours.Length }

// agree has tshark and our dissection read a capture, and fails where they
// differ. Of a message in a version that tshark does not know, they must agree
// on the header.
func agree(t *testing.T, file string) (pairs []*pair, said conversations) {
	t.Helper()
	type side struct {
		stream   int
		byClient bool
	}
	type question struct {
		stream      int
		correlation int32
	}
	messages, said := read(t, file)
	ours := map[side][]field.Field{}
	for stream, c := range said {
		ours[side{stream, true}] = dissect.Requests(c.requests)
		ours[side{stream, false}] = dissect.Responses(c.responses, dissect.AskedBy(c.requests))
	}
	asked := map[question]*pair{}
	for _, m := range messages {
		s := side{m.stream, m.byClient}
		if len(ours[s]) == 0 {
			t.Fatalf("frame %s: tshark finds a message where we find none", m.frame)
		}
		p := &pair{message: m, ours: ours[s][0]}
		ours[s] = ours[s][1:]
		parts := flat(p.ours)
		p.correlation = int32(integer(find(parts, "correlation_id").value))
		request := asked[question{m.stream, p.correlation}]
		switch {
		case m.byClient:
			p.api, p.version = wire.Find(int16(integer(find(parts, "api_key").value))), int16(integer(find(parts, "api_version").value))
			asked[question{m.stream, p.correlation}] = p
		case request != nil:
			p.api, p.version, request.answer = request.api, request.version, p
		}
		if p.api == nil {
			t.Fatalf("frame %s: this is nobody's: %s", m.frame, m.Text)
		}
		p.limit(t, parts, request)
		p.compare(t, parts)
		pairs = append(pairs, p)
	}
	for s, rest := range ours {
		for _, f := range rest {
			if !strings.Contains(f.Value, " of ") { // the rest was never sent
				t.Errorf("connection %d: tshark does not find our %s, %s", s.stream, f.Name, f.Value)
			}
		}
	}
	return pairs, said
}

// limit says how far tshark understands a message.
func (p *pair) limit(t *testing.T, parts []part, request *pair) {
	header := find(parts, "correlation_id").end
	if p.byClient {
		header = find(parts, "client_id").end
	}
	switch {
	case p.version > tsharkKnows(t).of(p.api.Key):
		p.understood = header
	case !p.byClient && !request.whole() && slices.Contains(p.complaints, "Request missing"):
		p.understood = header // it forgets a request at which it stumbled
	default:
		p.understood = p.ours.Length
		if f := find(parts, p.misread()); f.start > 0 {
			p.understood = f.start
		}
	}
}

// part is a field of ours, by its place in its message.
type part struct {
	name, value string
	start, end  int
	leaf        bool
}

// flat lists a message's fields, each before what is in it. Elements of an
// array go by its name.
func flat(message field.Field) (list []part) {
	var visit func(f *field.Field, name string)
	visit = func(f *field.Field, name string) {
		if !strings.HasPrefix(f.Name, "[") {
			name = f.Name
		}
		start := f.Offset - message.Offset
		list = append(list, part{name, f.Value, start, start + f.Length, len(f.Children) == 0})
		for i := range f.Children {
			visit(&f.Children[i], name)
		}
	}
	visit(&message, "")
	return list
}

// find returns the first part of that name; it starts at -1 if there is none.
func find(parts []part, name string) part {
	if i := slices.IndexFunc(parts, func(p part) bool { return p.name == name }); i >= 0 {
		return parts[i]
	}
	return part{start: -1}
}

// integer reads a number, without the words behind it.
func integer(value string) int64 {
	switch value {
	case "true":
		return 1
	case "false":
		return 0
	}
	end := strings.IndexAny(value, " ,")
	if end < 0 {
		end = len(value)
	}
	n, _ := strconv.ParseInt(value[:end], 10, 64)
	return n
}

// unshown are parts that tshark reads and does not show.
var unshown = []string{"count", "length", "presence", "tagged fields", "headers_count"}

// compare holds each part that tshark shows against ours, and looks for parts
// of ours that tshark does not show.
func (p *pair) compare(t *testing.T, parts []part) {
	t.Helper()
	for _, c := range p.complaints {
		offer := strings.HasPrefix(c, "Unsupported ") || strings.HasPrefix(c, "Unknown ")
		if p.whole() && (p.api.Name != "ApiVersions" || !offer) {
			t.Errorf("%v: tshark complains: %s", p, c)
		}
	}
	c := comparison{t: t, pair: p, parts: parts, seen: make([]bool, len(parts))}
	c.visit(&p.node)
	for i, o := range parts {
		empty := o.value == "none" || o.value == "null"
		if o.leaf && o.end <= p.understood && !c.seen[i] && !empty && !slices.Contains(unshown, o.name) {
			t.Errorf("%v: we find %s=%q, tshark does not", p, o.name, o.value)
		}
	}
}

// comparison goes through a message in tshark's order.
type comparison struct {
	*pair
	t     *testing.T
	parts []part
	seen  []bool // of parts: tshark shows them
	// Of the batch at hand.
	codec             string
	offset, timestamp int64
	unpacked          []string // its records, if it is compressed
}

func (c *comparison) visit(n *node) {
	if n.Show == "Record" && c.codec != "0" {
		c.unpacked = append(c.unpacked, n.keyAndValue()) // they lie in other bytes than the message's
		return
	}
	if n.shown() && n.Pos-c.Pos+n.Size <= c.understood {
		c.shown(n)
	}
	if n.Name == "kafka.batch_codec" {
		c.codec = n.Show
	}
	for i := range n.Parts {
		c.visit(&n.Parts[i])
	}
	if n.Show == "Record Batch" && len(c.unpacked) > 0 {
		c.compressed(n.Pos - c.Pos + n.Size)
	}
}

// shown reports whether a node was read from bytes of its own.
func (n *node) shown() bool {
	switch n.Name {
	case "kafka.message_key", "kafka.message_value", "kafka.header_key", "kafka.header_value", "kafka.tagged_field_data":
		return true // of no bytes, if it is empty or null
	}
	return strings.HasPrefix(n.Name, "kafka.") && n.Size > 0 && n.Hide == ""
}

// shown compares one part.
func (c *comparison) shown(n *node) {
	c.t.Helper()
	start := n.Pos - c.Pos
	i := c.match(n, start)
	if i < 0 {
		c.t.Errorf("%v: tshark finds %s at bytes %d to %d, we find nothing there", c.pair, n.Text, start, start+n.Size)
		return
	}
	o := &c.parts[i]
	c.seen[i] = true
	tagged := n.Name == "kafka.tagged_field_data" && o.name != "unknown tagged field" // tshark knows no tags
	if tagged || !o.leaf {
		for j := range c.parts {
			c.seen[j] = c.seen[j] || start <= c.parts[j].start && c.parts[j].end <= start+n.Size
		}
	}
	switch o.name {
	case "base_offset":
		c.offset = integer(o.value)
	case "base_timestamp":
		c.timestamp = integer(o.value)
	}
	if !tagged && (!sameName(n.Name, o.name) || o.leaf && !c.same(n, o)) {
		c.t.Errorf("%v: tshark finds %s=%q (%s) where we find %s=%q", c.pair, n.Name, n.Show, n.Text, o.name, o.value)
	}
}

// match returns our innermost part that ends where n does, and begins where n
// does or before it, by its length; -1 if there is none.
func (c *comparison) match(n *node, start int) int {
	best := -1
	for i, o := range c.parts {
		match := o.end == start+n.Size && o.start <= start
		if n.Name == "kafka.tagged_field_tag" { // ours has the size behind it
			match = o.start == start && o.end > start
		}
		if match && (best < 0 || o.start >= c.parts[best].start) {
			best = i
		}
	}
	return best
}

// compressed compares the records of the batch that ends there.
func (c *comparison) compressed(end int) {
	c.t.Helper()
	records := c.unpacked
	if len(records) > 8 {
		records = append(records[:8:8], "…")
	}
	theirs := ": " + strings.Join(records, ", ")
	i := slices.IndexFunc(c.parts, func(o part) bool { return o.name == "records" && o.leaf && o.end == end })
	if i < 0 || !strings.HasSuffix(c.parts[i].value, theirs) {
		c.t.Errorf("%v: tshark unpacks %d records%s; we do not", c.pair, len(c.unpacked), theirs)
	} else {
		c.seen[i] = true
	}
	c.unpacked = nil
}

// same reports whether tshark shows the value that we do.
func (c *comparison) same(n *node, o *part) bool {
	theirs, err := strconv.ParseInt(n.Show, 0, 64)
	ours := integer(o.value)
	switch strings.TrimPrefix(n.Name, "kafka.") {
	case "batch_codec":
		return err == nil && theirs == ours&7
	case "batch_timestamp_type":
		return err == nil && theirs == ours>>3&1
	case "batch_transactional":
		return err == nil && theirs == ours>>4&1
	case "batch_control_batch":
		return err == nil && theirs == ours>>5&1
	case "batch_crc":
		crc, err := strconv.ParseInt(o.value, 16, 64) // fails where we find that it is wrong
		return err == nil && theirs == crc
	case "batch_first_timestamp", "batch_last_timestamp":
		return true // tshark 4.0 takes the milliseconds for nanoseconds, and then has too many of them
	case "message_timestamp":
		at, err := time.Parse("Jan _2, 2006 15:04:05.000000000 MST", n.Show)
		return err == nil && at.UnixMilli() == c.timestamp+ours
	case "message_key", "message_value", "header_value", "tagged_field_data", "member_metadata", "protocol_metadata", "member_assignment":
		return n.words() == o.value
	case "offset":
		if o.name == "offset_delta" {
			ours += c.offset
		}
	}
	switch {
	case err == nil:
		return theirs == ours || strings.HasPrefix(n.Show, "0x") && int64(int32(theirs)) == ours
	case n.Show == "":
		return o.value == `""`
	case n.Show == "[ Null ]":
		return o.value == "null"
	}
	return n.Show == o.value
}

// words says bytes as our dissection does.
func (n *node) words() string {
	b := n.bytes()
	switch {
	case strings.HasSuffix(n.Text, "<NULL>"):
		return "null"
	case len(b) == 0:
		return `""`
	case slices.ContainsFunc(b, func(c byte) bool { return c < ' ' || c > '~' }):
		return hex.EncodeToString(b)
	}
	return string(b)
}

// keyAndValue says a record as our dissection says one that was compressed.
func (n *node) keyAndValue() (text string) {
	for _, p := range n.Parts {
		switch p.Name {
		case "kafka.message_key":
			if key := p.words(); key != "null" {
				text = key + "="
			}
		case "kafka.message_value":
			text += p.words()
		}
	}
	return text
}
