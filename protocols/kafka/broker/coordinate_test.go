package broker_test

import (
	"strconv"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/kafkatest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// findCoordinator asks until there is one.
func findCoordinator(t testing.TB, c *kafkatest.Cluster, at int, kind int8, key string) int {
	t.Helper()
	for range 100 {
		r := kmsg.NewPtrFindCoordinatorRequest()
		r.CoordinatorType, r.CoordinatorKeys = kind, []string{key}
		answer, err := c.Ask(at, r)
		if err != nil {
			t.Fatal(err)
		}
		if o := answer.(*kmsg.FindCoordinatorResponse).Coordinators[0]; o.ErrorCode == 0 {
			return int(o.NodeID)
		}
		c.Run(second / 5)
	}
	t.Fatalf("no coordinator of %s", key)
	return -1
}

// A group's offsets survive its coordinator.
func TestOffsetsSurviveTheCoordinator(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	create(t, c, 3, "t", 1, 3)
	first := findCoordinator(t, c, 0, 0, "g")
	commit := kmsg.NewPtrOffsetCommitRequest()
	commit.Group, commit.Generation = "g", -1
	commit.Topics = []kmsg.OffsetCommitRequestTopic{{Topic: "t", Partitions: []kmsg.OffsetCommitRequestTopicPartition{{Partition: 0, Offset: 7, LeaderEpoch: -1}}}}
	var code int16 = -1
	for range 50 {
		answer, err := c.Ask(first, commit)
		if err != nil {
			t.Fatal(err)
		}
		if code = answer.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode; code == 0 {
			break
		}
		c.Run(second / 5)
	}
	if code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
	c.Crash(first)
	at := (first + 1) % 3
	next := first
	await(t, c, "another coordinator", func() bool {
		next = findCoordinator(t, c, at, 0, "g")
		return next != first
	})
	fetch := kmsg.NewPtrOffsetFetchRequest()
	fetch.Groups = []kmsg.OffsetFetchRequestGroup{{Group: "g", Topics: []kmsg.OffsetFetchRequestGroupTopic{{Topic: "t", Partitions: []int32{0}}}}}
	for range 50 {
		answer, err := c.Ask(next, fetch)
		if err != nil {
			t.Fatal(err)
		}
		g := answer.(*kmsg.OffsetFetchResponse).Groups[0]
		if g.ErrorCode == 0 && g.Topics[0].Partitions[0].ErrorCode == 0 {
			if got := g.Topics[0].Partitions[0].Offset; got != 7 {
				t.Fatalf("the committed offset is %d", got)
			}
			return
		}
		c.Run(second / 5)
	}
	t.Fatal("the next coordinator did not load the group")
}

// A coordinator whose partition has too few replicas in sync says so at once,
// however often it is asked: what it may not append must not wait for what it
// appended before the others went away.
func TestCoordinatorWithTooFewInSync(t *testing.T) {
	s := quick
	s.MinInsync, s.OffsetsPartitions = 2, 1
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: s})
	createOn(t, c, 0, "t", 0)
	at := findCoordinator(t, c, 0, 0, "g")
	commit := kmsg.NewPtrOffsetCommitRequest()
	commit.Group, commit.Generation = "g", -1
	commit.Topics = []kmsg.OffsetCommitRequestTopic{{Topic: "t", Partitions: []kmsg.OffsetCommitRequestTopicPartition{{Partition: 0, Offset: 7, LeaderEpoch: -1}}}}
	ask := func() int16 {
		answer, err := c.Ask(at, commit)
		if err != nil {
			t.Fatal(err)
		}
		return answer.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode
	}
	await(t, c, "it has loaded", func() bool { return ask() == 0 })
	for i := 1; i < 4; i++ {
		if i != at {
			c.Kill(i)
		}
	}
	for i, patience := range []int64{5 * second, second / 100, second / 100} {
		before := c.Now
		if code := ask(); code != kerr.CoordinatorNotAvailable.Code || c.Now-before > patience {
			t.Errorf("commit %d: after %d us: %v", i, c.Now-before, kerr.ErrorForCode(code))
		}
	}
}

