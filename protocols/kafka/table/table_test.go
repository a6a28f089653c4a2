package table

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// plate is a Disk whose writes take 10 and whose syncs take 100.
type plate struct {
	b     []byte
	until int64
	syncs int
}

func (d *plate) Size(string) (int64, bool) { return int64(len(d.b)), d.b != nil }
func (d *plate) Append(now int64, _ string, b []byte) (int64, error) {
	d.b = append(d.b, b...)
	return now, nil
}
func (d *plate) WriteAt(now int64, _ string, b []byte, offset int64) (int64, error) {
	copy(d.b[offset:], b)
	d.until = max(d.until, now) + 10
	return d.until, nil
}
func (d *plate) Sync(now int64, _ string) (int64, error) {
	d.syncs++
	d.until = max(d.until, now) + 100
	return d.until, nil
}

func newTable(t testing.TB, d *plate, flushEach bool) *Table {
	t.Helper()
	table, err := New(0, Config{Topic: "t", Host: "here", Port: 9092, Rows: 64, RowBytes: 8, FlushEach: flushEach,
		Key: func(value []byte) (int64, bool) {
			n, err := strconv.ParseInt(string(value), 10, 64)
			return n, err == nil
		}}, d)
	if err != nil {
		t.Fatal(err)
	}
	d.syncs, d.until = 0, 0
	return table
}

// produce is a Produce request with a batch of records.
func produce(correlation int32, values ...string) []byte {
	var b batch.Builder
	for _, v := range values {
		b.Add(1, nil, []byte(v), nil)
	}
	req := kmsg.NewPtrProduceRequest()
	req.Version, req.Acks = 9, -1
	part := kmsg.NewProduceRequestTopicPartition()
	part.Records = b.Append(nil, batch.NoProducer)
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic, topic.Partitions = "t", append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
	return wire.AppendRequest(nil, correlation, "test", req)
}

// said is what the table has to say on a connection by now: correlation IDs and
// the errors of Produce.
func said(t *testing.T, table *Table, c wire.Conn) (text string) {
	t.Helper()
	for e, ok := table.Poll(); ok; e, ok = table.Poll() {
		if e.Kind == Hangup {
			text += " hangup"
		}
	}
	r := wire.Reader{MaxFrameBytes: wire.MaxFrameBytes}
	r.Receive(table.Output(c))
	for frame, ok, err := r.Next(); ok; frame, ok, err = r.Next() {
		if err != nil {
			t.Fatal(err)
		}
		sent := kmsg.NewPtrProduceRequest()
		sent.Version = 9
		number, body, err := wire.ParseResponse(frame, sent)
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf(" %d:%d", number, body.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode)
	}
	return text
}

// Rows lie where their keys say, and are acknowledged when the disk is done
// with them, in order.
func TestRowsAndAcknowledgements(t *testing.T) {
	d := &plate{}
	table := newTable(t, d, false)
	c := table.Accept()
	table.Receive(1000, c, append(produce(1, "11", "12"), produce(2, "13")...))
	for _, want := range []struct {
		at   int64
		text string
	}{{1019, ""}, {1020, " 1:0"}, {1029, ""}, {1030, " 2:0"}} {
		table.Tick(want.at)
		if got := said(t, table, c); got != want.text {
			t.Errorf("at %d: %q, expected %q", want.at, got, want.text)
		}
	}
	for _, v := range []string{"11", "12", "13"} {
		row, _ := table.Row([]byte(v))
		if !bytes.HasPrefix(d.b[row*8:], []byte(v)) {
			t.Errorf("%s is not in row %d", v, row)
		}
	}
	if table.Count() != 3 || len(table.Recent()) != 3 || table.Deadline() != math.MaxInt64 || len(d.b) != 64*8 {
		t.Errorf("%d rows, %v, next at %d, %d bytes", table.Count(), table.Recent(), table.Deadline(), len(d.b))
	}
}

// One sync at a time, which serves all that came meanwhile.
func TestSyncs(t *testing.T) {
	d := &plate{}
	table := newTable(t, d, true)
	c := table.Accept()
	table.Receive(0, c, produce(1, "1"))
	table.Receive(50, c, produce(2, "2"))
	table.Receive(60, c, produce(3, "3"))
	if table.Deadline() != 110 || d.syncs != 1 {
		t.Errorf("next at %d, %d syncs", table.Deadline(), d.syncs)
	}
	table.Tick(110)
	if got := said(t, table, c); got != " 1:0" || d.syncs != 2 {
		t.Errorf("%q, %d syncs", got, d.syncs)
	}
	table.Tick(table.Deadline())
	if got := said(t, table, c); got != " 2:0 3:0" || d.syncs != 2 {
		t.Errorf("%q, %d syncs", got, d.syncs)
	}
}

func TestRefusals(t *testing.T) {
	table := newTable(t, &plate{}, false)
	c := table.Accept()
	table.Receive(0, c, produce(1, "no number"))
	table.Receive(0, c, produce(2, "123456789"))
	if got, want := said(t, table, c), fmt.Sprintf(" 1:%d 2:%[1]d", kerr.InvalidRecord.Code); got != want {
		t.Errorf("%q, expected %q", got, want)
	}
	fetch := kmsg.NewPtrFetchRequest()
	fetch.Version = 4
	table.Receive(0, c, wire.AppendRequest(nil, 3, "test", fetch))
	if got := said(t, table, c); got != " hangup" {
		t.Errorf("%q", got)
	}
}

// Whatever comes, in whatever pieces, nothing panics, and the file stays as
// large as it is.
func FuzzReceive(f *testing.F) {
	f.Add(produce(1, "1", "2"), 5)
	f.Add(produce(1, "1")[:20], 1)
	f.Add([]byte{0, 0, 0, 8, 0, 18, 0, 3, 0, 0, 0, 1}, 3)
	f.Fuzz(func(t *testing.T, b []byte, piece int) {
		d := &plate{}
		table := newTable(t, d, len(b)%2 == 0)
		c := table.Accept()
		for now := int64(0); len(b) > 0; now++ {
			n := min(len(b), max(piece, 1))
			table.Receive(now, c, b[:n])
			b = b[n:]
			table.Tick(now)
			table.Output(c)
		}
		if len(d.b) != 64*8 {
			t.Errorf("the file has %d bytes", len(d.b))
		}
	})
}
