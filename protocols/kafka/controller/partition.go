package controller

import (
	"slices"

	"grapevine/protocols/kafka/meta"
)

// Theory of operation
//
// Of each partition the controller keeps who holds it (replicas), who of them
// has everything (in-sync set), who else has everything below the high
// watermark (ELR, KIP-966), and who leads. All else follows from one claim:
//
//	a record that was acknowledged with acks=all is in the log of every member
//	of the in-sync set and of the ELR.
//
// A leader acknowledges, and moves the high watermark, when all of the in-sync
// set has the record and the set is no smaller than min.insync.replicas. So
// the claim holds when a member is added that has all that the leader has, and
// when members are dropped. Who is dropped while the set has the minimum
// or more may miss what comes then, and is forgotten. Who is dropped from a smaller
// set misses nothing, since the high watermark cannot move: it joins the ELR,
// which is emptied when the set has the minimum again.
//
// A broker that has lost part of its log in a crash breaks the claim, so it
// leaves both when it registers again, and nobody lets it lead before: its old
// life's epoch is no longer its own. Only where there is nobody else does it
// stay: then what it has is all there is.
//
// Whoever leads is therefore chosen from the in-sync set, then from the ELR.
// The in-sync set is never empty: a set of which all are fenced stays as it
// is, and waits for one of them, or for one of the ELR. An unclean election
// takes any replica that lives, and gives up the claim.

// nobody is a broker that is none.
const nobody int32 = -1

// How leaders are elected.
type election uint8

const (
	keepLeader election = iota // as long as it can lead
	preferred                  // the first replica, if it can
	anyReplica                 // if nobody else can: unclean
)

// rules are what decide depends on besides the partition.
type rules struct {
	active    func(broker int32) bool // may lead and be in sync
	minInsync int                     // the topic's min.insync.replicas
	unclean   bool                    // the topic's unclean.leader.election.enable
}

// change is what is wanted of a partition. Nil lists are as they are.
type change struct {
	isr, replicas, adding, removing []int32
	lost                            int32 // a broker that has lost what it had, or nobody
	elect                           election
	recovered                       bool // the leader has dealt with its unclean election
}

// decide returns the record that makes a partition what is wanted of it and
// the rules allow, nil if that is what it is.
func decide(id meta.PartitionID, p *meta.Partition, c change, r rules) *meta.ChangePartition {
	next := *p
	next.Replicas, next.ISR = given(c.replicas, p.Replicas), given(c.isr, p.ISR)
	next.Adding, next.Removing = given(c.adding, p.Adding), given(c.removing, p.Removing)
	completeReassignment(&next)
	had := slices.DeleteFunc(union(next.ISR, union(p.ISR, p.ELR)), func(b int32) bool {
		return b == c.lost || !slices.Contains(next.Replicas, b)
	})
	next.ISR = insync(&next, had, c, r)
	unclean := electLeader(&next, had, c, r)
	next.ELR = nil
	if len(next.ISR) < min(r.minInsync, len(next.Replicas)) && !unclean {
		next.ELR = minus(had, next.ISR)
	}
	if unclean {
		next.Recovering = true
	} else if c.recovered {
		next.Recovering = false
	}
	return difference(id, p, &next)
}

// completeReassignment drops the replicas that are to go once all that come
// are in sync (KIP-455).
func completeReassignment(p *meta.Partition) {
	if len(p.Adding)+len(p.Removing) == 0 {
		return
	}
	stay := minus(p.Replicas, p.Removing)
	isr := only(p.ISR, func(b int32) bool { return slices.Contains(stay, b) })
	if len(isr) == 0 || len(minus(p.Adding, isr)) > 0 {
		return
	}
	p.Replicas, p.ISR = stay, isr
	p.Adding, p.Removing = nil, nil
}

// insync returns the in-sync set without those that must not be in it, which
// is never empty. had are those with everything.
func insync(p *meta.Partition, had []int32, c change, r rules) []int32 {
	all := slices.DeleteFunc(slices.Clone(p.ISR), func(b int32) bool {
		return b == c.lost || !slices.Contains(p.Replicas, b)
	})
	if active := only(all, r.active); len(active) > 0 {
		return active
	}
	switch {
	case len(all) > 0:
		return all
	case len(had) > 0:
		return append(only(had, r.active), had...)[:1]
	}
	return only(p.Replicas, func(b int32) bool { return slices.Contains(p.ISR, b) })
}

// electLeader gives a partition a leader, and says whether that is unclean.
func electLeader(p *meta.Partition, had []int32, c change, r rules) (unclean bool) {
	can := func(b int32) bool { return r.active(b) && slices.Contains(p.ISR, b) }
	first := func(ok func(int32) bool) bool {
		i := slices.IndexFunc(p.Replicas, ok)
		p.Leader = nobody
		if i >= 0 {
			p.Leader = p.Replicas[i]
		}
		return i >= 0
	}
	switch {
	case c.elect == preferred && can(p.Replicas[0]):
		p.Leader = p.Replicas[0]
	case can(p.Leader):
	case first(can):
	case first(func(b int32) bool { return r.active(b) && slices.Contains(had, b) }):
		p.ISR = []int32{p.Leader}
	case (r.unclean || c.elect == anyReplica) && first(r.active):
		p.ISR = []int32{p.Leader}
		return true
	}
	return false
}

// difference returns the record that turns p into next. Where a replica goes,
// a leader epoch begins, so that nothing it still sends is taken for news.
func difference(id meta.PartitionID, p, next *meta.Partition) *meta.ChangePartition {
	r := &meta.ChangePartition{Partition: id, Leader: meta.SameLeader, Recovery: -1}
	changed := false
	set := func(to *[]int32, was, is []int32) {
		if !slices.Equal(was, is) {
			*to, changed = append([]int32{}, is...), true
		}
	}
	set(&r.ISR, p.ISR, next.ISR)
	set(&r.Replicas, p.Replicas, next.Replicas)
	set(&r.Adding, p.Adding, next.Adding)
	set(&r.Removing, p.Removing, next.Removing)
	set(&r.ELR, p.ELR, next.ELR)
	if p.Leader != next.Leader || len(minus(p.Replicas, next.Replicas)) > 0 {
		r.Leader, changed = next.Leader, true
	}
	if p.Recovering != next.Recovering {
		r.Recovery, changed = 0, true
		if next.Recovering {
			r.Recovery = 1
		}
	}
	if !changed {
		return nil
	}
	return r
}

// given returns a list, or what it is when it is not given.
func given(list, otherwise []int32) []int32 {
	if list == nil {
		return otherwise
	}
	return list
}

// union returns a and what else is in b.
func union(a, b []int32) []int32 { return append(slices.Clone(a), minus(b, a)...) }

// minus returns what is in a and not in b, nil if that is nothing.
func minus(a, b []int32) []int32 {
	return only(a, func(v int32) bool { return !slices.Contains(b, v) })
}

// only returns what in list is ok.
func only(list []int32, ok func(int32) bool) []int32 {
	var some []int32
	for _, v := range list {
		if ok(v) {
			some = append(some, v)
		}
	}
	return some
}
