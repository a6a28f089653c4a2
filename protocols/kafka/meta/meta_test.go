package meta

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

func text(s string) *string { return &s }

var (
	idA = ID{1, 2, 3}
	idB = ID{9}
)

// samples are records of every type, in an order in which they make sense.
func samples() []Record {
	a0, a1 := PartitionID{idA, 0}, PartitionID{idA, 1}
	return []Record{
		&RegisterBroker{Broker: 1, Incarnation: ID{7}, Epoch: 0, Listeners: []Listener{{"PLAINTEXT", "b1", 9092}, {"OUT", "", 65535}}, Rack: text("r")},
		&RegisterBroker{Broker: 2, Epoch: 1, Listeners: []Listener{}},
		&RegisterBroker{Broker: 3, Epoch: 2, Listeners: []Listener{}, Rack: text("")},
		&ChangeBroker{Broker: 2, Epoch: 1, Fenced: -1},
		&ChangeBroker{Broker: 1, Epoch: 0, Fenced: -1},
		&CreateTopic{Name: "orders", ID: idA},
		&CreatePartition{Partition: a0, Replicas: []int32{1, 2}, ISR: []int32{1, 2}, Removing: []int32{}, Adding: []int32{}, Leader: 1},
		&CreatePartition{Partition: a1, Replicas: []int32{2, 1}, ISR: []int32{2, 1}, Removing: []int32{}, Adding: []int32{}, Leader: 2, LeaderEpoch: 3, PartitionEpoch: 5},
		&CreateTopic{Name: "gone", ID: idB},
		&SetConfig{Resource: Resource{TopicKind, "orders"}, Name: "retention.ms", Value: text("5")},
		&SetConfig{Resource: Resource{TopicKind, "orders"}, Name: "cleanup.policy", Value: text("")},
		&SetConfig{Resource: Resource{TopicKind, "orders"}, Name: "retention.ms"},
		&SetConfig{Resource: Resource{BrokerKind, "2"}, Name: "log.roll.ms", Value: text("9")},
		&ChangePartition{Partition: a0, ISR: []int32{2}, Leader: 2, ELR: []int32{1}, Recovery: -1},
		&ChangePartition{Partition: a1, Leader: SameLeader, Replicas: []int32{2, 3}, Removing: []int32{1}, Adding: []int32{3}, Recovery: 1},
		&ChangePartition{Partition: a1, Leader: NoLeader, ELR: []int32{}, Recovery: 0},
		&ChangeBroker{Broker: 1, Epoch: 0, Fenced: 1, ShuttingDown: 1},
		&ChangeBroker{Broker: 1, Epoch: 0},
		&SetProducerIDs{Broker: 1, Epoch: 4, Next: 1000},
		&RemoveTopic{ID: idB},
		&UnregisterBroker{Broker: 3, Epoch: 2},
	}
}

func TestRecords(t *testing.T) {
	for _, r := range samples() {
		b := AppendRecord(nil, r)
		got, err := Parse(b)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("% x: got %+v, %v, want %+v", b, got, err, r)
		}
		for n := range b {
			if _, err := Parse(b[:n]); err == nil {
				t.Errorf("%T: no error for %d bytes of %d", r, n, len(b))
			}
		}
		if _, err := Parse(append(b, 0)); err == nil {
			t.Errorf("%T: no error for a trailing byte", r)
		}
	}
}

// Kafka's own bytes, by hand from its schemas and KIP-482.
func TestRecordBytes(t *testing.T) {
	got := AppendRecord(nil, &ChangePartition{Partition: PartitionID{ID{15: 1}, 2}, ISR: []int32{3}, Leader: 3, Recovery: -1, ELR: []int32{4, 5}})
	want := []byte{1, 5, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		3, 0, 5, 2, 0, 0, 0, 3, 1, 4, 0, 0, 0, 3, 6, 9, 3, 0, 0, 0, 4, 0, 0, 0, 5}
	if !bytes.Equal(got, want) {
		t.Errorf("got  % x\nwant % x", got, want)
	}
}

func describe(m *Image) string {
	var s string
	for _, b := range m.Brokers() {
		s += fmt.Sprintf("broker %d epoch %d fenced %v down %v\n", b.ID, b.Epoch, b.Fenced, b.ShuttingDown)
	}
	for _, topic := range m.Topics() {
		s += fmt.Sprintf("topic %s %v\n", topic.Name, m.Settings(Resource{TopicKind, topic.Name}))
		for _, p := range topic.Partitions {
			s += fmt.Sprintf("  %+v\n", p)
		}
	}
	return s + fmt.Sprintf("next %d end %d", m.NextProducerID(), m.End())
}

const wantImage = `broker 1 epoch 0 fenced true down true
broker 2 epoch 1 fenced false down false
topic orders [{cleanup.policy }]
  {Replicas:[1 2] ISR:[2] ELR:[1] Adding:[] Removing:[] Leader:2 LeaderEpoch:1 PartitionEpoch:1 Recovering:false}
  {Replicas:[2 3] ISR:[2 1] ELR:[] Adding:[3] Removing:[1] Leader:-1 LeaderEpoch:4 PartitionEpoch:7 Recovering:false}
next 1000 end 21`

