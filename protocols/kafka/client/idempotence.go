package client

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/timers"
)

// Theory of operation
//
// An idempotent producer has an ID and an epoch, and numbers the records of
// each partition from 0 (KIP-98). A leader takes a batch whose number follows
// the last one's, takes one that it had before for a duplicate, and refuses
// all others as out of order. So a batch keeps its number however often it is
// sent, and batches in flight behind one that failed are refused and come
// again, in order. A leader that has nothing yet of the producer cannot refuse:
// it takes any number for the first. So nothing follows a partition's first
// batch before that is acknowledged.
//
// When the numbers of a partition are in doubt, since a batch was given up
// that may have been written, or the leader has forgotten the producer, they
// begin anew in a new epoch (KIP-360). An idempotent producer gives itself the
// epoch; a transactional one asks the coordinator for it, when it has aborted.
// Other partitions go over to the new epoch once nothing of the old one is
// under way there.

// identity is a producer's ID and epoch.
type identity struct {
	id       int64 // -1: not known yet
	epoch    int16
	asking   bool
	failures int
	alarm    timers.Timer[alarm]
	broken   []*target // series that wait for a new ID
}

// series is the numbering in one partition.
type series struct {
	id          int64 // of the producer that the numbers belong to
	epoch       int16
	next        int32
	outstanding []*outgoing // numbered and not settled, in order
	known       bool        // the leader has taken one of these numbers
	broken      bool        // begin anew once nothing is on the wire
}

// sequenceLost says whether an error means that a leader does not agree with a
// batch's number.
func sequenceLost(err error) bool {
	return err == kerr.OutOfOrderSequenceNumber || err == kerr.UnknownProducerID || err == kerr.InvalidProducerEpoch
}

// inOrder says whether a batch, the first in its queue, may be sent as far as
// numbers are concerned.
func (p *Producer) inOrder(b *outgoing) bool {
	s := &b.target.series
	switch {
	case s.broken:
		return false
	case b.sequence >= 0: // sent before: nothing goes before all older ones are settled
		return s.outstanding[0] == b
	case p.identity.id < 0:
		p.identify()
		return false
	}
	stale := s.id != p.identity.id || s.epoch != p.identity.epoch
	return !stale && s.known || len(s.outstanding) == 0
}

// number gives a batch its sequence number.
func (p *Producer) number(b *outgoing) {
	s := &b.target.series
	if s.id != p.identity.id || s.epoch != p.identity.epoch {
		*s = series{id: p.identity.id, epoch: p.identity.epoch, outstanding: s.outstanding}
	}
	b.sequence = s.next
	s.next = batch.AddSequence(s.next, int32(len(b.ids)))
	s.outstanding = append(s.outstanding, b)
}

// drop forgets a batch that is settled and not on the wire.
func (p *Producer) drop(b *outgoing) {
	s := &b.target.series
	if at := slices.Index(s.outstanding, b); at >= 0 {
		s.outstanding = slices.Delete(s.outstanding, at, at+1)
	}
	p.free = append(p.free, b)
}

// heal begins a partition's numbers anew, if they are broken and it is time.
func (p *Producer) heal(g *target) {
	if !g.series.broken || len(g.flying) > 0 || p.fatal != nil {
		return
	}
	if p.config.TransactionalID != "" { // the coordinator bumps the epoch, after the abort
		return
	}
	if p.identity.epoch == math.MaxInt16 {
		p.identity.id = -1
		p.identify()
	}
	if p.identity.id < 0 {
		if !slices.Contains(p.identity.broken, g) {
			p.identity.broken = append(p.identity.broken, g)
		}
		return
	}
	p.identity.epoch++
	p.renumber(g)
}

// renumber gives all outstanding batches of a partition numbers of the present
// epoch.
func (p *Producer) renumber(g *target) {
	s := &g.series
	outstanding := s.outstanding
	*s = series{id: p.identity.id, epoch: p.identity.epoch, outstanding: outstanding[:0]}
	for _, b := range outstanding {
		p.number(b)
		restamp(b.bytes, s.id, s.epoch, b.sequence)
	}
	p.ready(g)
}

// restamp gives a batch another producer epoch and sequence.
func restamp(b []byte, id int64, epoch int16, sequence int32) {
	if len(b) < batch.HeaderBytes {
		return // not built yet
	}
	binary.BigEndian.PutUint64(b[43:], uint64(id))
	binary.BigEndian.PutUint16(b[51:], uint16(epoch))
	binary.BigEndian.PutUint32(b[53:], uint32(sequence))
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)))
}

// identify asks for an ID; a transactional producer gets it from its
// coordinator instead.
func (p *Producer) identify() {
	i := &p.identity
	if i.asking || i.id >= 0 || i.alarm.IsSet() || p.config.TransactionalID != "" || p.fatal != nil {
		return
	}
	i.asking = true
	i.alarm.Of.identity = i
	req := kmsg.NewPtrInitProducerIDRequest()
	req.TransactionTimeoutMillis = math.MaxInt32
	p.client.ask(req, func(r kmsg.Response, err error) {
		i.asking = false
		resp, _ := r.(*kmsg.InitProducerIDResponse)
		if resp != nil {
			err = errorOf(resp.ErrorCode)
		}
		switch {
		case p.closed || p.fatal != nil:
		case err == nil:
			p.identified(resp.ProducerID, resp.ProducerEpoch)
		case mayPass(err):
			p.timers.Set(&i.alarm, p.client.now+p.client.retryPause(i.failures))
			i.failures++
		default:
			p.stop(err)
		}
	})
}

// identified takes the ID.
func (p *Producer) identified(id int64, epoch int16) {
	i := &p.identity
	i.id, i.epoch, i.failures = id, epoch, 0
	for _, g := range i.broken {
		p.renumber(g)
	}
	i.broken = nil
	p.readyAll()
	p.emit(ProducerEvent{Kind: Initialized, Partition: -1, Offset: -1})
}

// readyAll looks through all targets for what may be sent.
func (p *Producer) readyAll() {
	for _, name := range p.names() {
		for _, g := range p.topics[name].targets {
			if g != nil {
				p.ready(g)
			}
		}
	}
}
