package client

import (
	"cmp"
	"slices"
)

// BatchLook is a batch on its way, as a lab shows it.
type BatchLook struct {
	Topic     string
	Partition int32
	IDs       []uint64 // of its records, as the caller named them; not to be changed
	Sequence  int32    // of its first record; -1: none, or none yet
	Attempts  int      // how often it was sent
	OnWire    bool     // it is sent, and not answered
}

// Identity returns the producer's ID and epoch; -1 and -1: it has none, or none yet.
func (p *Producer) Identity() (id int64, epoch int16) { return p.identity.id, p.identity.epoch }

// Batches returns the batches that are not settled, in the order in which they
// were begun.
func (p *Producer) Batches() []BatchLook {
	var all []*outgoing
	for _, name := range p.names() {
		for _, g := range p.topics[name].targets {
			if g != nil {
				all = append(append(all, g.flying...), g.queue...)
			}
		}
	}
	slices.SortFunc(all, func(a, b *outgoing) int { return cmp.Compare(a.number, b.number) })
	looks := make([]BatchLook, 0, len(all))
	for _, b := range all {
		if !b.over {
			looks = append(looks, BatchLook{Topic: b.target.topic.meta.name, Partition: b.target.partition, IDs: b.ids,
				Sequence: b.sequence, Attempts: b.attempts, OnWire: b.onWire})
		}
	}
	return looks
}
