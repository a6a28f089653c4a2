package group

import (
	"maps"
	"slices"
	"sort"
)

// What records of __consumer_offsets do to a group's offsets: the same when
// they have just been replicated and when they are loaded.

// pledges are the offsets that an open transaction will commit.
type pledges struct {
	order []pledgeKey // in the order in which they came
	at    map[pledgeKey]offset
}

type pledgeKey struct {
	group string
	position
}

// put commits an offset, unless a later one is there.
func (g *group) put(at position, o offset) {
	if old, found := g.offsets[at]; !found || old.order <= o.order {
		g.offsets[at] = o
	}
}

// take removes an offset, and what open transactions will write there.
func (g *group) take(at position) {
	delete(g.offsets, at)
	if g.unstable[at] == 0 {
		return
	}
	key := pledgeKey{group: g.id, position: at}
	for _, producer := range sortedKeys(g.partition.open) {
		open := g.partition.open[producer]
		if open.remove(g, key); len(open.order) == 0 {
			delete(g.partition.open, producer)
		}
	}
}

// pledged adds an offset that a producer's transaction will commit.
func (g *group) pledged(producer int64, at position, o offset) {
	open := g.partition.open[producer]
	if open == nil {
		open = &pledges{at: map[pledgeKey]offset{}}
		g.partition.open[producer] = open
	}
	key := pledgeKey{group: g.id, position: at}
	if _, found := open.at[key]; !found {
		open.order = append(open.order, key)
		g.unstable[at]++
		g.pledges++
	}
	open.at[key] = o
}

func (p *pledges) remove(g *group, key pledgeKey) {
	if _, found := p.at[key]; !found {
		return
	}
	delete(p.at, key)
	p.order = slices.DeleteFunc(p.order, func(other pledgeKey) bool { return other == key })
	g.settled(key.position)
}

func (g *group) settled(at position) {
	g.pledges--
	if g.unstable[at]--; g.unstable[at] == 0 {
		delete(g.unstable, at)
	}
}

// settle ends a producer's transaction in a partition.
func (p *partition) settle(producer int64, commit bool) {
	open := p.open[producer]
	if open == nil {
		return
	}
	delete(p.open, producer)
	for _, key := range open.order {
		g := p.byID[key.group] // a group with pledges is not forgotten
		g.settled(key.position)
		if commit {
			g.put(key.position, open.at[key])
		}
	}
}

// arrived says that a commit is replicated, or never will be.
func (p *partition) arrived(key pledgeKey) {
	if p.coming[key]--; p.coming[key] == 0 {
		delete(p.coming, key)
	}
}

// undecided says whether an offset may still change without another request: an
// open transaction will write one, or a commit is on its way into the log.
func (g *group) undecided(at position) bool {
	return g.unstable[at] > 0 || g.partition.coming[pledgeKey{g.id, at}] > 0
}

// positions returns what the group has offsets for, those of open transactions
// included, sorted.
func (g *group) positions() []position {
	all := slices.AppendSeq(slices.Collect(maps.Keys(g.offsets)), maps.Keys(g.unstable))
	sort.Slice(all, func(i, j int) bool { return all[i].compare(all[j]) < 0 })
	return slices.Compact(all)
}
