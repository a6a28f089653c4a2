package tshark

import (
	"slices"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/schema"
	"grapevine/protocols/kafka/schema/fill"
	"grapevine/protocols/kafka/wire"
)

// TestKafkaMessages: tshark and our dissection find the same in every message
// that both know, in every version, with something in every field.
func TestKafkaMessages(t *testing.T) {
	newest := tsharkKnows(t)
	var talks []talk
	for _, a := range wire.APIs {
		var l talk
		for v := a.Min; v <= min(a.Max, newest.of(a.Key)); v++ {
			// A request at which tshark stumbles is one whose answer it does not
			// read: so the one is empty where the other is not.
			l = l.exchange(a, v, fill.Full, fill.Empty)
			l = l.exchange(a, v, fill.Empty, fill.Full)
			if v >= schema.Of(a.Key).Request.Flexible {
				l = l.exchange(a, v, fill.Tagged, fill.Empty)
				l = l.exchange(a, v, fill.Empty, fill.Tagged)
			}
		}
		if len(l) > 0 {
			talks = append(talks, l)
		}
	}
	pairs, _ := agree(t, record(t, talks))
	for _, a := range wire.APIs {
		for v := a.Min; v <= min(a.Max, newest.of(a.Key)); v++ {
			for _, request := range []bool{true, false} {
				if !slices.ContainsFunc(pairs, func(p *pair) bool {
					return p.api.Key == a.Key && p.version == v && p.byClient == request && (p.whole() || p.misread() != "")
				}) {
					t.Errorf("tshark understands no %s v%d, request %v", a.Name, v, request)
				}
			}
		}
	}
}

// exchange appends a request and its answer.
func (l talk) exchange(a wire.API, version int16, request, response fill.Mode) talk {
	batches := records(batch.Codec(int(version) % len(codecs)))
	special := map[string][]byte{"Records": batches, "RecordBatches": batches}
	q := a.New()
	fill.Message(q, request, special)
	q.SetVersion(version)
	r := q.ResponseKind()
	fill.Message(r, response, special)
	r.SetVersion(version)
	id := int32(len(l))
	return append(l, said{true, wire.AppendRequest(nil, id, "grape", q)}, said{false, wire.AppendResponse(nil, id, r)})
}

// records is a batch of three: one with all that a record can have, one
// without a key, one without a value.
func records(c batch.Codec) []byte {
	var b batch.Builder
	b.Add(1000, []byte("apple"), []byte("3 pieces"), []batch.RecordHeader{{Key: "trace", Value: []byte{1, 2}}})
	b.Add(1001, nil, []byte("no key"), nil)
	b.Add(1002, []byte("pear"), nil, nil)
	return b.Append(nil, batch.Options{Codec: c, ProducerID: 9, LeaderEpoch: -1})
}
