package txn

import (
	"bytes"
	"maps"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// partition is a partition of __transaction_state that this broker leads.
type partition struct {
	number       int32
	epoch        int32 // of its leader: the coordinator epoch
	loading      bool
	transactions map[string]*transaction
	stored       map[string][]byte // while loading: the last value of each transactional id
}

// lookUp returns the partition that keeps a transactional id, and its
// transaction, nil if there is none. The error says why nothing can be said about it.
func (c *Coordinator) lookUp(id string) (*partition, *transaction, *kerr.Error) {
	if id == "" || len(id) > c.config.MaxIDBytes {
		return nil, nil, kerr.InvalidRequest
	}
	p := c.partitions[desk.PartitionFor(id, int32(len(c.partitions)))]
	switch {
	case p == nil:
		return nil, nil, kerr.NotCoordinator
	case p.loading:
		return nil, nil, kerr.CoordinatorLoadInProgress
	}
	return p, p.transactions[id], nil
}

// producer returns the transaction of a producer that may change it. The error
// says why it may not: unknown, fenced, or a change is on its way.
func (c *Coordinator) producer(id string, producer int64, epoch int16) (*transaction, *kerr.Error) {
	_, t, err := c.lookUp(id)
	switch {
	case err != nil:
		return nil, err
	case t == nil || t.producer != producer:
		return nil, kerr.InvalidProducerIDMapping
	case t.epoch != epoch:
		return nil, kerr.ProducerFenced
	case t.writing:
		return nil, kerr.ConcurrentTransactions
	}
	return t, nil
}

func (c *Coordinator) create(p *partition, id string, f facts) *transaction {
	t := &transaction{id: id, partition: p, facts: f}
	t.timer.Of = t
	p.transactions[id] = t
	c.transactions++
	return t
}

func (c *Coordinator) forget(t *transaction) {
	c.timers.Stop(&t.timer)
	delete(t.partition.transactions, t.id)
	delete(c.marking, t.markers)
	c.transactions--
}

// told returns what a client is told about an error of the partition that
// keeps its transactional id: it should ask again, or ask another broker.
func told(err *kerr.Error) *kerr.Error {
	switch err {
	case nil:
		return nil
	case kerr.NotLeaderForPartition, kerr.FencedLeaderEpoch, kerr.KafkaStorageError, kerr.NotCoordinator:
		return kerr.NotCoordinator
	case kerr.MessageTooLarge, kerr.RecordListTooLarge:
		return kerr.UnknownServerError
	}
	return kerr.CoordinatorNotAvailable
}

// Load reads batches of a partition that this broker now leads: whole ones, in
// order, from the log's start to its end as it was when the leadership began.
// Call it as often as needed, then Loaded. Until then, requests about its ids
// are answered COORDINATOR_LOAD_IN_PROGRESS. Records that make no sense are passed over.
func (c *Coordinator) Load(now int64, partition int32, batches []byte) {
	p := c.startLoading(partition)
	desk.Read(batches, batch.DefaultLimits, func(batch.Header, []byte) {}, func(_ batch.Header, r batch.Record) {
		var key kmsg.TxnMetadataKey
		if len(r.Key) >= 2 && r.Key[0] == 0 && r.Key[1] == 0 && key.ReadFrom(r.Key) == nil {
			p.stored[key.TransactionalID] = bytes.Clone(r.Value) // the last one counts
		}
	})
}

func (c *Coordinator) startLoading(number int32) *partition {
	if p := c.at(number); p != nil && p.loading {
		return p
	}
	c.Unload(number)
	p := &partition{number: number, loading: true, transactions: map[string]*transaction{}, stored: map[string][]byte{}}
	c.partitions[number] = p
	return p
}

// Loaded says that all batches have been loaded (perhaps none), and that the
// coordinator may speak for the partition. What was prepared is completed. The
// epoch is the leader's; markers carry it as coordinator epoch.
func (c *Coordinator) Loaded(now int64, partition int32, epoch int32) {
	p := c.startLoading(partition)
	p.loading, p.epoch = false, epoch
	for _, id := range slices.Sorted(maps.Keys(p.stored)) {
		f, ok := parse(p.stored[id])
		if !ok {
			continue // a tombstone, or nonsense
		}
		t := c.create(p, id, f)
		c.arm(now, t)
		if f.state == PrepareCommit || f.state == PrepareAbort {
			c.prepared(now, t)
		}
	}
	p.stored = nil
}

// Unload forgets a partition: who waits gets NOT_COORDINATOR. One that is not
// loaded is passed over.
func (c *Coordinator) Unload(partition int32) {
	p := c.at(partition)
	if p == nil {
		return
	}
	c.partitions[partition] = nil
	c.desk.Drop(partition)
	for _, id := range slices.Sorted(maps.Keys(p.transactions)) {
		c.forget(p.transactions[id])
	}
}
