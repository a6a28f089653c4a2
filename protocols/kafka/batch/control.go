package batch

import "encoding/binary"

// The types of control records: the second number of their keys.
const (
	ControlAbort        int16 = 0
	ControlCommit       int16 = 1
	ControlLeaderChange int16 = 2 // a new leader of a quorum's log (KIP-595)
)

// controlVersion is that of the keys and values of control records.
const controlVersion = 0

// Marker is the end of a transaction in a partition (KIP-98): the one record of
// a control batch.
type Marker struct {
	Commit           bool  // false: aborted
	CoordinatorEpoch int32 // of the transaction coordinator that decided
}

// AppendMarker appends a control batch with a marker. Offset and leader epoch
// are for SetOffset. timestamp is in milliseconds since 1970.
func AppendMarker(dst []byte, m Marker, producerID int64, producerEpoch int16, timestamp int64) []byte {
	kind := ControlAbort
	if m.Commit {
		kind = ControlCommit
	}
	var value [6]byte
	binary.BigEndian.PutUint16(value[:], controlVersion)
	binary.BigEndian.PutUint32(value[2:], uint32(m.CoordinatorEpoch))
	return AppendControl(dst, kind, value[:], timestamp, Options{
		ProducerID: producerID, ProducerEpoch: producerEpoch, BaseSequence: -1, LeaderEpoch: -1, Transactional: true})
}

// AppendControl appends a control batch of one record with a type and a value.
func AppendControl(dst []byte, kind int16, value []byte, timestamp int64, o Options) []byte {
	var key [4]byte
	binary.BigEndian.PutUint16(key[:], controlVersion)
	binary.BigEndian.PutUint16(key[2:], uint16(kind))
	o.Control, o.Codec = true, None
	var b Builder
	b.Add(timestamp, key[:], value, nil)
	return b.Append(dst, o)
}

// ParseControl reads the type and the value of a control batch's first record.
// It reports false for anything else.
func ParseControl(b []byte) (kind int16, value []byte, ok bool) {
	h, _, err := Peek(b)
	if err != nil || !h.Control() {
		return 0, nil, false
	}
	records, err := Records(nil, b, Limits{})
	if err != nil || len(records) == 0 || len(records[0].Key) < 4 {
		return 0, nil, false
	}
	return int16(binary.BigEndian.Uint16(records[0].Key[2:])), records[0].Value, true
}

// ParseMarker reads the marker of a control batch. It reports false for other
// control batches, like those of the quorum, and for all others.
func ParseMarker(b []byte) (Marker, bool) {
	kind, value, ok := ParseControl(b)
	if !ok || kind != ControlAbort && kind != ControlCommit || len(value) < 6 {
		return Marker{}, false
	}
	return Marker{Commit: kind == ControlCommit, CoordinatorEpoch: int32(binary.BigEndian.Uint32(value[2:]))}, true
}
