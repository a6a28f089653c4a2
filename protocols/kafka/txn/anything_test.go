package txn

import (
	"testing"

	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// kinds are the requests that the coordinator takes, each with its last version.
var kinds = []struct {
	fresh func() kmsg.Request
	last  int16
}{
	{func() kmsg.Request { return kmsg.NewPtrInitProducerIDRequest() }, 5},
	{func() kmsg.Request { return kmsg.NewPtrAddPartitionsToTxnRequest() }, 4},
	{func() kmsg.Request { return kmsg.NewPtrAddOffsetsToTxnRequest() }, 4},
	{func() kmsg.Request { return kmsg.NewPtrEndTxnRequest() }, 4},
	{func() kmsg.Request { return kmsg.NewPtrDescribeTransactionsRequest() }, 0},
	{func() kmsg.Request { return kmsg.NewPtrListTransactionsRequest() }, 1},
}

// FuzzAnyRequest sends a request whose body is any bytes that wire lets in,
// to a transaction in each state. It is answered, and the transaction ends.
func FuzzAnyRequest(f *testing.F) {
	seed := func(kind int, r kmsg.Request) { f.Add(uint8(kind), uint8(r.GetVersion()), r.AppendTo(nil)) }
	seed(0, initReq(4, "tx"))
	seed(0, recoverReq("tx", 1000, 0))
	seed(0, initReq(1, ""))
	seed(1, addReq(3, 1000, 0, 5))
	seed(1, verifyReq(1000, 0, 5))
	seed(3, endReq(3, 1000, 0, true))
	f.Add(uint8(2), uint8(0), []byte("\x00\x02tx\x00\x00\x00\x00\x00\x00\x03\xe8\x00\x00\x00\x01g"))
	f.Add(uint8(4), uint8(0), []byte("\x02\x03tx\x00"))
	f.Add(uint8(5), uint8(0), []byte("\x02\x06Empty\x01\x00"))
	f.Fuzz(func(t *testing.T, kind, version uint8, body []byte) {
		k := kinds[int(kind)%len(kinds)]
		w := newWorld(t, Config{})
		id, _ := w.init(initReq(4, "tx"))
		for _, advance := range []func(){
			func() {},
			func() { w.send(addReq(3, id, 0, 1)) },
			func() { w.holdMark = true; w.send(endReq(3, id, 0, true)) },
			func() { w.holdMark = false; w.wait(second) },
		} {
			advance()
			r := readRequest(k.fresh(), int16(version)%(k.last+1), body)
			if r == nil {
				return
			}
			w.send(r)
		}
		for len(w.asking) > 0 {
			w.mark()
			w.drain()
		}
		w.wait(1000 * second)
		if len(w.asked) > 0 {
			t.Fatal("a request is never answered")
		}
		for id, tx := range w.c.partitions[0].transactions {
			if tx.state == Ongoing || tx.state == PrepareCommit || tx.state == PrepareAbort {
				t.Fatalf("%q is %v for ever", id, tx.state)
			}
		}
	})
}

// readRequest reads a request as a broker would, from the bytes of its body; nil: a broker would not.
func readRequest(r kmsg.Request, version int16, body []byte) kmsg.Request {
	r.SetVersion(version)
	frame := []byte{0, byte(r.Key()), 0, byte(version), 0, 0, 0, 1, 0xff, 0xff}
	if r.IsFlexible() {
		frame = append(frame, 0)
	}
	parsed, err := wire.ParseRequest(append(frame, body...))
	if err != nil {
		return nil
	}
	return parsed.Body
}
