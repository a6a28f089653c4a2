package group

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
	{func() kmsg.Request { return kmsg.NewPtrJoinGroupRequest() }, 9},
	{func() kmsg.Request { return kmsg.NewPtrSyncGroupRequest() }, 5},
	{func() kmsg.Request { return kmsg.NewPtrHeartbeatRequest() }, 4},
	{func() kmsg.Request { return kmsg.NewPtrLeaveGroupRequest() }, 5},
	{func() kmsg.Request { return kmsg.NewPtrOffsetCommitRequest() }, 9},
	{func() kmsg.Request { return kmsg.NewPtrOffsetFetchRequest() }, 9},
	{func() kmsg.Request { return kmsg.NewPtrTxnOffsetCommitRequest() }, 5},
	{func() kmsg.Request { return kmsg.NewPtrDescribeGroupsRequest() }, 6},
	{func() kmsg.Request { return kmsg.NewPtrListGroupsRequest() }, 5},
	{func() kmsg.Request { return kmsg.NewPtrDeleteGroupsRequest() }, 2},
	{func() kmsg.Request { return kmsg.NewPtrOffsetDeleteRequest() }, 0},
}

// FuzzAnyRequest sends requests whose bodies are any bytes that wire lets in,
// to a group that is Stable and again when it is Empty. Each is answered, at the
// latest when all timeouts are over.
func FuzzAnyRequest(f *testing.F) {
	seed := func(kind int, r kmsg.Request) { f.Add(uint8(kind), uint8(r.GetVersion()), r.AppendTo(nil)) }
	seed(0, joinReq(9, "", "range"))
	seed(0, staticJoin(5, "i", "range", "sticky"))
	seed(1, syncReq(5, 1, "m", "m", "x"))
	seed(2, heartbeatReq(1, "m"))
	seed(4, commitReq(-1, "", 5))
	seed(5, fetchReq(true, "t"))
	seed(6, txnReq(5, 5))
	f.Add(uint8(3), uint8(3), []byte("\x00\x01g\x00\x00\x00\x01\x00\x00\x00\x01i"))
	f.Add(uint8(7), uint8(0), []byte("\x00\x00\x00\x01\x00\x01g"))
	f.Add(uint8(9), uint8(0), []byte("\x00\x00\x00\x02\x00\x01g\x00\x01g"))
	f.Add(uint8(10), uint8(0), []byte("\x00\x01g\x00\x00\x00\x01\x00\x01t\x00\x00\x00\x01\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, kind, version uint8, body []byte) {
		k := kinds[int(kind)%len(kinds)]
		w := newWorld(t, Config{MaxMembers: 3, MaxOffsets: 3})
		ids := w.stable(1)
		ask[*kmsg.OffsetCommitResponse](w, commitReq(1, ids[0], 7))
		for range 2 {
			r := readRequest(k.fresh(), int16(version)%(k.last+1), body)
			if r == nil {
				return
			}
			w.send(r)
			w.wait(20 * second)
		}
		w.wait(26 * 24 * 3600 * second) // the longest timeout that a request can hold, and all offsets expire
		if len(w.asked) > 0 {
			t.Fatal("a request is never answered")
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
