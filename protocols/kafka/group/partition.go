package group

import (
	"cmp"
	"maps"
	"slices"

	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
)

// partition is a partition of __consumer_offsets that this broker leads.
type partition struct {
	number  int32
	loading bool
	groups  []*group // in the order in which they came
	byID    map[string]*group
	open    map[int64]*pledges // by producer: what its open transaction will commit
	writes  []write            // not reported yet, oldest first
	stored  map[string][]byte  // while loading: the last metadata of each group
	late    []marker           // while loading: what came in
	expiry  timers.Timer[due]  // when to look for old offsets; set while there are groups
}

// write is an Append that is not reported yet.
type write struct {
	id   uint64
	done func(now int64, err *kerr.Error)
}

// marker is the end of a transaction in a partition.
type marker struct {
	producer int64
	commit   bool
}

func newPartition(number int32) *partition {
	p := &partition{number: number, loading: true, byID: map[string]*group{}, open: map[int64]*pledges{}, stored: map[string][]byte{}}
	p.expiry.Of.partition = p
	return p
}

// lookUp returns the partition that keeps a group, and the group, nil if there
// is none. The error says why nothing can be said about it.
func (c *Coordinator) lookUp(id string) (*partition, *group, *kerr.Error) {
	p := c.partitions[PartitionFor(id, c.config.Partitions)]
	switch {
	case p == nil:
		return nil, nil, kerr.NotCoordinator
	case p.loading:
		return nil, nil, kerr.CoordinatorLoadInProgress
	}
	return p, p.byID[id], nil
}

// ensure returns a group, made anew if it is not there.
func (c *Coordinator) ensure(now int64, p *partition, id string) *group {
	if g := p.byID[id]; g != nil {
		return g
	}
	g := newGroup(id, p)
	p.groups = append(p.groups, g)
	p.byID[id] = g
	c.groups++
	if !p.expiry.IsSet() {
		c.timers.Set(&p.expiry, now+c.config.ExpiryIntervalMicros)
	}
	return g
}

// forget removes a group that has neither members nor offsets.
func (c *Coordinator) forget(g *group) {
	p := g.partition
	c.timers.Stop(&g.timer)
	for _, id := range sortedKeys(g.pending) {
		c.timers.Stop(&g.pending[id].session)
	}
	p.groups = slices.DeleteFunc(p.groups, func(other *group) bool { return other == g })
	delete(p.byID, g.id)
	c.groups--
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
// keeps its group: it should ask again, or ask another broker.
func told(err *kerr.Error) *kerr.Error {
	switch err {
	case nil:
		return nil
	case kerr.NotLeaderForPartition, kerr.FencedLeaderEpoch, kerr.KafkaStorageError, kerr.NotCoordinator:
		return kerr.NotCoordinator
	case kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidFetchSize:
		return kerr.InvalidCommitOffsetSize
	case kerr.InvalidProducerEpoch, kerr.ProducerFenced, kerr.InvalidTxnState, kerr.InvalidProducerIDMapping: // of a TxnOffsetCommit
		return err
	}
	return kerr.CoordinatorNotAvailable
}

// Unload forgets a partition: who waits gets NOT_COORDINATOR. One that is not
// loaded is passed over.
func (c *Coordinator) Unload(partition int32) {
	p := c.partitions[partition]
	if p == nil {
		return
	}
	c.partitions[partition] = nil
	c.timers.Stop(&p.expiry)
	for _, g := range p.groups {
		g.state = Dead // whoever still holds it does nothing any more
		c.timers.Stop(&g.timer)
		for _, m := range g.members {
			c.timers.Stop(&m.session)
			c.refuse(m, kerr.NotCoordinator)
		}
		for _, id := range sortedKeys(g.pending) {
			c.timers.Stop(&g.pending[id].session)
		}
	}
	c.groups -= len(p.groups)
	p.groups, p.byID = nil, nil
	for _, w := range p.writes {
		delete(c.writing, w.id)
		w.done(0, kerr.NotCoordinator)
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
