package group

// Config is what a Coordinator needs to know. Zero fields mean the default in brackets.
type Config struct {
	Rand func() uint64              // luck for member ids: required
	Wall func(now int64) (ms int64) // what is written as time: required; it must not go back

	Partitions int32 // of __consumer_offsets (50)

	// Exists says whether an offset of this topic and partition may be
	// committed; nil: of every one. No name of a topic is checked elsewhere.
	Exists func(topic string, partition int32) bool

	InitialDelayMicros   int64 // the first rebalance of a group waits this long for more members (3 s); negative: not at all
	MinSessionMicros     int64 // shortest session timeout that a member may ask for (6 s)
	MaxSessionMicros     int64 // longest (30 min)
	OffsetRetainMicros   int64 // offsets of a group without members are kept this long (7 days)
	ExpiryIntervalMicros int64 // how often a partition's old offsets are looked for (10 min)

	MaxGroups        int // groups (10,000)
	MaxMembers       int // members in a group, those with a member id that have not joined yet included (10,000)
	MaxOffsets       int // committed offsets in a group, pending ones of transactions included (100,000)
	MaxMemberBytes   int // subscriptions of a member in all of its protocols, or its assignment (256 KiB)
	MaxMetadataBytes int // metadata of a committed offset (4096)
	MaxIDBytes       int // a group's id, a member's, an instance's, a protocol's name (1024)
	MaxProtocols     int // protocols of a member (32)
}

func (c Config) withDefaults() Config {
	if c.Exists == nil {
		c.Exists = func(string, int32) bool { return true }
	}
	if c.InitialDelayMicros < 0 {
		c.InitialDelayMicros = 0
	} else {
		orElse(&c.InitialDelayMicros, 3_000_000)
	}
	orElse(&c.Partitions, 50)
	orElse(&c.MinSessionMicros, 6_000_000)
	orElse(&c.MaxSessionMicros, 30*60_000_000)
	orElse(&c.OffsetRetainMicros, 7*24*3600_000_000)
	orElse(&c.ExpiryIntervalMicros, 10*60_000_000)
	orElse(&c.MaxGroups, 10_000)
	orElse(&c.MaxMembers, 10_000)
	orElse(&c.MaxOffsets, 100_000)
	orElse(&c.MaxMemberBytes, 256<<10)
	orElse(&c.MaxMetadataBytes, 4096)
	orElse(&c.MaxIDBytes, 1024)
	orElse(&c.MaxProtocols, 32)
	return c
}

func orElse[T int | int32 | int64](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}
