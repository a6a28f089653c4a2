package broker_test

import (
	"testing"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/kafkatest"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Old segments go, on the leader and on its followers, and consumers see the
// log begin later.
func TestRetention(t *testing.T) {
	started := 0
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick, Watch: func(_ int64, _ int, e broker.Event) {
		if e.Kind == broker.Started && e.Topic == "t" {
			started++
		}
	}})
	create(t, c, 3, "t", 1, 3, "retention.ms", "10000", "segment.bytes", "200")
	at := leader(c, 3, "t", 0)
	for range 20 {
		answer, err := c.Ask(at, produceTo("t", 0, -1, records("a record of some length, so that segments are soon full")))
		if p := produced(t, answer, err); p.ErrorCode != 0 {
			t.Fatal(kerr.ErrorForCode(p.ErrorCode))
		}
	}
	c.Run(400 * second)
	for i := range 3 {
		if p, _ := c.Broker(i).Partition("t", 0); p.Start < 15 || p.End != 20 {
			t.Errorf("broker %d has offsets %d to %d", i, p.Start, p.End)
		}
	}
	if started < 3 {
		t.Errorf("told %d times", started)
	}
}

// A limit of 0 keeps nothing, where -1 keeps all: not even the segment that is
// being written to.
func TestRetentionOfNothing(t *testing.T) {
	for _, test := range []struct {
		name, value string
		first       int64
	}{{"retention.ms", "0", 2}, {"retention.bytes", "0", 2}, {"retention.ms", "-1", 0}, {"retention.bytes", "-1", 0}} {
		c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
		create(t, c, 1, "t", 1, 1, test.name, test.value)
		answer, err := c.Ask(0, produceTo("t", 0, -1, records("a", "b")))
		if p := produced(t, answer, err); p.ErrorCode != 0 {
			t.Fatal(kerr.ErrorForCode(p.ErrorCode))
		}
		c.Run(400 * second)
		if p, _ := c.Broker(0).Partition("t", 0); p.Start != test.first || p.End != 2 {
			t.Errorf("%s=%s: offsets %d to %d are left", test.name, test.value, p.Start, p.End)
		}
	}
}

// The high watermark is known again at once after a restart.
func TestCheckpoint(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	create(t, c, 1, "t", 1, 1)
	answer, err := c.Ask(0, produceTo("t", 0, -1, records("a", "b")))
	if p := produced(t, answer, err); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	c.Run(6 * second)
	if got := string(c.Disk(0).Contents("replication-offset-checkpoint")); got != "0\n1\nt 0 2\n" {
		t.Errorf("the checkpoint is %q", got)
	}
}

// A topic that is deleted is gone from the disks, and one of the same name is
// another, also for a broker that was away meanwhile.
func TestDeleteTopic(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	create(t, c, 3, "t", 1, 3)
	at := leader(c, 3, "t", 0)
	answer, err := c.Ask(at, produceTo("t", 0, -1, records("old")))
	if p := produced(t, answer, err); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	away := (at + 1) % 3
	c.Kill(away)
	c.Run(5 * second)
	name := "t"
	r := kmsg.NewPtrDeleteTopicsRequest()
	r.TopicNames, r.Topics = []string{name}, []kmsg.DeleteTopicsRequestTopic{{Topic: &name}}
	for i := 0; ; i++ {
		answer, err := c.Ask(at, r)
		if err == nil && answer.(*kmsg.DeleteTopicsResponse).Topics[0].ErrorCode == 0 {
			break
		}
		if i > 20 {
			t.Fatal(answer, err)
		}
		c.Run(second)
	}
	c.Run(second)
	if files := c.Disk(at).List("t-0/"); len(files) > 0 {
		t.Errorf("left on the disk: %v", files)
	}
	if err := c.Restart(away); err != nil {
		t.Fatal(err)
	}
	await(t, c, "all are ready", c.Ready)
	if files := c.Disk(away).List("t-0/"); len(files) > 0 {
		t.Errorf("left on the disk of the broker that was away: %v", files)
	}
	create(t, c, 3, "t", 1, 3)
	c.Run(second)
	if p, ok := c.Broker(away).Partition("t", 0); !ok || p.End != 0 {
		t.Errorf("the new topic has %+v", p)
	}
}

// A client that sends on while it reads no answers is held up.
func TestWindow(t *testing.T) {
	k := newAlone(t, broker.Limits{})
	conn := k.Accept(k.now, 0)
	request := wire.AppendRequest(nil, 1, "", at(fetchFrom("t", 0, 0, 10_000), 12))
	room, sent := k.Window(conn), 0
	if room < 1<<20 {
		t.Fatalf("the window is %d bytes", room)
	}
	for k.Window(conn) >= len(request) {
		k.Receive(k.now, conn, request)
		if sent += len(request); sent > 2*room {
			t.Fatalf("%d bytes of requests that wait, and more are taken", sent)
		}
		k.drain(conn)
	}
	if stats := k.Stats(); stats.FetchesWaiting != 1 {
		t.Errorf("%d fetches wait", stats.FetchesWaiting)
	}
	k.Receive(k.now, conn, make([]byte, 100))
	hungUp := false
	for e, ok := k.Poll(); ok; e, ok = k.Poll() {
		hungUp = hungUp || e.Kind == broker.Hangup && e.Conn == conn
	}
	if !hungUp {
		t.Error("beyond the window, and not hung up")
	}
}
