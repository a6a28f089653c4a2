package broker_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/compress"
	"grapevine/protocols/kafka/kafkatest"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Every API is answered in every version, even if nothing sensible is asked.
func TestEveryVersionIsAnswered(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	create(t, c, 1, "t", 1, 1)
	for _, api := range wire.APIs {
		if api.Internal {
			continue
		}
		for version := api.Min; version <= api.Max; version++ {
			r := c.Dial(0)
			request := api.New()
			if d, ok := request.(interface{ Default() }); ok {
				d.Default()
			}
			if produce, ok := request.(*kmsg.ProduceRequest); ok {
				produce.Acks = 1
			}
			answer, err := r.AskAs(request, version)
			if err != nil {
				t.Errorf("%s version %d: %v", api.Name, version, err)
				continue
			}
			if answer.GetVersion() != version {
				t.Errorf("%s version %d is answered in version %d", api.Name, version, answer.GetVersion())
			}
			r.Close()
		}
	}
}

// A broker that comes back serves nobody before it has caught up: topics that
// were made while it was away would seem to be no more.
func TestRestartedBrokerAndItsClients(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	c.Crash(2)
	create(t, c, 2, "t", 1, 2)
	for i := range 2 {
		c.Cut(i, 2)
		c.Cut(2, i)
	}
	if err := c.Restart(2); err != nil {
		t.Fatal(err)
	}
	name := "t"
	r := kmsg.NewPtrMetadataRequest()
	r.Topics = []kmsg.MetadataRequestTopic{{Topic: &name}}
	for range 30 {
		c.Run(second / 5)
		if answer, err := c.Ask(2, r); err == nil {
			t.Fatalf("a broker that knows nothing yet says %+v", answer)
		}
	}
	c.Heal()
	if !c.Until(c.Now+30*second, func() bool { _, err := c.Ask(2, r); return err == nil }) {
		t.Fatal("nobody is served, after 30 s")
	}
	answer, err := c.Ask(2, r)
	if err != nil || answer.(*kmsg.MetadataResponse).Topics[0].ErrorCode != 0 {
		t.Error(answer, err)
	}
}

// What nobody could read is not taken: one such batch, and consumers would come
// no further.
func TestUnreadableBatches(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	create(t, c, 1, "t", 1, 1)
	made := func(o batch.Options, payload []byte, count int32) []byte {
		var one batch.Builder
		one.Add(kafkatest.Wall(0), nil, []byte("a"), nil)
		b := one.Append(nil, o)
		if payload != nil {
			b = append(b[:batch.HeaderBytes], payload...)
		}
		binary.BigEndian.PutUint32(b[8:], uint32(len(b)-12))
		binary.BigEndian.PutUint32(b[23:], uint32(count-1))
		binary.BigEndian.PutUint32(b[57:], uint32(count))
		batch.SetAppendTime(b, kafkatest.Wall(0)) // for the CRC
		return b
	}
	plain, gzip, unknown := batch.NoProducer, batch.NoProducer, batch.NoProducer
	gzip.Codec, unknown.Codec = batch.Gzip, 7
	transactional := batch.NoProducer
	transactional.Transactional = true
	var bomb compress.Packer
	torn := made(plain, nil, 1)
	torn[len(torn)-1]++
	for _, x := range []struct {
		what string
		b    []byte
		want *kerr.Error
	}{
		{"a good one", made(plain, nil, 1), nil},
		{"a good one, packed", made(gzip, nil, 1), nil},
		{"more records than there are", made(plain, nil, 2), kerr.InvalidRecord},
		{"2^31-1 records", made(plain, nil, math.MaxInt32), kerr.InvalidRecord},
		{"no record", made(plain, []byte{}, 1), kerr.InvalidRecord},
		{"a codec that is none", made(unknown, nil, 1), kerr.InvalidRecord},
		{"no gzip", made(gzip, []byte("gzip"), 1), kerr.InvalidRecord},
		{"a gzip of 20 MiB", made(gzip, bomb.Pack(nil, compress.Gzip, make([]byte, 20<<20)), 1), kerr.MessageTooLarge},
		{"a transaction of nobody", made(transactional, nil, 1), kerr.InvalidRecord},
		{"a wrong CRC", torn, kerr.CorruptMessage},
	} {
		answer, err := c.Ask(0, produceTo("t", 0, 1, x.b))
		if p := produced(t, answer, err); kerr.TypedErrorForCode(p.ErrorCode) != x.want {
			t.Errorf("%s: %v, expected %v", x.what, kerr.ErrorForCode(p.ErrorCode), x.want)
		}
	}
}

