package group

import (
	"cmp"
	"maps"
	"slices"

	"grapevine/protocols/kafka/desk"
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
	coming  map[pledgeKey]int  // commits that are accepted and not replicated yet, of open transactions or not
	stored  map[string][]byte  // while loading: the last metadata of each group
	late    []marker           // while loading: what came in
	expiry  timers.Timer[due]  // when to look for old offsets; set while there are groups
}

// marker is the end of a transaction in a partition.
type marker struct {
	producer int64
	commit   bool
}

func newPartition(number int32) *partition {
	p := &partition{number: number, loading: true, byID: map[string]*group{}, open: map[int64]*pledges{},
		coming: map[pledgeKey]int{}, stored: map[string][]byte{}}
	p.expiry.Of.partition = p
	return p
}

// lookUp returns the partition that keeps a group, and the group, nil if there
// is none. The error says why nothing can be said about it.
func (c *Coordinator) lookUp(id string) (*partition, *group, *kerr.Error) {
	p := c.partitions[desk.PartitionFor(id, int32(len(c.partitions)))]
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
	p := c.at(partition)
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
	c.desk.Drop(partition)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
