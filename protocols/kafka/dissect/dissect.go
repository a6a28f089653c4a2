package dissect

import (
	"encoding/binary"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"

	"grapevine/protocols/field"
	"grapevine/protocols/kafka/schema"
	"grapevine/protocols/kafka/wire"
)

// Asked says which request had a correlation id on a connection.
type Asked func(correlation int32) (key, version int16, ok bool)

const (
	// detailBytes is how far from the end of the bytes every part has its field.
	detailBytes = 256 << 10
	// maxFrameBytes is Kafka's own limit: what is larger is no frame.
	maxFrameBytes = 100 << 20
	// headBytes are enough to name a frame by.
	headBytes = 12
)

// The names of fields that stand for bytes which no name fits.
const (
	notUnderstood = "not understood"
	cutShort      = "cut short"
)

const apiVersionsKey = 18

// AskedBy finds the requests in what the one that dialled has said.
func AskedBy(said []byte) Asked {
	type api struct{ key, version int16 }
	asked := map[int32]api{}
	for len(said) >= headBytes {
		size := frameSize(said)
		if size < 0 {
			break
		}
		correlation := int32(binary.BigEndian.Uint32(said[8:]))
		asked[correlation] = api{int16(binary.BigEndian.Uint16(said[4:])), int16(binary.BigEndian.Uint16(said[6:]))}
		said = said[min(4+size, len(said)):]
	}
	return func(correlation int32) (key, version int16, ok bool) {
		a, ok := asked[correlation]
		return a.key, a.version, ok
	}
}

// Requests names every byte of what the one that dialled has said, from the
// first on.
func Requests(said []byte) []field.Field { return frames(said, (*parts).request) }

// Responses names every byte of what a broker has answered, from the first on.
// asked may be nil.
func Responses(said []byte, asked Asked) []field.Field {
	return frames(said, func(p *parts) (name, value string) { return p.response(asked) })
}

// frameSize reads a frame's size, -1 if there can be no such frame.
func frameSize(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	size := int32(binary.BigEndian.Uint32(b))
	if size < 4 || size > maxFrameBytes {
		return -1
	}
	return int(size)
}

// frames cuts bytes into frames, and has message name what is behind each
// one's size.
func frames(said []byte, message func(p *parts) (name, value string)) []field.Field {
	var out []field.Field
	for at := 0; at < len(said); {
		size := frameSize(said[at:])
		if size < 0 {
			name := notUnderstood
			if len(said)-at < 4 {
				name = cutShort
			}
			return append(out, field.Field{Name: name, Value: plural(len(said)-at, "byte"), Offset: at, Length: len(said) - at})
		}
		end := min(at+4+size, len(said))
		p := parts{b: said[:end], at: at, whole: end == at+4+size, detail: len(said) - detailBytes}
		brief := end <= p.detail
		if brief {
			p.b, p.whole = said[:min(at+headBytes, end)], false
		}
		p.open("", nil, false)
		p.leaf("size", strconv.Itoa(size), at+4)
		name, value := message(&p)
		p.rest(len(p.b), p.fault())
		p.close()
		f := p.done
		f.Name, f.Value = name, value
		if brief {
			f.Length, f.Children = end-at, nil
		} else if !p.whole {
			f.Value += ", " + strconv.Itoa(end-at) + " of " + plural(4+size, "byte")
		}
		out = append(out, f)
		at = end
	}
	return out
}

// request names what is behind a request's size.
func (p *parts) request() (name, value string) {
	key, ok1 := p.number("api_key", 2, sayAPI)
	version, ok2 := p.number("api_version", 2, nil)
	correlation, ok3 := p.number("correlation_id", 4, nil)
	name = "request"
	if !ok1 || !ok2 || !ok3 {
		return name, ""
	}
	value = "version " + strconv.Itoa(int(version)) + ", correlation " + strconv.Itoa(int(correlation))
	a := wire.Find(int16(key))
	if a == nil {
		return name + " of API " + strconv.Itoa(int(key)), value
	}
	name = a.Name + " " + name
	if !p.text("client_id") || version < int64(a.Min) || version > int64(a.Max) {
		return name, value
	}
	m := &schema.Of(a.Key).Request
	p.body(m, int16(version), int16(version) >= m.Flexible)
	return name, value
}

// response names what is behind a response's size.
func (p *parts) response(asked Asked) (name, value string) {
	correlation, ok := p.number("correlation_id", 4, nil)
	name = "response"
	if !ok {
		return name, ""
	}
	value = "correlation " + strconv.Itoa(int(correlation))
	var key, version int16
	if ok = asked != nil; ok {
		key, version, ok = asked(int32(correlation))
	}
	a := wire.Find(key)
	if !ok || a == nil {
		return name, value
	}
	name = a.Name + " " + name
	m := &schema.Of(a.Key).Response
	tagged := version >= m.Flexible
	if a.Key == apiVersionsKey {
		// It keeps the old header, and is of version 0 when it refuses (KIP-511).
		tagged = false
		if b := p.left(); len(b) >= 2 && int16(binary.BigEndian.Uint16(b)) == kerr.UnsupportedVersion.Code {
			version = 0
		}
	}
	value = "version " + strconv.Itoa(int(version)) + ", " + value
	if version < a.Min || version > a.Max {
		return name, value
	}
	p.body(m, version, tagged)
	return name, value
}

// body names the tagged fields of a header, if it has them, and a body.
func (p *parts) body(m *schema.Message, version int16, tagged bool) {
	if tagged {
		// A structure with nothing but its tags.
		if !p.walk(&schema.Message{}, 0, len(p.b)) {
			return
		}
	}
	p.walk(m, version, len(p.b))
}
