package broker

import (
	"cmp"
	"sort"
	"strconv"

	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/wire"
)

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
	FromFirst bool                       // new topics begin with the first broker rather than with a lucky one: who tells a story wants to know its hero
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

	FlushEach       bool   // flush.messages=1: what is not synced does not count; otherwise the system writes back when it likes
	SegmentBytes    int32  // log.segment.bytes (1 GiB)
	SegmentMicros   int64  // log.roll.ms (7 days)
	IndexBytes      int32  // log.index.interval.bytes (4096)
	RetentionBytes  int64  // log.retention.bytes (no limit)
	RetentionMicros int64  // log.retention.ms (7 days); negative: no limit
	CleanupPolicy   string // log.cleanup.policy: "delete" (the default), "compact", or "compact,delete"
	MaxMessageBytes int32  // message.max.bytes: one batch (1 MiB + 12)
}

// Limits bound what peers can make grow.
type Limits struct {
	MaxFrameBytes    int // a request (16 MiB; socket.request.max.bytes)
	MaxInFlight      int // requests of a connection that are not answered yet (64)
	MaxInFlightBytes int // and their bytes (16 MiB)
	MaxOutputBytes   int // answers of a connection that are not taken (1 MiB): beyond, no request of it is begun
	MaxHeldBytes     int // requests and answers of all connections (128 MiB): beyond, Hangup of the one that holds most
	MaxConns         int // connections that were accepted (10,000): beyond, Hangup
	MaxFetchBytes    int // of one answer to Fetch (55 MiB, fetch.max.bytes)
	MaxPartitions    int // replicas on this broker (10,000)
}

// fill puts defaults where there is nothing.
func (c *Config) fill() {
	s, l := &c.Settings, &c.Limits
	s.Partitions = cmp.Or(s.Partitions, 1)
	s.ReplicationFactor = cmp.Or(s.ReplicationFactor, 1)
	s.MinInsync = cmp.Or(s.MinInsync, 1)
	s.OffsetsPartitions = cmp.Or(s.OffsetsPartitions, 50)
	s.OffsetsReplication = cmp.Or(s.OffsetsReplication, 3)
	s.TxnPartitions = cmp.Or(s.TxnPartitions, 50)
	s.TxnReplication = cmp.Or(s.TxnReplication, 3)
	s.TxnMinInsync = cmp.Or(s.TxnMinInsync, 2)
	s.ReplicaLagMicros = cmp.Or(s.ReplicaLagMicros, 30_000_000)
	s.ReplicaFetchWaitMicros = cmp.Or(s.ReplicaFetchWaitMicros, 500_000)
	s.ReplicaFetchBytes = cmp.Or(s.ReplicaFetchBytes, 1<<20)
	s.SessionMicros = cmp.Or(s.SessionMicros, 9_000_000)
	s.HeartbeatMicros = cmp.Or(s.HeartbeatMicros, 2_000_000)
	s.ElectionMicros = cmp.Or(s.ElectionMicros, 1_000_000)
	s.QuorumFetchMicros = cmp.Or(s.QuorumFetchMicros, 2_000_000)
	s.RequestMicros = cmp.Or(s.RequestMicros, 30_000_000)
	s.CheckpointMicros = cmp.Or(s.CheckpointMicros, 5_000_000)
	s.RetentionCheckMicros = cmp.Or(s.RetentionCheckMicros, 300_000_000)
	l.MaxFrameBytes = cmp.Or(l.MaxFrameBytes, wire.MaxFrameBytes)
	l.MaxInFlight = cmp.Or(l.MaxInFlight, 64)
	l.MaxInFlightBytes = cmp.Or(l.MaxInFlightBytes, 16<<20)
	l.MaxOutputBytes = cmp.Or(l.MaxOutputBytes, 1<<20)
	l.MaxHeldBytes = cmp.Or(l.MaxHeldBytes, 128<<20)
	l.MaxConns = cmp.Or(l.MaxConns, 10_000)
	l.MaxFetchBytes = cmp.Or(l.MaxFetchBytes, 55<<20)
	l.MaxPartitions = cmp.Or(l.MaxPartitions, 10_000)
}

// static is what of the settings was set, under the names of Kafka's
// server.properties, sorted: what DescribeConfigs gives as a broker's own.
func (c *Config) static() []meta.Setting {
	s := &c.Settings
	settings := []meta.Setting{{Name: "node.id", Value: strconv.Itoa(int(c.ID))}}
	add := func(name string, value int64) {
		if value != 0 {
			settings = append(settings, meta.Setting{Name: name, Value: strconv.FormatInt(value, 10)})
		}
	}
	if s.NoAutoCreate {
		settings = append(settings, meta.Setting{Name: "auto.create.topics.enable", Value: "false"})
	}
	if s.UncleanElection {
		settings = append(settings, meta.Setting{Name: "unclean.leader.election.enable", Value: "true"})
	}
	if s.CleanupPolicy != "" {
		settings = append(settings, meta.Setting{Name: "log.cleanup.policy", Value: s.CleanupPolicy})
	}
	if s.FlushEach {
		add("log.flush.interval.messages", 1)
	}
	type number struct {
		name  string
		value int64
	}
	for _, n := range []number{
		{"num.partitions", int64(s.Partitions)},
		{"default.replication.factor", int64(s.ReplicationFactor)},
		{"min.insync.replicas", int64(s.MinInsync)},
		{"offsets.topic.num.partitions", int64(s.OffsetsPartitions)},
		{"offsets.topic.replication.factor", int64(s.OffsetsReplication)},
		{"transaction.state.log.num.partitions", int64(s.TxnPartitions)},
		{"transaction.state.log.replication.factor", int64(s.TxnReplication)},
		{"transaction.state.log.min.isr", int64(s.TxnMinInsync)},
		{"replica.fetch.max.bytes", int64(s.ReplicaFetchBytes)},
		{"log.segment.bytes", int64(s.SegmentBytes)},
		{"log.index.interval.bytes", int64(s.IndexBytes)},
		{"log.retention.bytes", s.RetentionBytes},
		{"message.max.bytes", int64(s.MaxMessageBytes)},
	} {
		add(n.name, n.value)
	}
	for _, n := range []number{ // microseconds
		{"replica.lag.time.max.ms", s.ReplicaLagMicros},
		{"replica.fetch.wait.max.ms", s.ReplicaFetchWaitMicros},
		{"broker.session.timeout.ms", s.SessionMicros},
		{"broker.heartbeat.interval.ms", s.HeartbeatMicros},
		{"controller.quorum.election.timeout.ms", s.ElectionMicros},
		{"controller.quorum.fetch.timeout.ms", s.QuorumFetchMicros},
		{"log.retention.check.interval.ms", s.RetentionCheckMicros},
		{"group.initial.rebalance.delay.ms", max(s.GroupInitialDelayMicros, 0)},
		{"group.min.session.timeout.ms", s.GroupMinSessionMicros},
		{"log.roll.ms", s.SegmentMicros},
		{"log.retention.ms", s.RetentionMicros},
	} {
		add(n.name, wholeMillis(n.value))
	}
	sort.Slice(settings, func(i, j int) bool { return settings[i].Name < settings[j].Name })
	return settings
}

// wholeMillis rounds microseconds down, but not to 0, which stands for what was
// not set; what is negative is without limit, -1.
func wholeMillis(micros int64) int64 {
	if micros > 0 {
		return max(micros/1000, 1)
	}
	return max(micros, -1)
}
