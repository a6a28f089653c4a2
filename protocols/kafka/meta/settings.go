package meta

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
	// Common entries of brokers can be altered for all of them only.
	Common bool
	Doc    string

	min, max int64    // of a number
	one      []string // what the value, or each of a list's, can be
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
// They are not to be changed.
func Keys(kind Kind) []Key {
	switch kind {
	case TopicKind:
		return topicKeys
	case BrokerKind:
		return brokerKeys
	}
	return nil
}

// Check says what is wrong with a value: an error of theirs, who sent it.
func (k *Key) Check(value string) error {
	ok, expected := true, ""
	switch k.Type {
	case Boolean:
		ok, expected = value == "true" || value == "false", "true or false"
	case Int, Short, Long:
		n, err := strconv.ParseInt(value, 10, 64)
		ok, expected = err == nil && n >= k.min && n <= k.max, fmt.Sprintf("a whole number from %d to %d", k.min, k.max)
	case Double:
		ok, expected = isShare(value), "a number from 0 to 1"
	default:
		if k.one == nil {
			return nil
		}
		items := []string{value}
		if k.Type == List {
			items = SplitList(value)
		}
		ok = len(items) > 0 && !slices.ContainsFunc(items, func(item string) bool { return !slices.Contains(k.one, item) })
		expected = strings.Join(k.one, ", ")
	}
	if ok {
		return nil
	}
	return fmt.Errorf("Invalid value %s for configuration %s: expected %s", value, k.Name, expected)
}

// isShare reads numbers from 0 to 1 with a decimal point, without floats.
func isShare(value string) bool {
	whole, fraction, _ := strings.Cut(value, ".")
	if strings.Trim(fraction, "0123456789") != "" {
		return false
	}
	return whole == "0" || whole == "" && fraction != "" || whole == "1" && strings.Trim(fraction, "0") == ""
}

// SplitList cuts the value of a List: items between commas, without spaces around.
func SplitList(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// A Value is what an entry could be, and why. Name is the entry that says so:
// for a topic's entry it may be the broker's that it defaults to.
type Value struct {
	Name, Value string
	Source      Source
}

// Values returns all that an entry could be, what counts first: Kafka's
// synonyms. For a topic's entry topic is its name. Broker is the one that asks,
// -1 for what all brokers agree on; static is its own configuration, by name.
func (m *Image) Values(k *Key, topic string, broker int32, static []Setting) []Value {
	var values []Value
	add := func(settings []Setting, name string, source Source) {
		if v, ok := findSetting(settings, name); ok {
			values = append(values, Value{name, v, source})
		}
	}
	name := k.Name
	if topic != "" {
		add(m.configs[Resource{TopicKind, topic}], name, TopicSource)
		if k.Broker == "" {
			return append(values, Value{name, k.Default, DefaultSource})
		}
		name = k.Broker
	}
	if broker >= 0 {
		add(m.configs[Resource{BrokerKind, strconv.Itoa(int(broker))}], name, BrokerSource)
	}
	add(m.configs[Resource{BrokerKind, ""}], name, ClusterSource)
	add(static, name, StaticSource)
	return append(values, Value{name, k.Default, DefaultSource})
}

// Value returns what an entry of a topic is, as Values, but without a list.
func (m *Image) Value(k *Key, topic string, broker int32, static []Setting) string {
	if v, ok := findSetting(m.configs[Resource{TopicKind, topic}], k.Name); ok {
		return v
	}
	if k.Broker == "" {
		return k.Default
	}
	if broker >= 0 {
		if v, ok := findSetting(m.configs[Resource{BrokerKind, strconv.Itoa(int(broker))}], k.Broker); ok {
			return v
		}
	}
	if v, ok := findSetting(m.configs[Resource{BrokerKind, ""}], k.Broker); ok {
		return v
	}
	if v, ok := findSetting(static, k.Broker); ok {
		return v
	}
	return k.Default
}