// A transaction over partitions of two leaders: what is committed is read,
// what is aborted is not, and what is open holds readers up.
func TestTransaction(t *testing.T) {
	s := quick
	c := start(t, kafkatest.Config{Brokers: 3, Settings: s})
	create(t, c, 3, "t", 3, 3)
	at := findCoordinator(t, c, 0, 1, "x")
	id := "x"
	var producer *kmsg.InitProducerIDResponse
	for range 50 {
		r := kmsg.NewPtrInitProducerIDRequest()
		r.TransactionalID, r.TransactionTimeoutMillis = &id, 60_000
		answer, err := c.Ask(at, r)
		if err != nil {
			t.Fatal(err)
		}
		if producer = answer.(*kmsg.InitProducerIDResponse); producer.ErrorCode == 0 {
			break
		}
		c.Run(second / 5)
	}
	if producer.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(producer.ErrorCode))
	}
	sequence := int32(0)
	transaction := func(value string, commit bool) {
		add := kmsg.NewPtrAddPartitionsToTxnRequest()
		add.TransactionalID, add.ProducerID, add.ProducerEpoch = id, producer.ProducerID, producer.ProducerEpoch
		add.Topics = []kmsg.AddPartitionsToTxnRequestTopic{{Topic: "t", Partitions: []int32{0, 1, 2}}}
		for tries := 0; ; tries++ {
			answer, err := c.Ask(at, add)
			if err != nil {
				t.Fatal(err)
			}
			code := answer.(*kmsg.AddPartitionsToTxnResponse).Topics[0].Partitions[0].ErrorCode
			if code == 0 {
				break
			}
			if code != kerr.ConcurrentTransactions.Code || tries > 100 {
				t.Fatal(kerr.ErrorForCode(code))
			}
			c.Run(second / 50)
		}
		for p := range int32(3) {
			answer, err := c.Ask(leader(c, 3, "t", p), inTxn(&id, producer.ProducerID, producer.ProducerEpoch, p, sequence, value))
			if o := produced(t, answer, err); o.ErrorCode != 0 {
				t.Fatal(kerr.ErrorForCode(o.ErrorCode))
			}
		}
		sequence++
		for p := range int32(3) {
			if got := committed(t, c, p); len(got) > 0 && got[len(got)-1] == value {
				t.Fatalf("partition %d: %q is read while the transaction is open", p, value)
			}
		}
		end := kmsg.NewPtrEndTxnRequest()
		end.TransactionalID, end.ProducerID, end.ProducerEpoch, end.Commit = id, producer.ProducerID, producer.ProducerEpoch, commit
		if answer, err := c.Ask(at, end); err != nil || answer.(*kmsg.EndTxnResponse).ErrorCode != 0 {
			t.Fatal(answer, err)
		}
	}
	transaction("a", true)
	transaction("b", false)
	transaction("c", true)
	c.Run(second)
	for p := range int32(3) {
		if got := committed(t, c, p); len(got) != 2 || got[0] != "a" || got[1] != "c" {
			t.Errorf("partition %d: %q are committed, expected a and c", p, got)
		}
	}
}

// Somebody creates the coordinators' topics by hand, with as many partitions as
// she likes, and lets them grow: whoever asks finds a coordinator that answers.
func TestCoordinatorsTopicsOfAnySize(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	create(t, c, 3, "t", 1, 3)
	names := []string{"__consumer_offsets", "__transaction_state"}
	for size, name := range names {
		create(t, c, 3, name, int32(1+4*size), 3) // quick has 2 of each
	}
	for _, grown := range []bool{false, true} {
		if grown {
			for _, name := range names {
				r := kmsg.NewPtrCreatePartitionsRequest()
				topic := kmsg.NewCreatePartitionsRequestTopic()
				topic.Topic, topic.Count = name, 7
				r.Topics = append(r.Topics, topic)
				if answer, err := c.Ask(0, r); err != nil || answer.(*kmsg.CreatePartitionsResponse).Topics[0].ErrorCode != 0 {
					t.Fatal(answer, err)
				}
			}
		}
		c.Run(second)
		for i := range 12 {
			id := strconv.Itoa(i)
			commit := kmsg.NewPtrOffsetCommitRequest()
			commit.Group, commit.Generation = id, -1
			commit.Topics = []kmsg.OffsetCommitRequestTopic{{Topic: "t", Partitions: []kmsg.OffsetCommitRequestTopicPartition{{Offset: 7, LeaderEpoch: -1}}}}
			answer, err := c.Ask(findCoordinator(t, c, 0, 0, id), commit)
			if err != nil || answer.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode != 0 {
				t.Errorf("group %s, grown %v: %+v, %v", id, grown, answer, err)
			}
			init := kmsg.NewPtrInitProducerIDRequest()
			init.TransactionalID, init.TransactionTimeoutMillis = &id, 60_000
			answer, err = c.Ask(findCoordinator(t, c, 0, 1, id), init)
			if err != nil || answer.(*kmsg.InitProducerIDResponse).ErrorCode != 0 {
				t.Errorf("transactional id %s, grown %v: %+v, %v", id, grown, answer, err)
			}
		}
	}
}

