package txn

import (
	"bytes"
	"maps"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/group"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// partition is a partition of __transaction_state that this broker leads.
type partition struct {
	number       int32
	epoch        int32 // of its leader: the coordinator epoch
	loading      bool
	transactions map[string]*transaction
	writes       []write           // not reported yet, oldest first
	stored       map[string][]byte // while loading: the last value of each transactional id
}

// write is an Append that is not reported yet.
type write struct {
	id   uint64
	done func(now int64, err *kerr.Error)
}

// lookUp returns the partition that keeps a transactional id, and its
// transaction, nil if there is none. The error says why nothing can be said about it.
func (c *Coordinator) lookUp(id string) (*partition, *transaction, *kerr.Error) {
	if id == "" || len(id) > c.config.MaxIDBytes {
		return nil, nil, kerr.InvalidRequest
	}
	p := c.partitions[group.PartitionFor(id, c.config.Partitions)]
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

// append asks for a batch to be written, and calls done when it is, or not.
func (c *Coordinator) append(p *partition, batch []byte, done func(now int64, err *kerr.Error)) {
	c.order++
	p.writes = append(p.writes, write{id: c.order, done: done})
	c.writing[c.order] = p
	c.events = append(c.events, Append{ID: c.order, Partition: p.number, Batch: batch})
}

// Appended says that the batch of the Append with the id is replicated, or why
// not. An id of a partition that was unloaded since is passed over.
func (c *Coordinator) Appended(now int64, id uint64, err *kerr.Error) {
	p := c.writing[id]
	if p == nil {
		return
	}
	delete(c.writing, id)
	i := slices.IndexFunc(p.writes, func(w write) bool { return w.id == id })
	done := p.writes[i].done
	if i == 0 { // as it is, unless the caller has no order
		p.writes = p.writes[1:]
	} else {
		p.writes = slices.Delete(p.writes, i, i+1)
	}
	done(now, told(err))
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
	var records []batch.Record
	for len(batches) > 0 {
		h, size, err := batch.Parse(batches)
		if err != nil {
			return
		}
		data := batches[:size]
		batches = batches[size:]
		if h.Control() {
			continue
		}
		if records, err = batch.Records(records[:0], data, batch.DefaultLimits); err != nil {
			continue
		}
		for _, r := range records {
			var key kmsg.TxnMetadataKey
			if len(r.Key) >= 2 && r.Key[0] == 0 && r.Key[1] == 0 && key.ReadFrom(r.Key) == nil {
				p.stored[key.TransactionalID] = bytes.Clone(r.Value) // the last one counts
			}
		}
	}
}

func (c *Coordinator) startLoading(number int32) *partition {
	if p := c.partitions[number]; p != nil && p.loading {
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
	p := c.partitions[partition]
	if p == nil {
		return
	}
	c.partitions[partition] = nil
	for _, w := range p.writes {
		delete(c.writing, w.id)
		w.done(0, kerr.NotCoordinator)
	}
	for _, id := range slices.Sorted(maps.Keys(p.transactions)) {
		c.forget(p.transactions[id])
	}
}
