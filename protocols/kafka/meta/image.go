package meta

import (
	"cmp"
	"slices"
)

// ID is a topic's UUID. The zero ID is none.
type ID = [16]byte

// NoLeader is the leader of a partition that has none.
const NoLeader int32 = -1

// An Image is the state of the cluster after a number of records. The zero
// Image is that of an empty log.
type Image struct {
	brokers []*Broker // by ID
	topics  []*Topic  // by name
	byName  map[string]*Topic
	byID    map[ID]*Topic
	configs map[Resource][]Setting // by name each

	nextProducerID int64
	end            int64 // the offset behind the last record applied
	delta          Delta
}

// A Broker is a registered broker.
type Broker struct {
	ID           int32
	Epoch        int64 // of this registration: the offset of its record
	Incarnation  ID
	Listeners    []Listener
	Rack         *string
	Fenced       bool // may not lead or be in sync
	ShuttingDown bool // has asked to leave: gets no more leaderships
}

// Active says whether the broker may lead partitions and be in sync.
func (b *Broker) Active() bool { return b != nil && !b.Fenced && !b.ShuttingDown }

// A Listener is an address of a broker.
type Listener struct {
	Name, Host string
	Port       uint16
}

// A Topic and its partitions, which are numbered from 0 without a gap.
type Topic struct {
	Name       string
	ID         ID
	Partitions []Partition
}

// A Partition is who holds a partition, and who may lead it.
type Partition struct {
	Replicas []int32 // the first is the preferred leader
	ISR      []int32 // in-sync replicas; never empty, whether there is a leader or not
	// ELR are eligible leader replicas (KIP-966): out of the in-sync set, but
	// with everything below the high watermark, since that does not move
	// while the in-sync set has fewer than min.insync.replicas members.
	ELR              []int32
	Adding, Removing []int32 // a reassignment in progress
	Leader           int32   // or NoLeader
	LeaderEpoch      int32   // one more with each leader
	PartitionEpoch   int32   // one more with each change
	Recovering       bool    // the leader was elected uncleanly and has not yet said that it dealt with it
}

// A PartitionID names a partition.
type PartitionID struct {
	Topic     ID
	Partition int32
}

// A Resource is what has settings: Kind and name of a topic or a broker. The
// broker named "" is all brokers.
type Resource struct {
	Kind Kind
	Name string
}

// Kind is the kind of a Resource, as numbered by Kafka's ConfigResource.
type Kind int8

// The kinds.
const (
	TopicKind  Kind = 2
	BrokerKind Kind = 4
)

// A Setting is a configuration entry.
type Setting struct{ Name, Value string }

// End returns the offset behind the last record applied.
func (m *Image) End() int64 { return m.end }

// NextProducerID returns the first producer ID that no broker was given yet.
func (m *Image) NextProducerID() int64 { return m.nextProducerID }

// Brokers returns all registered brokers by ID.
func (m *Image) Brokers() []*Broker { return m.brokers }

// Broker returns a registered broker, or nil.
func (m *Image) Broker(id int32) *Broker {
	if i, ok := m.findBroker(id); ok {
		return m.brokers[i]
	}
	return nil
}

func (m *Image) findBroker(id int32) (int, bool) {
	return slices.BinarySearchFunc(m.brokers, id, func(b *Broker, id int32) int { return cmp.Compare(b.ID, id) })
}

// Topics returns all topics by name.
func (m *Image) Topics() []*Topic { return m.topics }

// Topic returns the topic of that name, or nil.
func (m *Image) Topic(name string) *Topic { return m.byName[name] }

// TopicByID returns the topic with that ID, or nil.
func (m *Image) TopicByID(id ID) *Topic { return m.byID[id] }

// Partition returns a partition, or nil.
func (m *Image) Partition(id PartitionID) *Partition {
	t := m.byID[id.Topic]
	if t == nil || id.Partition < 0 || int(id.Partition) >= len(t.Partitions) {
		return nil
	}
	return &t.Partitions[id.Partition]
}

// Settings returns what was set for a resource, by name. Defaults are not in it.
func (m *Image) Settings(r Resource) []Setting { return m.configs[r] }

// Setting returns one entry that was set for a resource.
func (m *Image) Setting(r Resource, name string) (value string, ok bool) {
	return findSetting(m.configs[r], name)
}

func findSetting(all []Setting, name string) (value string, ok bool) {
	i, ok := slices.BinarySearchFunc(all, name, func(s Setting, name string) int { return cmp.Compare(s.Name, name) })
	if !ok {
		return "", false
	}
	return all[i].Value, true
}