// beginTxn has a coordinator begin a transaction that partition 0 of t is in.
func beginTxn(t testing.TB, c *kafkatest.Cluster, at int, id string) *kmsg.InitProducerIDResponse {
	t.Helper()
	r := kmsg.NewPtrInitProducerIDRequest()
	r.TransactionalID, r.TransactionTimeoutMillis = &id, 60_000
	var producer *kmsg.InitProducerIDResponse
	await(t, c, "a producer id", func() bool {
		answer, err := c.Ask(at, r)
		if err != nil {
			t.Fatal(err)
		}
		producer = answer.(*kmsg.InitProducerIDResponse)
		return producer.ErrorCode == 0
	})
	add := kmsg.NewPtrAddPartitionsToTxnRequest()
	add.TransactionalID, add.ProducerID, add.ProducerEpoch = id, producer.ProducerID, producer.ProducerEpoch
	add.Topics = []kmsg.AddPartitionsToTxnRequestTopic{{Topic: "t", Partitions: []int32{0}}}
	if answer, err := c.Ask(at, add); err != nil || answer.(*kmsg.AddPartitionsToTxnResponse).Topics[0].Partitions[0].ErrorCode != 0 {
		t.Fatal(answer, err)
	}
	return producer
}

// inTxn is a Produce to a partition of t in a transaction.
func inTxn(id *string, producer int64, epoch int16, partition, sequence int32, value string) *kmsg.ProduceRequest {
	var b batch.Builder
	b.Add(kafkatest.Wall(0), nil, []byte(value), nil)
	o := batch.NoProducer
	o.ProducerID, o.ProducerEpoch, o.BaseSequence, o.Transactional = producer, epoch, sequence, true
	r := produceTo("t", partition, -1, b.Append(nil, o))
	r.TransactionID = id
	return r
}

// While a leader waits for the coordinator it takes office anew. Nothing that it
// is told then counts, but that is no reason to give the transaction up.
func TestVerificationOverAnEpoch(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: quick})
	id, at := "", 0
	for i := 0; at == 0 || at == 1; i++ { // not the controller, nor the leader
		id = strconv.Itoa(i)
		at = findCoordinator(t, c, 0, 1, id)
	}
	createOn(t, c, 0, "t", 1, int32(5-at), int32(at))
	producer := beginTxn(t, c, at, id)
	c.Cut(1, at)
	write := c.Dial(1)
	write.Send(inTxn(&id, producer.ProducerID, producer.ProducerEpoch, 0, 0, "a"), -1)
	r := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	r.AllowReplicationFactorChange = true
	r.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{{Topic: "t", Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{{Replicas: []int32{1, int32(5 - at)}}}}}
	if answer, err := c.Ask(0, r); err != nil || answer.(*kmsg.AlterPartitionAssignmentsResponse).Topics[0].Partitions[0].ErrorCode != 0 {
		t.Fatal(answer, err)
	}
	await(t, c, "another epoch", func() bool { p, _ := c.Broker(1).Partition("t", 0); return p.LeaderEpoch == 1 && p.Leads })
	c.Heal()
	await(t, c, "an answer", func() bool { return write.Waiting() == 0 })
	answer, _ := write.Next()
	if p := produced(t, answer.Answer, nil); p.ErrorCode != kerr.NotEnoughReplicas.Code {
		t.Error(kerr.ErrorForCode(p.ErrorCode))
	}
	again, err := c.Ask(1, inTxn(&id, producer.ProducerID, producer.ProducerEpoch, 0, 0, "a"))
	if p := produced(t, again, err); p.ErrorCode != 0 {
		t.Error(kerr.ErrorForCode(p.ErrorCode))
	}
}

