package meta

import (
	"encoding/binary"
	"slices"
)

// The fields of each record, as Kafka's flexible versions write them (KIP-482):
// lengths are unsigned varints of one more, 0 for null; tagged fields come
// last, by tag, each with its size, and only those that differ from their default.

func (m *RegisterBroker) append(b []byte) []byte {
	b = appendInt32(b, m.Broker)
	b = append(b, m.Incarnation[:]...)
	b = appendInt64(b, m.Epoch)
	b = appendLength(b, len(m.Listeners))
	for _, l := range m.Listeners {
		b = appendString(b, l.Name)
		b = appendString(b, l.Host)
		b = binary.BigEndian.AppendUint16(b, l.Port)
		b = append(b, 0, 0, 0) // security protocol PLAINTEXT, no tags
	}
	b = appendLength(b, 0) // features
	b = appendNullable(b, m.Rack)
	return append(b, 1, 0) // fenced, no tags
}

func (m *RegisterBroker) read(r *reader) {
	m.Broker = r.int32()
	m.Incarnation = r.id()
	m.Epoch = r.int64()
	n := r.length()
	m.Listeners = make([]Listener, 0, n)
	for range n {
		m.Listeners = append(m.Listeners, Listener{Name: r.string(), Host: r.string(), Port: r.uint16()})
		r.zeros(3)
	}
	if r.length() != 0 {
		r.bad = true
	}
	m.Rack = r.nullable()
	if r.byte() != 1 {
		r.bad = true
	}
	r.noTags()
}

func (m *UnregisterBroker) append(b []byte) []byte {
	return append(appendInt64(appendInt32(b, m.Broker), m.Epoch), 0)
}

func (m *UnregisterBroker) read(r *reader) {
	m.Broker, m.Epoch = r.int32(), r.int64()
	r.noTags()
}

func (m *CreateTopic) append(b []byte) []byte {
	return append(append(appendString(b, m.Name), m.ID[:]...), 0)
}

func (m *CreateTopic) read(r *reader) {
	m.Name, m.ID = r.string(), r.id()
	r.noTags()
}

func (m *CreatePartition) append(b []byte) []byte {
	b = appendInt32(b, m.Partition.Partition)
	b = append(b, m.Partition.Topic[:]...)
	for _, list := range [][]int32{m.Replicas, m.ISR, m.Removing, m.Adding} {
		b = appendInts(b, list)
	}
	b = appendInt32(b, m.Leader)
	b = appendInt32(b, m.LeaderEpoch)
	return append(appendInt32(b, m.PartitionEpoch), 0)
}

func (m *CreatePartition) read(r *reader) {
	m.Partition.Partition, m.Partition.Topic = r.int32(), r.id()
	m.Replicas, m.ISR, m.Removing, m.Adding = r.ints(), r.ints(), r.ints(), r.ints()
	m.Leader, m.LeaderEpoch, m.PartitionEpoch = r.int32(), r.int32(), r.int32()
	r.noTags()
}

func (m *SetConfig) append(b []byte) []byte {
	b = append(b, byte(m.Resource.Kind))
	b = appendString(b, m.Resource.Name)
	return append(appendNullable(appendString(b, m.Name), m.Value), 0)
}

func (m *SetConfig) read(r *reader) {
	m.Resource.Kind, m.Resource.Name = Kind(r.byte()), r.string()
	m.Name, m.Value = r.string(), r.nullable()
	r.noTags()
}

// The tags of PartitionChangeRecord.
const (
	tagISR = iota
	tagLeader
	tagReplicas
	tagRemoving
	tagAdding
	tagRecovery
	tagELR
)

func (m *ChangePartition) append(b []byte) []byte {
	b = appendInt32(b, m.Partition.Partition)
	b = append(b, m.Partition.Topic[:]...)
	at := len(b)
	b = append(b, 0)
	b = m.appendList(b, at, tagISR, m.ISR)
	if m.Leader != SameLeader {
		b[at]++
		b = appendInt32(append(b, tagLeader, 4), m.Leader)
	}
	b = m.appendList(b, at, tagReplicas, m.Replicas)
	b = m.appendList(b, at, tagRemoving, m.Removing)
	b = m.appendList(b, at, tagAdding, m.Adding)
	if m.Recovery != -1 {
		b[at]++
		b = append(b, tagRecovery, 1, byte(m.Recovery))
	}
	return m.appendList(b, at, tagELR, m.ELR)
}

// appendList writes a tagged list unless it is nil. The number of tags is at b[at].
func (m *ChangePartition) appendList(b []byte, at int, tag byte, list []int32) []byte {
	if list == nil {
		return b
	}
	b[at]++
	b = append(b, tag)
	b = binary.AppendUvarint(b, uint64(uvarintBytes(len(list)+1)+4*len(list)))
	return appendInts(b, list)
}

