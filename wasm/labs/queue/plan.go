package queue

import (
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// plan is what a run of the cluster is made of.
type plan struct {
	brokers, producers, consumers int
	table                         bool // the last producer writes to a table, and topics are not shared

	whole    bool     // clients wait until all brokers may lead
	topics   []string // what is written; producers take them in turn
	records  int      // that each producer sends
	every    sim.Time // from one record of a producer to its next; 0: as fast as they are acknowledged
	size     int      // bytes of a record's value
	keys     int      // how many different keys there are; 0: records have none
	produce  client.ProducerConfig
	txn      int      // records of a transaction; 0: there are none
	aborts   sim.PPM  // the share of transactions that are taken back
	patience sim.Time // a client's request timeout; 0: Kafka's
	retry    sim.Time // how long clients wait at first before they try again; 0: Kafka's
	window   int      // how many records a producer has under way at most; 0: maxPending

	group   func(consumer int) string          // "": it reads alone
	reads   func(consumer int) []string        // the topics it reads; nil: all
	joins   func(consumer int) sim.Time        // when it begins; nil: at once
	fresh   func(consumer int) bool            // it begins with what comes after it has; nil: none does
	static  bool                               // members have fixed names
	consume client.ConsumerConfig              // but for Group and Topics
	work    func(consumer int) (each sim.Time) // how long it works on a record
	commit  commitRule
	numbers bool // cards show the producers' numbers
	losses  bool // cards show what was acknowledged and is lost
	copies  copiesRule
	shelf   func(w *cluster, b *house) []lab.Row // what a broker's card shows
	idle    sim.Time                             // how long nothing may happen before the story is over; 0: it goes on to the end

	settings broker.Settings
	link     sim.Link        // between all nodes
	disk     sim.DiskPhysics // of each broker; none: a hard disk
	end      sim.Time        // when the run stops at the latest
}

// copiesRule says how a consumer's card shows what it has read.
type copiesRule uint8

const (
	copiesHidden   copiesRule = iota
	copiesByNumber            // each record that was written: read, still to be read, or missed
	copiesAsRead              // in the order of reading
)

// commitRule says when a consumer commits.
type commitRule uint8

const (
	commitAfter  commitRule = iota // each record, when its work is done
	commitBefore                   // each record, before its work begins
	commitAuto                     // as the client does by itself, from time to time
	commitNever
)
