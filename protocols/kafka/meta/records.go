package meta

import "fmt"

// A Record is a record of the metadata log, of one of the types below. The
// comments give Kafka's name and number and the version that we write.
type Record interface {
	key() byte
	version() byte
	append(dst []byte) []byte
	read(r *reader)
}

// RegisterBroker is RegisterBrokerRecord (0, version 0): a broker is there,
// fenced. Its epoch is to be the offset of this record.
type RegisterBroker struct {
	Broker      int32
	Incarnation ID
	Epoch       int64
	Listeners   []Listener
	Rack        *string
}

// UnregisterBroker is UnregisterBrokerRecord (1, version 0).
type UnregisterBroker struct {
	Broker int32
	Epoch  int64
}

// CreateTopic is TopicRecord (2, version 0): a topic without partitions.
type CreateTopic struct {
	Name string
	ID   ID
}

// CreatePartition is PartitionRecord (3, version 0).
type CreatePartition struct {
	Partition                       PartitionID
	Replicas, ISR, Removing, Adding []int32
	Leader                          int32
	LeaderEpoch, PartitionEpoch     int32
}

// SetConfig is ConfigRecord (4, version 0). Without a value the entry goes.
type SetConfig struct {
	Resource Resource
	Name     string
	Value    *string
}

// ChangePartition is PartitionChangeRecord (5, version 2). Nil slices, and a
// leader of SameLeader, are what has not changed. Any other leader, were it
// the same, begins a leader epoch.
type ChangePartition struct {
	Partition                            PartitionID
	ISR, Replicas, Removing, Adding, ELR []int32
	Leader                               int32
	Recovery                             int8 // 1: begins, 0: is over, -1: as it was
}

// SameLeader in a ChangePartition leaves leader and leader epoch as they are.
const SameLeader int32 = -2

// RemoveTopic is RemoveTopicRecord (9, version 0): with all its partitions and settings.
type RemoveTopic struct{ ID ID }

// SetProducerIDs is ProducerIdsRecord (15, version 0): a broker was given the
// producer IDs up to, not including, Next.
type SetProducerIDs struct {
	Broker int32
	Epoch  int64
	Next   int64
}

// ChangeBroker is BrokerRegistrationChangeRecord (17, version 1).
type ChangeBroker struct {
	Broker       int32
	Epoch        int64
	Fenced       int8 // 1: fenced, -1: unfenced, 0: as it was
	ShuttingDown int8 // 1: has asked to leave, 0: as it was
}

// frameVersion is what every record begins with, before its key and version.
const frameVersion = 1

// AppendRecord writes a record as the value of a record of the log.
func AppendRecord(dst []byte, r Record) []byte {
	return r.append(append(dst, frameVersion, r.key(), r.version()))
}

// Parse reads the value of a record of the log. An error is theirs, who wrote it.
func Parse(b []byte) (Record, error) {
	r := reader{b: b}
	frame, key, version := r.uvarint(), r.uvarint(), r.uvarint()
	if r.bad || frame != frameVersion {
		return nil, fmt.Errorf("a metadata record begins with % x, where frame version 1, key and version were expected", b[:min(len(b), 3)])
	}
	record := newRecord(key)
	if record == nil || version != uint64(record.version()) {
		return nil, fmt.Errorf("metadata record type %d version %d is none of ours", key, version)
	}
	record.read(&r)
	if r.bad || len(r.b) > 0 {
		return nil, fmt.Errorf("metadata record type %d of %d bytes ends too early or too late", key, len(b))
	}
	return record, nil
}

func newRecord(key uint64) Record {
	switch key {
	case 0:
		return new(RegisterBroker)
	case 1:
		return new(UnregisterBroker)
	case 2:
		return new(CreateTopic)
	case 3:
		return new(CreatePartition)
	case 4:
		return new(SetConfig)
	case 5:
		return new(ChangePartition)
	case 9:
		return new(RemoveTopic)
	case 15:
		return new(SetProducerIDs)
	case 17:
		return new(ChangeBroker)
	}
	return nil
}

func (*RegisterBroker) key() byte   { return 0 }
func (*UnregisterBroker) key() byte { return 1 }
func (*CreateTopic) key() byte      { return 2 }
func (*CreatePartition) key() byte  { return 3 }
func (*SetConfig) key() byte        { return 4 }
func (*ChangePartition) key() byte  { return 5 }
func (*RemoveTopic) key() byte      { return 9 }
func (*SetProducerIDs) key() byte   { return 15 }
func (*ChangeBroker) key() byte     { return 17 }

func (*RegisterBroker) version() byte   { return 0 }
func (*UnregisterBroker) version() byte { return 0 }
func (*CreateTopic) version() byte      { return 0 }
func (*CreatePartition) version() byte  { return 0 }
func (*SetConfig) version() byte        { return 0 }
func (*ChangePartition) version() byte  { return 2 }
func (*RemoveTopic) version() byte      { return 0 }
func (*SetProducerIDs) version() byte   { return 0 }
func (*ChangeBroker) version() byte     { return 1 }
