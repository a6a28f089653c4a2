package sim

import (
	"maps"
	"slices"
	"unsafe"
)

// Snapshot is a network at one instant, to seek back to. It belongs to the
// network that made it.
type Snapshot struct {
	Now   Time
	Steps uint64

	nodes   []nodeState
	status  []uint8
	rules   []Rule
	done    int
	flying  int
	started bool
	fresh   bool
	links   [][]Link
	wheel   wheel
	slab    slab
	cells   cells
	held    map[NodeID]fifo
	journal Journal
	roles   []any
}

// Save copies the network's present. It returns nil if one of the roles has
// disks, is not a Keeper or cannot be saved.
func (n *Network) Save() *Snapshot {
	roles := make([]any, len(n.roles))
	for i := range n.roles {
		k, ok := n.roles[i].role.(Keeper)
		if !ok || n.roles[i].disks != nil {
			return nil
		}
		if roles[i] = k.Save(); roles[i] == nil {
			return nil
		}
	}
	return &Snapshot{
		Now: n.now, Steps: n.steps,
		nodes: slices.Clone(n.nodes), status: slices.Clone(n.status), rules: n.rules, done: n.done, flying: n.flying, started: n.started, fresh: n.fresh,
		links: cloneLinks(n.links),
		wheel: n.wheel.save(), slab: n.slab.save(), cells: n.cells.save(), held: maps.Clone(n.held),
		journal: n.Journal.save(), roles: roles,
	}
}

// Load puts the network back to the snapshot's instant. The script is kept
// as it now is, so replaying leads to the same present unless it was changed; its actions before
// the snapshot must be the same as they were.
func (n *Network) Load(s *Snapshot) {
	n.now, n.steps, n.rules, n.done, n.flying, n.started = s.Now, s.Steps, s.rules, s.done, s.flying, s.started
	n.fresh, n.links = s.fresh, cloneLinks(s.links)
	copy(n.nodes, s.nodes)
	copy(n.status, s.status)
	*n.wheel = s.wheel.save()
	n.slab, n.cells = s.slab.save(), s.cells.save()
	n.held = maps.Clone(s.held)
	n.Journal.load(&s.journal)
	for i := range n.roles {
		n.roles[i].role.(Keeper).Load(s.roles[i])
	}
}

func cloneLinks(links [][]Link) [][]Link {
	out := make([][]Link, len(links))
	for i := range links {
		out[i] = slices.Clone(links[i])
	}
	return out
}

// Footprint estimates the bytes a Snapshot of the kernel's own state takes
// now, without what the roles keep.
func (n *Network) Footprint() int {
	size := len(n.nodes)*int(unsafe.Sizeof(nodeState{})) + int(unsafe.Sizeof(wheel{})) +
		len(n.slab.chunks)*slabChunk*int(unsafe.Sizeof(event{})) + len(n.wheel.store.chunks)*batchChunk*int(unsafe.Sizeof(batch{}))
	for i := range n.cells.class {
		size += len(n.cells.class[i].chunks) * cellChunkBytes
	}
	return size
}
