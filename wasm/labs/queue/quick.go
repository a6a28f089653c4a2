package queue

import (
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Kafka's own timeouts are made for machines that run for years. A lab tells
// its story within a minute, so here everyone is less patient.

// quickIdle is how long nothing may happen before a story is over: more than it
// takes a group to find out that a member is dead, and to share anew. quickEnd
// is enough if nothing is left to be read: for the last commits.
const (
	quickIdle = 7 * sim.Second
	quickEnd  = 1500 * sim.Millisecond
)

// quickPatience is a client's request timeout: how long it takes to give up a
// broker that says nothing, not even that it is gone.
const quickPatience = 3 * sim.Second

func quickBroker(s broker.Settings) broker.Settings {
	s.ElectionMicros = int64(300 * sim.Millisecond)
	s.QuorumFetchMicros = int64(sim.Second)
	s.SessionMicros = int64(2 * sim.Second)
	s.HeartbeatMicros = int64(500 * sim.Millisecond)
	s.ReplicaLagMicros = int64(3 * sim.Second)
	s.GroupInitialDelayMicros = int64(500 * sim.Millisecond)
	s.GroupMinSessionMicros = int64(sim.Second)
	s.OffsetsPartitions, s.OffsetsReplication = 1, 1
	s.TxnPartitions, s.TxnReplication, s.TxnMinInsync = 1, 1, 1
	s.FlushEach = true
	return s
}

func quickConsumer(v lab.Values) client.ConsumerConfig {
	c := client.ConsumerConfig{Reset: client.ResetEarliest, SessionMicros: int64(2 * sim.Second), HeartbeatMicros: int64(700 * sim.Millisecond), RebalanceMicros: int64(5 * sim.Second)}
	for _, p := range v.Settings(true) {
		if p.Name == "commit" && commitOf(v) == commitAuto {
			c.AutoCommitMicros = int64(sim.Second)
		}
	}
	return c
}

// length bounds how long a run goes on: some time beyond all that its
// producers send and its consumers work on.
func length(v lab.Values) sim.Time {
	each := sim.Time(0)
	for _, p := range v.Settings(true) {
		switch p.Name {
		case "every", "work", "slow":
			each += v.Time(p.Name)
		}
	}
	return 120*sim.Second + sim.Time(v.Int("records")*v.Int("producers"))*each + 100*(v.Time("delay")+v.Time("jitter"))
}
