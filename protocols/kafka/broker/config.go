package broker

// A Listener is one of the addresses of a broker. Clients that came to the
// listener with a number learn, of every broker, the address of the listener
// with that number. Listener 0 is also where brokers find each other.
type Listener struct {
	Name string // "PLAINTEXT" and the like: Kafka's listener name
	Host string
	Port int32
}

// Config is what a Broker needs to know. Zero fields mean the default in brackets.
type Config struct {
	ID        int32
	Voters    []int32 // brokers that are controllers as well: the quorum, the same on every broker; required
	ClusterID string  // the same on every broker; required
	Listeners []Listener
	Rack      string // "": none
	Rand      func() uint64
	Wall      func(now int64) (ms int64) // what the broker writes as time: required; it must not go back
	Settings  Settings
	Limits    Limits
}

// Settings are those of Kafka's server.properties that change what is seen.
// Topics have their own, for what a topic may have, in the cluster's metadata.
type Settings struct {
	NoAutoCreate      bool  // auto.create.topics.enable=false
	Partitions        int32 // num.partitions (1)
	ReplicationFactor int16 // default.replication.factor (1)
	MinInsync         int32 // min.insync.replicas (1)
	UncleanElection   bool  // unclean.leader.election.enable

	OffsetsPartitions  int32 // offsets.topic.num.partitions (50)
	OffsetsReplication int16 // offsets.topic.replication.factor (3)
	TxnPartitions      int32 // transaction.state.log.num.partitions (50)
	TxnReplication     int16 // transaction.state.log.replication.factor (3)
	TxnMinInsync       int32 // transaction.state.log.min.isr (2)

	ReplicaLagMicros        int64 // replica.lag.time.max.ms (30 s): a follower that has not caught up for so long leaves the in-sync set
	ReplicaFetchWaitMicros  int64 // replica.fetch.wait.max.ms (500 ms)
	ReplicaFetchBytes       int32 // replica.fetch.max.bytes, of one partition in one answer (1 MiB)
	SessionMicros           int64 // broker.session.timeout.ms (9 s): the controller fences a broker it has not heard of for so long
	HeartbeatMicros         int64 // broker.heartbeat.interval.ms (2 s)
	ElectionMicros          int64 // controller.quorum.election.timeout.ms (1 s)
	QuorumFetchMicros       int64 // controller.quorum.fetch.timeout.ms (2 s)
	RequestMicros           int64 // request.timeout.ms between brokers (30 s)
	CheckpointMicros        int64 // replica.high.watermark.checkpoint.interval.ms (5 s)
	RetentionCheckMicros    int64 // log.retention.check.interval.ms (5 min)
	GroupInitialDelayMicros int64 // group.initial.rebalance.delay.ms (3 s); negative: none
	GroupMinSessionMicros   int64 // group.min.session.timeout.ms (6 s)

	FlushEach       bool  // flush.messages=1: what is not synced does not count; otherwise the system writes back when it likes
	SegmentBytes    int32 // log.segment.bytes (1 GiB)
	SegmentMicros   int64 // log.roll.ms (7 days)
	IndexBytes      int32 // log.index.interval.bytes (4096)
	RetentionBytes  int64 // log.retention.bytes (0: no limit)
	RetentionMicros int64 // log.retention.ms (7 days); negative: no limit
	MaxMessageBytes int32 // message.max.bytes: one batch (1 MiB + 12)
}

// Limits bound what peers can make grow.
type Limits struct {
	MaxFrameBytes    int // a request (100 MiB, socket.request.max.bytes)
	MaxInFlight      int // requests of a connection that are not answered yet (64)
	MaxInFlightBytes int // and their bytes (16 MiB)
	MaxOutputBytes   int // answers of a connection that are not taken (64 MiB): beyond, no request of it is begun
	MaxConns         int // connections that were accepted (10,000): beyond, Hangup
	MaxFetchBytes    int // of one answer to Fetch (55 MiB, fetch.max.bytes)
	MaxPartitions    int // replicas on this broker (10,000)
}
