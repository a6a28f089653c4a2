package broker_test

import (
	"testing"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/kafkatest"
	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// No bytes of a client make a broker panic, wait for ever, or refuse the next
// client; and how they are split makes no difference to the answers.
func FuzzReceive(f *testing.F) {
	for _, api := range wire.APIs {
		for _, version := range []int16{api.Min, api.Max} {
			request := api.New()
			request.SetVersion(version)
			f.Add(wire.AppendRequest(nil, 1, "fuzz", request))
		}
	}
	f.Add(wire.AppendRequest(nil, 2, "", at(produceTo("t", 0, 1, records("a")), 9)))
	f.Add(wire.AppendRequest(nil, 3, "", at(produceTo("t", 0, 0, records("a", "b")), 3)))
	f.Add(append(wire.AppendRequest(nil, 2, "", at(produceTo("t", 0, -1, records("a")), 9)), wire.AppendRequest(nil, 4, "", at(fetchFrom("t", 0, 0, 0), 12))...))
	f.Add(wire.AppendRequest(nil, 4, "", at(fetchFrom("t", 0, 1, 1000), 4)))
	f.Add([]byte{0, 0, 0, 10, 0, 18, 0, 99, 0, 0, 0, 1, 0xff, 0xff})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		var outputs [2][]byte
		for i, split := range []int{max(len(b), 1), 1} {
			k := newAlone(t, broker.Limits{})
			conn := k.Accept(k.now, 0)
			for rest := b; len(rest) > 0; rest = rest[min(split, len(rest)):] {
				k.Receive(k.now, conn, rest[:min(split, len(rest))])
				outputs[i] = append(outputs[i], k.drain(conn)...)
			}
			for end := k.now + 30*second; k.now < end && k.Deadline() < end; {
				outputs[i] = append(outputs[i], k.tick(conn)...)
			}
			other := k.Accept(k.now, 0)
			k.Receive(k.now, other, wire.AppendRequest(nil, 1, "", kmsg.NewPtrMetadataRequest()))
			if len(k.drain(other)) == 0 {
				t.Fatal("no answer to the next client")
			}
		}
		if len(outputs[0]) != len(outputs[1]) {
			t.Fatalf("whole the answers have %d bytes, split %d", len(outputs[0]), len(outputs[1]))
		}
	})
}

// alone is a broker that is its own cluster, and its time.
type alone struct {
	*broker.Broker
	now int64
}

// newAlone makes one with a topic t.
func newAlone(t testing.TB, limits broker.Limits) *alone {
	luck := uint64(0)
	b, err := broker.New(0, broker.Config{
		Voters: []int32{0}, ClusterID: "alone", Listeners: []broker.Listener{{Host: "h", Port: 1}}, Wall: kafkatest.Wall,
		Rand: func() uint64 { luck++; return luck * 0x9e3779b97f4a7c15 }, Settings: quick, Limits: limits,
	}, log.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	k := &alone{Broker: b}
	conn := b.Accept(0, 0)
	r := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = "t", 1, 1
	r.Topics = append(r.Topics, topic)
	for k.Image().Broker(0) == nil || k.Image().Broker(0).Fenced {
		k.tick(conn)
	}
	b.Receive(k.now, conn, wire.AppendRequest(nil, 1, "", r))
	k.drain(conn)
	for k.Image().Topic("t") == nil {
		k.tick(conn)
	}
	b.Closed(k.now, conn)
	return k
}

func (k *alone) tick(conn broker.Conn) []byte {
	k.now = max(k.now, k.Deadline())
	k.Tick(k.now)
	return k.drain(conn)
}

// drain takes the events out, and what is to be sent on a connection.
func (k *alone) drain(conn broker.Conn) (out []byte) {
	for e, ok := k.Poll(); ok; e, ok = k.Poll() {
		if e.Kind == broker.Send && e.Conn == conn {
			out = append(out, k.Output(conn)...)
		}
	}
	return out
}

func at(r kmsg.Request, version int16) kmsg.Request {
	r.SetVersion(version)
	return r
}
