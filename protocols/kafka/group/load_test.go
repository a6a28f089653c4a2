package group

import (
	"fmt"
	"testing"

	"grapevine/protocols/kafka/batch"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// FuzzLoad gives the coordinator a log that says anything: bytes that need not
// be batches, and a batch whose record's key and value are anything. Whatever
// it makes of that, it must work afterwards, and its clients get answers.
func FuzzLoad(f *testing.F) {
	w := newWorld(f, Config{})
	ids := w.stable(2)
	ask[*kmsg.OffsetCommitResponse](w, commitReq(1, ids[0], 42))
	ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(5, 43))
	w.marker(5, true)
	w.send(func() *kmsg.JoinGroupRequest { r := staticJoin(9, "i", "range"); r.Group = "h"; return r }())
	for _, b := range w.log {
		f.Add(b, []byte(nil), []byte(nil), int64(-1))
		if records, err := batch.Records(nil, b, batch.DefaultLimits); err == nil {
			for _, r := range records {
				f.Add([]byte(nil), r.Key, r.Value, int64(7))
			}
		}
	}
	strange := kmsg.GroupMetadataValue{Version: 3, ProtocolType: "consumer", Generation: 1<<31 - 1, Protocol: kmsg.StringPtr("range"),
		Members: []kmsg.GroupMetadataValueMember{{MemberID: "a", RebalanceTimeoutMillis: -5, SessionTimeoutMillis: -1}, {MemberID: "a", InstanceID: kmsg.StringPtr("")}}}
	f.Add([]byte(nil), groupKey("g"), strange.AppendTo(nil), int64(-1))
	f.Fuzz(func(t *testing.T, raw, key, value []byte, producer int64) {
		w := newWorld(t, Config{})
		w.c = New(w.config)
		w.c.Load(0, 0, raw)
		var builder batch.Builder
		builder.Add(0, key, value, nil)
		o := batch.NoProducer
		if producer >= 0 {
			o.ProducerID, o.ProducerEpoch, o.Transactional = producer, 0, true
		}
		w.c.Load(0, 0, builder.Append(nil, o))
		w.c.Loaded(0, 0, 1)
		w.send(fetchReq(true))
		w.send(commitReq(-1, "", 5))
		token := w.send(joinReq(3, "", "range", "sticky", "roundrobin"))
		w.send(kmsg.NewPtrListGroupsRequest())
		w.marker(producer, true)
		w.wait(9 * 24 * 3600 * second)
		if w.asked[token] {
			t.Fatal("a JoinGroup waits forever")
		}
		for _, g := range w.c.Looks() {
			if len(g.Members) > 0 {
				t.Fatalf("members outlive their sessions: %+v", g)
			}
		}
	})
}

func TestLoadWhatKafkaWroteBefore(t *testing.T) {
	w := newWorld(t, Config{})
	w.c = New(w.config)
	for i, version := range []int16{0, 1, 2, 3} {
		var b batch.Builder
		key := kmsg.OffsetCommitKey{Version: int16(i) & 1, Group: "g", Topic: "t", Partition: int32(i)}
		value := kmsg.OffsetCommitValue{Version: version, Offset: int64(i), Metadata: "m", LeaderEpoch: 3, ExpireTimestamp: 1 << 60, CommitTimestamp: w.config.Wall(0)}
		b.Add(0, key.AppendTo(nil), value.AppendTo(nil), nil)
		w.c.Load(0, 0, b.Append(nil, batch.NoProducer))
	}
	for _, version := range []int16{0, 1, 2, 3} {
		var b batch.Builder
		key := kmsg.GroupMetadataKey{Version: 2, Group: fmt.Sprint("v", version)}
		value := kmsg.GroupMetadataValue{Version: version, ProtocolType: "consumer", Generation: 4, Protocol: kmsg.StringPtr("range"), Leader: kmsg.StringPtr("a"),
			Members: []kmsg.GroupMetadataValueMember{{MemberID: "a", SessionTimeoutMillis: 10_000, RebalanceTimeoutMillis: 5_000, Assignment: []byte("x")}}}
		b.Add(0, key.AppendTo(nil), value.AppendTo(nil), nil)
		w.c.Load(0, 0, b.Append(nil, batch.NoProducer))
	}
	w.c.Loaded(0, 0, 1)
	for i := range int32(4) {
		if got := w.c.Committed("g", "t", i); got != int64(i) {
			t.Errorf("value v%d is loaded as %d", i, got)
		}
		if g := w.group(fmt.Sprint("v", i)); g.State != Stable || g.Generation != 4 || g.Leader != "a" || string(g.Members[0].Assignment) != "x" {
			t.Errorf("group v%d is loaded as %+v", i, g)
		}
	}
}
