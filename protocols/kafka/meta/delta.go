package meta

import "slices"

// A Delta is what changed in an Image, each thing once. What was created or
// changed and deleted since may be named too: ask the image for what is.
type Delta struct {
	Brokers    []int32       // registered, fenced, unfenced, shutting down, gone
	Created    []*Topic      // as they are now
	Deleted    []*Topic      // as they last were
	Partitions []PartitionID // changed, and those of created topics
	Configs    []Resource

	seen map[PartitionID]struct{} // Partitions, once they are many
}

// Empty says that nothing changed.
func (d *Delta) Empty() bool {
	return len(d.Brokers)+len(d.Created)+len(d.Deleted)+len(d.Partitions)+len(d.Configs) == 0
}

// Delta returns what has changed since it was last called, and forgets it.
func (m *Image) Delta() Delta {
	d := m.delta
	m.delta = Delta{}
	return d
}

func (d *Delta) broker(id int32) {
	if !slices.Contains(d.Brokers, id) {
		d.Brokers = append(d.Brokers, id)
	}
}

func (d *Delta) config(r Resource) {
	if !slices.Contains(d.Configs, r) {
		d.Configs = append(d.Configs, r)
	}
}

func (d *Delta) created(t *Topic) { d.Created = append(d.Created, t) }

// A fenced broker of many partitions changes them all: only a map finds the
// second change of one among them quickly, but for a few a map costs more.
const fewPartitions = 16

func (d *Delta) partition(id PartitionID) {
	if len(d.Partitions) <= fewPartitions {
		if slices.Contains(d.Partitions, id) {
			return
		}
	} else {
		if d.seen == nil {
			d.seen = map[PartitionID]struct{}{}
			for _, other := range d.Partitions {
				d.seen[other] = struct{}{}
			}
		}
		if _, ok := d.seen[id]; ok {
			return
		}
		d.seen[id] = struct{}{}
	}
	d.Partitions = append(d.Partitions, id)
}
