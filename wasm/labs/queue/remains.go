package queue

import (
	"slices"
	"sort"

	"grapevine/protocols/kafka/broker"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// What a crash leaves, and what it takes. A dead broker's machine still says
// what was in its memory; its disk says what it will find when it is back.

// remains is the card of a node that is down. Its rows are those of its card.
func (w *cluster) remains(node sim.NodeID) lab.Card {
	card := w.card(node)
	if role, _ := w.split(node); role == 'b' {
		return card // made of what is on the disk
	}
	for i := range card.Rows {
		forget(&card.Rows[i])
	}
	return card
}

// forget leaves of a client's row what is not lost with its memory: the records
// that it was to send or to read, and the one that its death cut short.
func forget(row *lab.Row) {
	switch {
	case row.Form == lab.Tail:
	case row.Form == lab.Strip && len(row.Cells) == 1 && row.Cells[0].Max > 0:
		row.Cells[0].Look, row.Cells[0].Value = lab.Crossed, 0
	default:
		row.Cells = nil
	}
}

// down says whether a house's broker is.
func (w *cluster) down(b *house) bool { return !w.net.Up(w.broker(b.member)) }

// end is where a replica's log ends: that of a dead broker on its disk.
func (b *house) end(p *broker.PartitionState) int64 {
	if !b.w.down(b) {
		return p.End
	}
	at := topicPart{p.Topic, p.Part}
	end, ok := b.left[at]
	if !ok {
		end = p.Start
		b.look(p, p.Start, p.End, func(r kept) { end = r.offset + 1 })
		if b.left == nil {
			b.left = map[topicPart]int64{}
		}
		b.left[at] = end
	}
	return end
}

// foreign says of each of a replica's records whether the partition's leader
// has another one there, or none. Who follows a new leader cuts such off.
func (w *cluster) foreign(b *house, p *broker.PartitionState, records []kept) []bool {
	gone := make([]bool, len(records))
	leader, state := w.leader(p.Topic, p.Part)
	if leader == nil || leader == b || len(records) == 0 {
		return gone
	}
	if !w.down(b) && slices.Contains(state.InSync, int32(b.member)) && p.LeaderEpoch == state.LeaderEpoch {
		return gone // it follows
	}
	for i := range gone {
		gone[i] = records[i].offset >= state.Start
	}
	leader.look(&state, max(records[0].offset, state.Start), min(state.End, records[len(records)-1].offset+1), func(r kept) {
		for i := range records {
			if k := &records[i]; k.offset == r.offset && k.number == r.number && k.marker == r.marker {
				gone[i] = false
			}
		}
	})
	return gone
}

// lost are the acknowledged orders that a new leader of their partition did not
// have, by number.
func (w *cluster) lost() []int {
	fresh := false
	for topic, name := range w.plan.topics {
		for part := range w.plan.settings.Partitions {
			s := w.ledger.summit(topic, part)
			if s.offices == s.searched {
				continue
			}
			if leader, state := w.leader(name, part); leader != nil {
				s.searched, fresh = s.offices, true
				s.lost = w.lostIn(s.lost[:0], topic, part, leader, &state)
			}
		}
	}
	if fresh {
		w.lostOrders = w.lostOrders[:0]
		for topic := range w.plan.topics {
			for part := range w.plan.settings.Partitions {
				w.lostOrders = append(w.lostOrders, w.ledger.summit(topic, part).lost...)
			}
		}
		sort.Slice(w.lostOrders, func(i, j int) bool { return w.lostOrders[i] < w.lostOrders[j] })
	}
	return w.lostOrders
}

// lostIn appends the lost orders of one partition.
func (w *cluster) lostIn(lost []int, topic int, part int32, leader *house, state *broker.PartitionState) []int {
	held := map[int64]int{} // only looked up
	leader.look(state, state.Start, state.End, func(r kept) { held[r.offset] = r.number })
	for number := range w.ledger.orders {
		o := &w.ledger.orders[number]
		if o.fate != acked || o.offset < state.Start || int(o.topic) != topic || o.partition != part {
			continue
		}
		if at, ok := held[o.offset]; !ok || at != number {
			lost = append(lost, number)
		}
	}
	return lost
}
