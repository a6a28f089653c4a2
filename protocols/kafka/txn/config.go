package txn

// Config is what a Coordinator needs to know. Zero fields mean the default in brackets.
type Config struct {
	Wall func(now int64) (ms int64) // what is written as time: required; it must not go back

	Partitions        int32 // of __transaction_state (50)
	OffsetsPartitions int32 // of __consumer_offsets (50): AddOffsetsToTxn adds one of them

	// Exists says whether a partition may be added to a transaction, and
	// whether it is still there to be marked; nil: every one.
	Exists func(topic string, partition int32) bool

	MaxTimeoutMicros int64 // longest transaction timeout that a producer may ask for (15 min)
	RetainMicros     int64 // a transactional id that is not used is forgotten after this long (7 days)
	RetryMicros      int64 // pause before a marker or an append that failed is tried again (100 ms)

	MaxTransactions int // transactional ids (100,000)
	MaxPartitions   int // partitions in a transaction (10,000)
	MaxIDBytes      int // a transactional id (1024)
	MaxWaiting      int // requests that wait for producer ids (100,000)
}

func (c Config) withDefaults() Config {
	if c.Exists == nil {
		c.Exists = func(string, int32) bool { return true }
	}
	orElse(&c.Partitions, 50)
	orElse(&c.OffsetsPartitions, 50)
	orElse(&c.MaxTimeoutMicros, 15*60_000_000)
	orElse(&c.RetainMicros, 7*24*3600_000_000)
	orElse(&c.RetryMicros, 100_000)
	orElse(&c.MaxTransactions, 100_000)
	orElse(&c.MaxPartitions, 10_000)
	orElse(&c.MaxIDBytes, 1024)
	orElse(&c.MaxWaiting, 100_000)
	return c
}

func orElse[T int | int32 | int64](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}
