package queue

import "grapevine/protocols/kafka/broker"

// survey is what is found in the logs of the partitions' leaders, at one
// instant of the run.
type survey struct {
	step       uint64 // of the network
	there      int    // acknowledged records that are at their offset
	lost       int    // that are not, and were not deleted as too old
	firstLost  int
	unread     int // offsets that a group has read, and that hold something else now, or nothing
	replaced   int // that compaction took away: later ones with their keys are there
	expired    int // acknowledged records that were deleted as too old before a group had read them
	leaderless int // partitions
}

// survey looks through the logs, once for each instant that it is asked about.
func (w *cluster) survey() *survey {
	if w.surveyed != nil && w.surveyed.step == w.net.Steps() {
		return w.surveyed
	}
	s := &survey{step: w.net.Steps()}
	w.surveyed = s
	for topic, name := range w.plan.topics {
		for part := range w.plan.settings.Partitions {
			w.surveyPartition(s, topic, name, part)
		}
	}
	return s
}

// surveyPartition compares one partition with what is known of it.
func (w *cluster) surveyPartition(s *survey, topic int, name string, part int32) {
	l := &w.ledger
	leader, state := w.leader(name, part)
	held := map[int64]int{}
	if leader == nil {
		s.leaderless++
	} else {
		leader.look(&state, state.Start, state.End, func(r kept) { held[r.offset] = r.number })
	}
	latest := w.latestOfKeys(topic, part)
	for number := range l.orders {
		o := &l.orders[number]
		if o.fate != acked || o.offset < 0 || int(o.topic) != topic || o.partition != part {
			continue
		}
		if leader != nil && o.offset < state.Start {
			for g := range l.groups {
				if o.read[g] == 0 {
					s.expired++
				}
			}
			continue
		}
		if at, ok := held[o.offset]; ok && at == number {
			s.there++
			continue
		}
		if _, ok := held[latest[o.key]]; ok && o.offset < latest[o.key] {
			s.replaced++
			continue
		}
		if s.lost == 0 {
			s.firstLost = number
		}
		s.lost++
	}
	for g := range l.groups {
		for offset, number := range l.summit(topic, part).seen[g].orders {
			if number < 0 || leader != nil && int64(offset) < state.Start {
				continue
			}
			if at, ok := held[int64(offset)]; !ok || at != int(number) {
				s.unread++
			}
		}
	}
}

// latestOfKeys is the offset of the last record of each key that was
// acknowledged, where logs are compacted. It is only looked up.
func (w *cluster) latestOfKeys(topic int, part int32) map[int32]int64 {
	if !w.compacts() {
		return nil
	}
	latest := map[int32]int64{}
	for i := range w.ledger.orders {
		o := &w.ledger.orders[i]
		if o.fate == acked && int(o.topic) == topic && o.partition == part {
			latest[o.key] = max(latest[o.key], o.offset)
		}
	}
	return latest
}

// compacts says whether logs keep only the latest record of each key.
func (w *cluster) compacts() bool { return w.plan.settings.CleanupPolicy == "compact" }

// leader is the broker that is up and leads a partition in the highest epoch;
// nil if there is none.
func (w *cluster) leader(topic string, part int32) (best *house, state broker.PartitionState) {
	for i := range w.plan.brokers {
		b := w.houses.Member(i)
		if b == nil || b.broker == nil || !w.net.Up(w.broker(i)) {
			continue
		}
		if s, ok := b.broker.Partition(topic, part); ok && s.Leads && (best == nil || s.LeaderEpoch > state.LeaderEpoch) {
			best, state = b, s
		}
	}
	return best, state
}