func TestImage(t *testing.T) {
	var m Image
	for i, r := range samples() {
		if err := m.Apply(int64(i), r); err != nil {
			t.Fatal(err)
		}
	}
	if got := describe(&m); got != wantImage {
		t.Errorf("got\n%s\nwant\n%s", got, wantImage)
	}
	c := m.Clone()
	d := m.Delta()
	if len(d.Brokers) != 3 || len(d.Created) != 2 || len(d.Deleted) != 1 || len(d.Partitions) != 2 || len(d.Configs) != 2 {
		t.Errorf("delta %+v", d)
	}
	if d := m.Delta(); !d.Empty() {
		t.Errorf("second delta %+v", d)
	}
	if err := c.Apply(21, &ChangePartition{Partition: PartitionID{idA, 0}, Leader: 1, Recovery: -1}); err != nil {
		t.Fatal(err)
	}
	_ = c.Apply(22, &ChangeBroker{Broker: 2, Epoch: 1, Fenced: 1})
	_ = c.Apply(23, &SetConfig{Resource: Resource{TopicKind, "orders"}, Name: "cleanup.policy"})
	if got := describe(&m); got != wantImage {
		t.Errorf("a change of the clone changed the image: got\n%s", got)
	}
}

func TestApplyRefuses(t *testing.T) {
	for _, r := range []Record{
		&UnregisterBroker{Broker: 1}, &ChangeBroker{Broker: 1}, &RemoveTopic{ID: idA},
		&CreatePartition{Partition: PartitionID{idA, 0}}, &ChangePartition{Partition: PartitionID{idA, 0}},
	} {
		var m Image
		if err := m.Apply(0, r); err == nil || m.End() != 1 {
			t.Errorf("%T: error %v, end %d", r, err, m.End())
		}
	}
}

// The delta's short list and its map agree with a plain set.
func TestDeltaOfMany(t *testing.T) {
	var d Delta
	want := map[PartitionID]bool{}
	for i := range 500 {
		id := PartitionID{ID{byte(i % 7)}, int32(i * i % 31)}
		d.partition(id)
		want[id] = true
	}
	for _, id := range d.Partitions {
		if !want[id] {
			t.Errorf("%v is there twice", id)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("missing %v", want)
	}
}

func TestKeys(t *testing.T) {
	for _, kind := range []Kind{TopicKind, BrokerKind} {
		keys := Keys(kind)
		if !slices.IsSortedFunc(keys, func(a, b Key) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) }) {
			t.Errorf("kind %d is not sorted", kind)
		}
		for _, k := range keys {
			if err := k.Check(k.Default); err != nil && k.Name != "node.id" {
				t.Errorf("default: %v", err)
			}
			if k.Doc == "" {
				t.Errorf("%s has no doc", k.Name)
			}
			if kind != TopicKind || k.Broker == "" {
				continue
			}
			if b := FindKey(BrokerKind, k.Broker); b == nil || b.Default != k.Default || b.Type != k.Type || b.min != k.min || b.max != k.max || b.Fixed {
				t.Errorf("%s defaults to %+v", k.Name, b)
			}
		}
	}
	for _, c := range []struct {
		name, value string
		ok          bool
	}{
		{"cleanup.policy", "compact, delete", true}, {"cleanup.policy", "compact,both", false}, {"cleanup.policy", "", false},
		{"retention.ms", "-1", true}, {"retention.ms", "-2", false}, {"retention.ms", "1e3", false}, {"segment.bytes", "2147483648", false},
		{"preallocate", "yes", false}, {"min.cleanable.dirty.ratio", "1.00", true}, {"min.cleanable.dirty.ratio", ".5", true},
		{"min.cleanable.dirty.ratio", "1.1", false}, {"min.cleanable.dirty.ratio", "NaN", false}, {"min.cleanable.dirty.ratio", "", false},
		{"compression.type", "zstd", true}, {"compression.type", "lzma", false},
	} {
		if err := FindKey(TopicKind, c.name).Check(c.value); (err == nil) != c.ok {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
		}
	}
}

func TestValues(t *testing.T) {
	var m Image
	set := func(kind Kind, name, key, value string) {
		_ = m.Apply(0, &SetConfig{Resource: Resource{kind, name}, Name: key, Value: &value})
	}
	static := []Setting{{"log.retention.ms", "4"}}
	k := FindKey(TopicKind, "retention.ms")
	check := func(topic string, broker int32, want string) {
		t.Helper()
		if got := fmt.Sprint(m.Values(k, topic, broker, static)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := m.Value(k, topic, broker, static); got != m.Values(k, topic, broker, static)[0].Value {
			t.Errorf("Value is %s", got)
		}
	}
	check("t", -1, "[{log.retention.ms 4 4} {log.retention.ms 604800000 5}]")
	set(BrokerKind, "", "log.retention.ms", "3")
	set(BrokerKind, "1", "log.retention.ms", "2")
	set(TopicKind, "t", "retention.ms", "1")
	check("t", 1, "[{retention.ms 1 1} {log.retention.ms 2 2} {log.retention.ms 3 3} {log.retention.ms 4 4} {log.retention.ms 604800000 5}]")
	check("u", 2, "[{log.retention.ms 3 3} {log.retention.ms 4 4} {log.retention.ms 604800000 5}]")
	k = FindKey(TopicKind, "leader.replication.throttled.replicas")
	check("t", 1, "[{leader.replication.throttled.replicas  5}]")
}

func FuzzParse(f *testing.F) {
	for _, r := range samples() {
		f.Add(AppendRecord(nil, r))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(AppendRecord(nil, r))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v became %+v, %v", r, again, err)
		}
		var m Image
		for i, s := range append(samples(), r, r) {
			_ = m.Apply(int64(i), s) // must not panic
		}
	})
}
