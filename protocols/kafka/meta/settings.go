package meta

import (
	"cmp"
	"slices"
)

// Type is the type of a configuration entry, as numbered by Kafka's
// DescribeConfigs.
type Type int8

// The types.
const (
	Boolean Type = 1
	String  Type = 2
	Int     Type = 3
	Short   Type = 4
	Long    Type = 5
	Double  Type = 6
	List    Type = 7
)

// Source says where the value of an entry is from, as numbered by Kafka's
// DescribeConfigs.
type Source int8

// The sources.
const (
	TopicSource   Source = 1 // set for the topic
	BrokerSource  Source = 2 // set for this broker
	ClusterSource Source = 3 // set for all brokers
	StaticSource  Source = 4 // the broker's own configuration
	DefaultSource Source = 5
)

// A Key describes a configuration entry that we know.
type Key struct {
	Name    string
	Type    Type
	Default string
	// Broker is, for a topic's entry, the broker's entry that it defaults to.
	Broker string
	// Fixed entries of brokers cannot be altered while they run.
	Fixed bool
	Doc   string

	min, max int64    // numbers
	one      []string // each value must be one of these
}

// FindKey returns what we know of an entry of a topic or a broker, or nil.
func FindKey(kind Kind, name string) *Key {
	keys := Keys(kind)
	i, ok := slices.BinarySearchFunc(keys, name, func(k Key, name string) int { return cmp.Compare(k.Name, name) })
	if !ok {
		return nil
	}
	return &keys[i]
}

// Keys returns all entries that we know for topics or for brokers, by name.
func Keys(kind Kind) []Key {
	switch kind {
	case TopicKind:
		return topicKeys
	case BrokerKind:
		return brokerKeys
	}
	return nil
}

// Check says what is wrong with a value, "" if nothing is.
func (k *Key) Check(value string) string { panic("not built yet") }

// A Value is what an entry is for somebody, and why.
type Value struct {
	Value  string
	Source Source
}

// Values returns all values that an entry of a resource could have, the one
// that counts first, Kafka's synonyms behind it. The broker is the one that
// answers; static is its own configuration, by name.
func (m *Image) Values(r Resource, k *Key, broker int32, static []Setting) []Value {
	panic("not built yet")
}

var topicKeys, brokerKeys []Key
