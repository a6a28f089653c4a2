package wire

import (
	"strings"
	"testing"

	"grapevine/protocols/kafka/schema"
	"grapevine/protocols/kafka/schema/fill"
)

// everyMessage calls visit with the body of a filled message of every API in
// every version, and what the schema says of it.
func everyMessage(visit func(name string, m *schema.Message, version int16, body []byte)) {
	for _, a := range APIs {
		s := schema.Of(a.Key)
		for version := a.Min; version <= a.Max; version++ {
			for mode := range fill.Modes {
				request := a.New()
				fill.Message(request, mode, nil)
				request.SetVersion(version)
				visit(a.Name+" request", &s.Request, version, request.AppendTo(nil))
				response := request.ResponseKind()
				fill.Message(response, mode, nil)
				response.SetVersion(version)
				visit(a.Name+" response", &s.Response, version, response.AppendTo(nil))
			}
		}
	}
}

type strange struct{ names []string }

func (u *strange) Open(f *schema.Field, element, at int) {}
func (u *strange) Close(at int)                          {}
func (u *strange) Leaf(l schema.Leaf) {
	if l.Part == schema.UnknownTag && l.Length != 0 && l.End-l.At < 5 || l.Part == schema.TagRest {
		u.names = append(u.names, "a tag")
	}
}

func TestSchemaAgainstKmsg(t *testing.T) {
	everyMessage(func(name string, m *schema.Message, version int16, body []byte) {
		var u strange
		if end, err := m.Walk(body, version, &u); err != nil || end != len(body) || len(u.names) > 0 {
			t.Errorf("%s version %d: %d bytes of %d, %v, unknown %v", name, version, end, len(body), err, u.names)
		}
		for cut := range body {
			if _, err := m.Walk(body[:cut], version, nil); err == nil {
				t.Errorf("%s version %d: %d bytes of %d are enough", name, version, cut, len(body))
				break
			}
		}
		if end, err := m.Walk(append(body, "trailing"...), version, nil); err != nil || end != len(body) {
			t.Errorf("%s version %d: with trailing bytes it ends at %d, %v", name, version, end, err)
		}
	})
}

func TestFlexibleAsKmsg(t *testing.T) {
	for _, a := range APIs {
		for version := a.Min; version <= a.Max; version++ {
			r := a.New()
			r.SetVersion(version)
			if s := schema.Of(a.Key); r.IsFlexible() != (version >= s.Request.Flexible) {
				t.Errorf("%s version %d: flexible is %v at kmsg", a.Name, version, r.IsFlexible())
			}
		}
	}
}

// What a peer claims must not cost more than what it sent: kmsg alone would go
// round four billion times for tags that are not there.
func TestClaims(t *testing.T) {
	frame := []byte("\x00\x03\x00\x09\x00\x00\x00\x01\xff\xff\x00" + "\x01\x01\x01\x01" + "\xff\xff\xff\xff\x0f")
	if _, err := ParseRequest(frame); err == nil || !strings.Contains(err.Error(), "claims") {
		t.Error(err)
	}
	frame = []byte("\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff" + "\x00\xff\xff\xff" + "\x00\x00")
	if _, err := ParseRequest(frame); err == nil {
		t.Error("an array of 16 million elements in 2 bytes is taken")
	}
}