// What is not in a transaction, as its coordinator knows it, is not taken.
func TestUnverifiedBatches(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Voters: 1, Settings: quick})
	create(t, c, 3, "t", 2, 3)
	at, id := findCoordinator(t, c, 0, 1, "x"), "x"
	producer := beginTxn(t, c, at, id)
	send := func(id *string, epoch int16, partition, sequence int32) *kerr.Error {
		answer, err := c.Ask(leader(c, 3, "t", partition), inTxn(id, producer.ProducerID, epoch, partition, sequence, "a"))
		return kerr.TypedErrorForCode(produced(t, answer, err).ErrorCode)
	}
	nobody := "y"
	for _, test := range []struct {
		what                string
		id                  *string
		epoch               int16
		partition, sequence int32
		want                *kerr.Error
	}{
		{"without an id", nil, 0, 0, 0, kerr.TransactionalIDAuthorizationFailed},
		{"with another's", &nobody, 0, 0, 0, kerr.InvalidProducerIDMapping},
		{"of another life", &id, 1, 0, 0, kerr.InvalidProducerEpoch},
		{"to another partition", &id, 0, 1, 0, kerr.InvalidTxnState},
		{"in the transaction", &id, 0, 0, 0, nil},
		{"and on", &id, 0, 0, 1, nil},
	} {
		if err := send(test.id, test.epoch, test.partition, test.sequence); err != test.want {
			t.Errorf("%s: %v, expected %v", test.what, err, test.want)
		}
	}
	end := kmsg.NewPtrEndTxnRequest()
	end.TransactionalID, end.ProducerID, end.ProducerEpoch = id, producer.ProducerID, producer.ProducerEpoch
	if answer, err := c.Ask(at, end); err != nil || answer.(*kmsg.EndTxnResponse).ErrorCode != 0 {
		t.Fatal(answer, err)
	}
	c.Run(second)
	if err := send(&id, 0, 0, 2); err != kerr.InvalidTxnState {
		t.Errorf("behind the marker: %v", err)
	}
	if p, _ := c.Broker(leader(c, 3, "t", 0)).Partition("t", 0); p.LastStable != 3 || p.End != 3 {
		t.Errorf("the last stable offset is %d of %d", p.LastStable, p.End)
	}
}

// A transaction whose markers were sent to a broker that died without a word
// ends as soon as there is another leader.
func TestMarkersOfADeadLeader(t *testing.T) {
	s := quick
	s.RequestMicros, s.TxnReplication, s.TxnMinInsync = 600*second, 1, 1
	c := start(t, kafkatest.Config{Brokers: 3, Voters: 1, Settings: s})
	at, id := findCoordinator(t, c, 0, 1, "x"), "x"
	dies := 1 + at%2
	createOn(t, c, 0, "t", int32(dies), int32(3-dies))
	producer := beginTxn(t, c, at, id)
	answer, err := c.Ask(dies, inTxn(&id, producer.ProducerID, producer.ProducerEpoch, 0, 0, "a"))
	if p := produced(t, answer, err); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	c.Kill(dies)
	end := kmsg.NewPtrEndTxnRequest()
	end.TransactionalID, end.ProducerID, end.ProducerEpoch, end.Commit = id, producer.ProducerID, producer.ProducerEpoch, true
	if answer, err := c.Ask(at, end); err != nil || answer.(*kmsg.EndTxnResponse).ErrorCode != 0 {
		t.Fatal(answer, err)
	}
	await(t, c, "what is committed can be read", func() bool {
		return leader(c, 3, "t", 0) == 3-dies && len(committed(t, c, 0)) == 1
	})
}

