package broker_test

import (
	"math"
	"testing"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Nobody who comes from outside writes markers, or registers a broker.
func TestBrokersAmongThemselves(t *testing.T) {
	for _, api := range wire.APIs {
		if !api.Internal {
			continue
		}
		for listener := range 2 {
			k := newAlone(t, broker.Limits{})
			conn := k.Accept(k.now, listener)
			k.Receive(k.now, conn, wire.AppendRequest(nil, 1, "x", at(api.New(), api.Max)))
			hungUp := false
			for e, ok := k.Poll(); ok; e, ok = k.Poll() {
				hungUp = hungUp || e.Kind == broker.Hangup && e.Conn == conn
			}
			if hungUp != (listener == 1) {
				t.Errorf("%s at listener %d: hung up %v", api.Name, listener, hungUp)
			}
		}
	}
}

// However many clients send half a frame, or never take their answers, what is
// kept for all of them stays bounded, and the next one is served.
func TestHeldBytes(t *testing.T) {
	const most = 4 << 20
	served := func(k *alone) {
		t.Helper()
		conn := k.Accept(k.now, 0)
		k.Receive(k.now, conn, wire.AppendRequest(nil, 1, "", at(kmsg.NewPtrMetadataRequest(), 9)))
		if len(k.drain(conn)) == 0 {
			t.Error("an honest client is not served")
		}
		k.Closed(k.now, conn)
	}
	hangups := func(k *alone) (n int) {
		for e, ok := k.Poll(); ok; e, ok = k.Poll() {
			if e.Kind == broker.Hangup {
				n++
			}
		}
		return n
	}
	k := newAlone(t, broker.Limits{MaxHeldBytes: most})
	var conns []broker.Conn
	for range 20 {
		conn := k.Accept(k.now, 0)
		conns = append(conns, conn)
		k.Receive(k.now, conn, append([]byte{0, 0x10, 0, 0}, make([]byte, 500_000)...))
		if held := k.Stats().HeldBytes; held > most {
			t.Fatalf("%d bytes of half frames are kept, at most %d may be", held, most)
		}
	}
	served(k)
	for _, conn := range conns {
		k.Closed(k.now, conn)
	}
	if held := k.Stats().HeldBytes; held != 0 {
		t.Errorf("%d bytes are kept for nobody", held)
	}

	k = newAlone(t, broker.Limits{MaxHeldBytes: most})
	writer := k.Accept(k.now, 0)
	for range 3 {
		k.Receive(k.now, writer, wire.AppendRequest(nil, 1, "", at(produceTo("t", 0, 1, records(string(make([]byte, 900_000)))), 9)))
		for len(k.drain(writer)) == 0 {
			k.tick(writer)
		}
	}
	for range 10 {
		conn := k.Accept(k.now, 0)
		for range 5 {
			fetch := fetchFrom("t", 0, 0, 0)
			fetch.MaxBytes, fetch.Topics[0].Partitions[0].PartitionMaxBytes = math.MaxInt32, math.MaxInt32
			k.Receive(k.now, conn, wire.AppendRequest(nil, 1, "", at(fetch, 12)))
			if held := k.Stats().HeldBytes; held > most {
				t.Fatalf("%d bytes of answers are kept, at most %d may be", held, most)
			}
		}
	}
	if hangups(k) == 0 {
		t.Error("nobody was hung up on")
	}
	served(k)
}
