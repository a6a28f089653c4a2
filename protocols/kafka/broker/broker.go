package broker

import (
	"math"

	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/wire"
)

// Conn names a connection of a broker. Those that were accepted and those that
// the broker dialled have different names, and none is used twice.
type Conn = wire.Conn

// Broker is a node of a Kafka cluster.
type Broker struct {
	config Config
	disk   log.Disk
	events []Event
}

// New makes a broker from what is on its disk: an empty one joins the cluster
// as a new broker, another one as the broker it was. The error is the disk's,
// or the caller's fault in the Config.
func New(now int64, config Config, disk log.Disk) (*Broker, error) {
	return &Broker{config: config, disk: disk}, nil
}

// Accept takes a new connection that came to a listener, and names it.
func (b *Broker) Accept(now int64, listener int) Conn { panic("not built yet") }

// Receive takes bytes of a connection. They are the caller's again afterwards.
func (b *Broker) Receive(now int64, conn Conn, bytes []byte) { panic("not built yet") }

// Closed says that a connection is no more, or that it could not be opened. A
// name that the broker does not know (any more) is passed over.
func (b *Broker) Closed(now int64, conn Conn) { panic("not built yet") }

// Output takes what is to be sent on a connection, all of it. The bytes are
// valid until the next call of anything.
func (b *Broker) Output(conn Conn) []byte { return nil }

// Poll returns the next event, until there is none.
func (b *Broker) Poll() (Event, bool) { return Event{}, false }

// Deadline returns when Tick is due next; math.MaxInt64: never.
func (b *Broker) Deadline() int64 { return math.MaxInt64 }

// Tick does what is due. It costs nothing when nothing is due.
func (b *Broker) Tick(now int64) {}

// Shutdown begins an orderly end (controlled shutdown): the controller moves
// leadership away, logs are synced, and Down is told. Until then the broker
// works on.
func (b *Broker) Shutdown(now int64) { panic("not built yet") }

// Partitions returns the state of every replica on this broker, by topic and partition.
func (b *Broker) Partitions() []PartitionState { return nil }

// Partition returns the state of one.
func (b *Broker) Partition(topic string, partition int32) (PartitionState, bool) {
	return PartitionState{}, false
}

// Log returns the log of a replica, to look at; nil: there is none here.
func (b *Broker) Log(topic string, partition int32) *log.Log { return nil }

// Controller returns the active controller as this node knows it, -1: none, and its epoch.
func (b *Broker) Controller() (node, epoch int32) { return -1, 0 }

// Stats returns totals.
func (b *Broker) Stats() Stats { return Stats{} }