func (m *ChangePartition) read(r *reader) {
	m.Partition.Partition, m.Partition.Topic = r.int32(), r.id()
	m.Leader, m.Recovery = SameLeader, -1
	last := -1
	for range r.uvarint() {
		tag, size := r.uvarint(), r.uvarint()
		if r.bad || int64(tag) <= int64(last) || tag > tagELR || size > uint64(len(r.b)) {
			r.bad = true
			return
		}
		last = int(tag)
		field := reader{b: r.b[:size]}
		r.b = r.b[size:]
		switch tag {
		case tagISR:
			m.ISR = field.ints()
		case tagLeader:
			m.Leader = field.int32()
		case tagReplicas:
			m.Replicas = field.ints()
		case tagRemoving:
			m.Removing = field.ints()
		case tagAdding:
			m.Adding = field.ints()
		case tagRecovery:
			m.Recovery = int8(field.byte())
		case tagELR:
			m.ELR = field.ints()
		}
		if field.bad || len(field.b) > 0 {
			r.bad = true
			return
		}
	}
}

func (m *RemoveTopic) append(b []byte) []byte { return append(append(b, m.ID[:]...), 0) }

func (m *RemoveTopic) read(r *reader) {
	m.ID = r.id()
	r.noTags()
}

func (m *SetProducerIDs) append(b []byte) []byte {
	return append(appendInt64(appendInt64(appendInt32(b, m.Broker), m.Epoch), m.Next), 0)
}

func (m *SetProducerIDs) read(r *reader) {
	m.Broker, m.Epoch, m.Next = r.int32(), r.int64(), r.int64()
	r.noTags()
}

func (m *ChangeBroker) append(b []byte) []byte {
	b = appendInt64(appendInt32(b, m.Broker), m.Epoch)
	at := len(b)
	b = append(b, 0)
	for tag, change := range []int8{m.Fenced, m.ShuttingDown} {
		if change != 0 {
			b[at]++
			b = append(b, byte(tag), 1, byte(change))
		}
	}
	return b
}

func (m *ChangeBroker) read(r *reader) {
	m.Broker, m.Epoch = r.int32(), r.int64()
	last := -1
	for range r.uvarint() {
		tag, size, change := r.uvarint(), r.uvarint(), int8(r.byte())
		if r.bad || int64(tag) <= int64(last) || tag > 1 || size != 1 {
			r.bad = true
			return
		}
		last = int(tag)
		*[]*int8{&m.Fenced, &m.ShuttingDown}[tag] = change
	}
}

func appendInt32(b []byte, v int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(v)) }
func appendInt64(b []byte, v int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(v)) }

// appendLength writes the length of a string or an array that is not null.
func appendLength(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)+1) }

func appendString(b []byte, s string) []byte { return append(appendLength(b, len(s)), s...) }

func appendNullable(b []byte, s *string) []byte {
	if s == nil {
		return append(b, 0)
	}
	return appendString(b, *s)
}

func appendInts(b []byte, list []int32) []byte {
	b = appendLength(b, len(list))
	for _, v := range list {
		b = appendInt32(b, v)
	}
	return b
}

func uvarintBytes(n int) int {
	var b [binary.MaxVarintLen64]byte
	return binary.PutUvarint(b[:], uint64(n))
}

// A reader takes fields off the front of bytes. Once bad, it gives zeros.
type reader struct {
	b   []byte
	bad bool
}

// take returns the next n bytes.
func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) int32() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (r *reader) int64() int64 {
	if b := r.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (r *reader) id() (id ID) {
	copy(id[:], r.take(len(id)))
	return id
}

// uvarint reads an unsigned varint in its shortest form.
func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if r.bad || n <= 0 || n > 1 && r.b[n-1] == 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// length reads a length that is not null, and no more than there are bytes.
func (r *reader) length() int {
	n := r.uvarint()
	if n == 0 || n-1 > uint64(len(r.b)) {
		r.bad = true
	}
	if r.bad {
		return 0
	}
	return int(n - 1)
}

func (r *reader) string() string { return string(r.take(r.length())) }

func (r *reader) nullable() *string {
	if len(r.b) > 0 && r.b[0] == 0 {
		r.take(1)
		return nil
	}
	s := r.string()
	return &s
}

// ints reads an array, which is never nil.
func (r *reader) ints() []int32 {
	n := r.length()
	if 4*n > len(r.b) {
		r.bad = true
		return nil
	}
	list := make([]int32, n)
	for i := range list {
		list[i] = r.int32()
	}
	return list
}

// zeros reads bytes that have no other meaning to us.
func (r *reader) zeros(n int) {
	if slices.ContainsFunc(r.take(n), func(b byte) bool { return b != 0 }) {
		r.bad = true
	}
}

func (r *reader) noTags() { r.zeros(1) }