// Who asks the same a thousand times gets one answer.
func TestRepeatedQuestions(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	create(t, c, 1, "t", 1, 1)
	name := "t"
	metadata, configs, producers := kmsg.NewPtrMetadataRequest(), kmsg.NewPtrDescribeConfigsRequest(), kmsg.NewPtrDescribeProducersRequest()
	groups, transactions, offsets := kmsg.NewPtrDescribeGroupsRequest(), kmsg.NewPtrDescribeTransactionsRequest(), kmsg.NewPtrOffsetFetchRequest()
	for range 1000 {
		metadata.Topics = append(metadata.Topics, kmsg.MetadataRequestTopic{Topic: &name})
		configs.Resources = append(configs.Resources, kmsg.DescribeConfigsRequestResource{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: name})
		producers.Topics = append(producers.Topics, kmsg.DescribeProducersRequestTopic{Topic: name, Partitions: []int32{0, 0, 0}})
		groups.Groups, transactions.TransactionalIDs = append(groups.Groups, "g"), append(transactions.TransactionalIDs, "x")
		offsets.Groups = append(offsets.Groups, kmsg.OffsetFetchRequestGroup{Group: "g"})
	}
	for _, r := range []kmsg.Request{metadata, configs, producers, groups, transactions, offsets} {
		answer, err := c.Ask(0, r)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		switch a := answer.(type) {
		case *kmsg.MetadataResponse:
			count = len(a.Topics)
		case *kmsg.DescribeConfigsResponse:
			count = len(a.Resources)
		case *kmsg.DescribeProducersResponse:
			count = len(a.Topics) * len(a.Topics[0].Partitions)
		case *kmsg.DescribeGroupsResponse:
			count = len(a.Groups)
		case *kmsg.DescribeTransactionsResponse:
			count = len(a.TransactionStates)
		case *kmsg.OffsetFetchResponse:
			count = len(a.Groups)
		}
		if count != 1 {
			t.Errorf("%s has %d answers", kmsg.Key(r.Key()).Name(), count)
		}
	}
}

// A topic that is not there is created when a client that may asks for it.
func TestAutoCreate(t *testing.T) {
	s := quick
	s.Partitions, s.ReplicationFactor = 2, 1
	for _, allowed := range []bool{true, false} {
		s.NoAutoCreate = !allowed
		c := start(t, kafkatest.Config{Brokers: 3, Settings: s})
		name := "new"
		r := kmsg.NewPtrMetadataRequest()
		r.AllowAutoTopicCreation = true
		r.Topics = []kmsg.MetadataRequestTopic{{Topic: &name}}
		answer, err := c.Ask(2, r)
		if err != nil {
			t.Fatal(err)
		}
		m := answer.(*kmsg.MetadataResponse)
		if m.Topics[0].ErrorCode != kerr.UnknownTopicOrPartition.Code || len(m.Brokers) != 3 || m.Brokers[1].Host != c.Host(1) {
			t.Errorf("first: %+v", m)
		}
		c.Run(second)
		if answer, err = c.Ask(2, r); err != nil {
			t.Fatal(err)
		}
		m = answer.(*kmsg.MetadataResponse)
		if created := m.Topics[0].ErrorCode == 0 && len(m.Topics[0].Partitions) == 2; created != allowed {
			t.Errorf("allowed %v: then %+v", allowed, m.Topics[0])
		}
	}
}

// Offsets by their meaning, by time and by epoch; and records deleted.
func TestOffsets(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	create(t, c, 1, "t", 1, 1)
	for _, v := range []string{"a", "b", "c"} {
		answer, err := c.Ask(0, produceTo("t", 0, -1, records(v)))
		if p := produced(t, answer, err); p.ErrorCode != 0 {
			t.Fatal(kerr.ErrorForCode(p.ErrorCode))
		}
	}
	for timestamp, want := range map[int64]int64{-1: 3, -2: 0, -3: 0, kafkatest.Wall(0): 0, kafkatest.Wall(0) + 1: -1} {
		if p := listOffsets(t, c, 0, timestamp); p.ErrorCode != 0 || p.Offset != want {
			t.Errorf("ListOffsets of %d: %d, %v; expected %d", timestamp, p.Offset, kerr.ErrorForCode(p.ErrorCode), want)
		}
	}
	r := kmsg.NewPtrDeleteRecordsRequest()
	r.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: "t", Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Offset: 2}}}}
	answer, err := c.Ask(0, r)
	if err != nil || answer.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0].LowWatermark != 2 || listOffsets(t, c, 0, -2).Offset != 2 {
		t.Error(answer, err, listOffsets(t, c, 0, -2))
	}
	r.Topics[0].Partitions[0].Offset = 4
	if answer, err = c.Ask(0, r); err != nil || answer.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0].ErrorCode != kerr.OffsetOutOfRange.Code {
		t.Error(answer, err)
	}
	answer, err = c.Dial(0).AskAs(fetchFrom("t", 0, 0, 0), 12)
	if p := answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]; err != nil || p.ErrorCode != kerr.OffsetOutOfRange.Code || p.LogStartOffset != 2 {
		t.Error("a fetch below the log start offset:", p)
	}
}

// A producer that wants no answers learns that something was refused by the end
// of its connection: how else would it look for the leader?
func TestNoAcksAndNoLeader(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	createOn(t, c, 0, "t", 1)
	for node, refused := range map[int]bool{0: true, 1: false} {
		r := c.Dial(node)
		r.Send(produceTo("t", 0, 0, records("x")), -1)
		c.Run(second)
		if r.Closed() != refused {
			t.Errorf("broker %d, the leader is 1: closed %v", node, r.Closed())
		}
	}
	if p, _ := c.Broker(1).Partition("t", 0); p.End != 1 {
		t.Errorf("the leader has %d records", p.End)
	}
}

