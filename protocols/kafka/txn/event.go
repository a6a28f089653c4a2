package txn

// Markers asks for the marker of a transaction to be appended to each of the
// partitions, and for Marked with the ID for each.
type Markers struct {
	ID               uint64
	ProducerID       int64
	ProducerEpoch    int16
	Commit           bool
	CoordinatorEpoch int32
	Partitions       []Partition // sorted by topic, then partition; not to be changed
}

// Partition names a partition that a transaction touched.
type Partition struct {
	Topic     string
	Partition int32
}

// NeedIDs asks for a block of producer ids: see Coordinator.IDs. It comes once
// until they have been given.
type NeedIDs struct{}
