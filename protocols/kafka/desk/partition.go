package desk

import "grapevine/protocols/kafka/batch"

// PartitionFor returns which partition of an internal topic keeps an id, a
// group's or a transactional one: Java's String.hashCode, without its sign,
// modulo partitions.
func PartitionFor(id string, partitions int32) int32 {
	var hash int32
	for _, r := range id { // Java hashes UTF-16 units
		if r >= 0x10000 {
			hash = hash*31 + 0xd800 + (r-0x10000)>>10
			r = 0xdc00 + (r-0x10000)&0x3ff
		}
		hash = hash*31 + r
	}
	if hash = max(hash, -hash); hash < 0 { // the least number has no opposite
		return 0
	}
	return hash % partitions
}

// Read reads whole batches of a partition: it calls marker for those that end a
// transaction, and record for each record of the others. A batch that unfolds
// to more than the limits, or not at all, is passed over; what is no batch ends
// it.
func Read(batches []byte, limits batch.Limits, marker func(h batch.Header, b []byte), record func(h batch.Header, r batch.Record)) {
	var records []batch.Record
	for len(batches) > 0 {
		h, size, err := batch.Parse(batches)
		if err != nil {
			return
		}
		b := batches[:size]
		batches = batches[size:]
		if h.Control() {
			marker(h, b)
			continue
		}
		if records, err = batch.Records(records[:0], b, limits); err != nil {
			continue
		}
		for _, r := range records {
			record(h, r)
		}
	}
}