// Only where segments are deleted may records be.
func TestDeleteRecordsOfCompactedTopics(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	for policy, want := range map[string]*kerr.Error{"compact": kerr.PolicyViolation, "compact,delete": nil} {
		topic := strings.ReplaceAll(policy, ",", "-")
		create(t, c, 1, topic, 1, 1, "cleanup.policy", policy)
		r := kmsg.NewPtrDeleteRecordsRequest()
		r.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: topic, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Offset: 0}}}}
		answer, err := c.Ask(0, r)
		if err != nil {
			t.Fatal(err)
		}
		if p := answer.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0]; kerr.TypedErrorForCode(p.ErrorCode) != want {
			t.Errorf("%s: %v", policy, kerr.ErrorForCode(p.ErrorCode))
		}
	}
}

// Whoever brings a wrong leader epoch, or asks the wrong broker, is told.
func TestLeaderEpochs(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	create(t, c, 3, "t", 1, 3)
	at := leader(c, 3, "t", 0)
	epoch := c.Broker(at).Image().Topic("t").Partitions[0].LeaderEpoch
	ask := func(node int, epoch int32) kmsg.FetchResponseTopicPartition {
		r := fetchFrom("t", 0, 0, 0)
		r.Topics[0].Partitions[0].CurrentLeaderEpoch = epoch
		answer, err := c.Dial(node).AskAs(r, 12)
		if err != nil {
			t.Fatal(err)
		}
		return answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]
	}
	if p := ask(at, epoch); p.ErrorCode != 0 {
		t.Error(kerr.ErrorForCode(p.ErrorCode))
	}
	if p := ask(at, epoch+1); p.ErrorCode != kerr.UnknownLeaderEpoch.Code {
		t.Error(kerr.ErrorForCode(p.ErrorCode))
	}
	if p := ask((at+1)%3, epoch); p.ErrorCode != kerr.NotLeaderForPartition.Code || p.CurrentLeader.LeaderID != int32(at) {
		t.Error(kerr.ErrorForCode(p.ErrorCode), p.CurrentLeader)
	}
	elect := kmsg.NewPtrElectLeadersRequest()
	if answer, err := c.Ask(0, elect); err != nil || answer.(*kmsg.ElectLeadersResponse).ErrorCode != 0 {
		t.Error(answer, err)
	}
	// A reader whose last record is of an epoch that ended earlier here, and
	// one of an epoch that nobody knows.
	r := fetchFrom("t", 0, 5, 0)
	r.Topics[0].Partitions[0].LastFetchedEpoch = epoch
	answer, err := c.Dial(at).AskAs(r, 12)
	if p := answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]; err != nil || p.DivergingEpoch.Epoch != epoch || p.DivergingEpoch.EndOffset != 0 {
		t.Errorf("diverging: %+v", p)
	}
	o := kmsg.NewPtrOffsetForLeaderEpochRequest()
	o.ReplicaID = -2
	o.Topics = []kmsg.OffsetForLeaderEpochRequestTopic{{Topic: "t", Partitions: []kmsg.OffsetForLeaderEpochRequestTopicPartition{{CurrentLeaderEpoch: -1, LeaderEpoch: epoch}}}}
	if answer, err := c.Ask(at, o); err != nil || answer.(*kmsg.OffsetForLeaderEpochResponse).Topics[0].Partitions[0].EndOffset != 0 {
		t.Error(answer, err)
	}
}

// What a topic and a broker are configured to.
func TestDescribe(t *testing.T) {
	s := quick
	s.SegmentBytes = 4096
	c := start(t, kafkatest.Config{Brokers: 1, Settings: s})
	create(t, c, 1, "t", 1, 1, "retention.ms", "1000")
	r := kmsg.NewPtrDescribeConfigsRequest()
	r.IncludeSynonyms = true
	r.Resources = []kmsg.DescribeConfigsRequestResource{
		{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: "t"},
		{ResourceType: kmsg.ConfigResourceTypeBroker, ResourceName: "0", ConfigNames: []string{"log.segment.bytes"}},
		{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: "unknown"},
	}
	answer, err := c.Ask(0, r)
	if err != nil {
		t.Fatal(err)
	}
	all := answer.(*kmsg.DescribeConfigsResponse).Resources
	got := map[string]string{}
	for _, o := range all[0].Configs {
		got[o.Name] = *o.Value
	}
	if got["retention.ms"] != "1000" || got["segment.bytes"] != "4096" || got["cleanup.policy"] != "delete" {
		t.Error(got)
	}
	if len(all[1].Configs) != 1 || *all[1].Configs[0].Value != "4096" || all[2].ErrorCode != kerr.UnknownTopicOrPartition.Code {
		t.Errorf("%+v %+v", all[1], all[2])
	}
	dirs, err := c.Ask(0, kmsg.NewPtrDescribeLogDirsRequest())
	if err != nil || len(dirs.(*kmsg.DescribeLogDirsResponse).Dirs[0].Topics) != 1 {
		t.Error(dirs, err)
	}
}
