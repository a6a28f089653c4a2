package batch

// Marker is the end of a transaction in a partition (KIP-98): the one record of
// a control batch.
type Marker struct {
	Commit           bool  // false: aborted
	CoordinatorEpoch int32 // of the transaction coordinator that decided
}

// AppendMarker appends a control batch with a marker.
func AppendMarker(dst []byte, m Marker, producerID int64, producerEpoch int16, timestamp int64) []byte {
	panic("not built yet")
}

// ParseMarker reads the marker of a control batch. It reports false for other
// control batches, like those of the quorum.
func ParseMarker(b []byte) (Marker, bool) { panic("not built yet") }
