package client

import "grapevine/protocols/kafka/client/partition"

// choose returns a message's partition; false: it is not known yet.
func (p *Producer) choose(t *outTopic, m *Message, size int) (int32, bool) {
	n := int32(len(t.meta.partitions))
	switch {
	case m.Partition >= 0:
		return m.Partition, m.Partition < n
	case n == 0:
		return 0, false
	case m.Key != nil && p.config.Partitioner != RoundRobin:
		return partition.ForKey(m.Key, n), true
	case p.config.Partitioner != Sticky:
		return p.inTurn(t, n), true
	}
	return p.stick(t, n, size), true
}

// inTurn returns the next partition that has a leader.
func (p *Producer) inTurn(t *outTopic, n int32) int32 {
	for range n {
		at := t.turn % n
		t.turn = (at + 1) % n
		if t.meta.partitions[at].node >= 0 {
			return at
		}
	}
	at := t.turn % n
	t.turn = (at + 1) % n
	return at
}

// stick returns the partition of the last record without a key while its batch
// has room, and then another one by luck that has a leader (KIP-480): full
// batches go to one partition after the other, where each in turn would have
// got a batch of a few records.
func (p *Producer) stick(t *outTopic, n int32, size int) int32 {
	if t.sticky >= 0 && t.sticky < n {
		if g := p.target(t, t.sticky); g.filling(p, size) != nil {
			return t.sticky
		}
	}
	able := int32(0)
	for i, l := range t.meta.partitions {
		if l.node >= 0 && int32(i) != t.sticky {
			able++
		}
	}
	if able == 0 {
		if t.sticky < 0 || t.sticky >= n {
			t.sticky = 0
		}
		return t.sticky
	}
	pick := int32(0)
	if p.client.config.Rand != nil {
		pick = int32(p.client.config.Rand() % uint64(able))
	}
	for i, l := range t.meta.partitions {
		if l.node >= 0 && int32(i) != t.sticky {
			if pick == 0 {
				t.sticky = int32(i)
				break
			}
			pick--
		}
	}
	return t.sticky
}
