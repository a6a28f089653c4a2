package batch

// Limits bound what a batch may unfold to.
type Limits struct {
	MaxBatchBytes int // of all records, decompressed
	MaxRecords    int
}

// DefaultLimits suit a consumer in a tab.
var DefaultLimits = Limits{MaxBatchBytes: 16 << 20, MaxRecords: 1 << 20}

// Records appends the records of one whole batch to dst. Keys and values lie
// in b, or, when the batch is compressed, in memory of their own. b is one
// that Parse took.
func Records(dst []Record, b []byte, l Limits) ([]Record, error) { panic("not built yet") }