// Offsets that are committed in a transaction become the group's with it.
func TestTransactionOffsets(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	create(t, c, 3, "t", 1, 3)
	group, coordinator := findCoordinator(t, c, 0, 0, "g"), findCoordinator(t, c, 0, 1, "x")
	c.Run(5 * second) // both topics are created, and loaded
	id := "x"
	r := kmsg.NewPtrInitProducerIDRequest()
	r.TransactionalID, r.TransactionTimeoutMillis = &id, 60_000
	answer, err := c.Ask(coordinator, r)
	if err != nil || answer.(*kmsg.InitProducerIDResponse).ErrorCode != 0 {
		t.Fatal(answer, err)
	}
	producer := answer.(*kmsg.InitProducerIDResponse)
	for i, commit := range []bool{true, false} {
		add := kmsg.NewPtrAddOffsetsToTxnRequest()
		add.TransactionalID, add.ProducerID, add.ProducerEpoch, add.Group = id, producer.ProducerID, producer.ProducerEpoch, "g"
		if answer, err := c.Ask(coordinator, add); err != nil || answer.(*kmsg.AddOffsetsToTxnResponse).ErrorCode != 0 {
			t.Fatal(answer, err)
		}
		offsets := kmsg.NewPtrTxnOffsetCommitRequest()
		offsets.TransactionalID, offsets.Group, offsets.ProducerID, offsets.ProducerEpoch, offsets.Generation = id, "g", producer.ProducerID, producer.ProducerEpoch, -1
		offsets.Topics = []kmsg.TxnOffsetCommitRequestTopic{{Topic: "t", Partitions: []kmsg.TxnOffsetCommitRequestTopicPartition{{Offset: int64(7 + i), LeaderEpoch: -1}}}}
		answer, err := c.Ask(group, offsets)
		if err != nil {
			t.Fatal(err)
		}
		if code := answer.(*kmsg.TxnOffsetCommitResponse).Topics[0].Partitions[0].ErrorCode; code != 0 {
			t.Fatal(kerr.ErrorForCode(code))
		}
		end := kmsg.NewPtrEndTxnRequest()
		end.TransactionalID, end.ProducerID, end.ProducerEpoch, end.Commit = id, producer.ProducerID, producer.ProducerEpoch, commit
		if answer, err := c.Ask(coordinator, end); err != nil || answer.(*kmsg.EndTxnResponse).ErrorCode != 0 {
			t.Fatal(answer, err)
		}
		c.Run(second)
		fetch := kmsg.NewPtrOffsetFetchRequest()
		fetch.Groups = []kmsg.OffsetFetchRequestGroup{{Group: "g", Topics: []kmsg.OffsetFetchRequestGroupTopic{{Topic: "t", Partitions: []int32{0}}}}}
		if answer, err = c.Ask(group, fetch); err != nil {
			t.Fatal(err)
		}
		if got := answer.(*kmsg.OffsetFetchResponse).Groups[0].Topics[0].Partitions[0].Offset; got != 7 {
			t.Errorf("commit %v: the group's offset is %d, expected 7", commit, got)
		}
	}
}

// committed reads what is committed in a partition of t.
func committed(t testing.TB, c *kafkatest.Cluster, partition int32) []string {
	t.Helper()
	r := fetchFrom("t", partition, 0, 0)
	r.IsolationLevel = 1
	answer, err := c.Dial(leader(c, 3, "t", partition)).AskAs(r, 12)
	if err != nil {
		t.Fatal(err)
	}
	p := answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]
	if p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	var got []string
	aborted := map[int64]bool{}
	begun := map[int64][]int64{}
	for _, a := range p.AbortedTransactions {
		begun[a.ProducerID] = append(begun[a.ProducerID], a.FirstOffset)
	}
	for b := p.RecordBatches; len(b) > 0; {
		h, size, err := batch.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if all := begun[h.ProducerID]; len(all) > 0 && all[0] <= h.BaseOffset {
			aborted[h.ProducerID] = true
			begun[h.ProducerID] = all[1:]
		}
		if h.Control() {
			delete(aborted, h.ProducerID)
		} else if !aborted[h.ProducerID] {
			for _, v := range values(t, b[:size]) {
				got = append(got, v.value)
			}
		}
		b = b[size:]
	}
	return got
}
