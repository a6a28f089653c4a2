package meta

// A Delta is what changed in an Image: each thing once, in the order in which
// it first changed. What was created and deleted in between may be named too:
// ask the image for what is.
type Delta struct {
	Brokers    []int32       // registered, fenced, unfenced, shutting down, gone
	Created    []*Topic      // as they are now
	Deleted    []*Topic      // as they last were
	Partitions []PartitionID // changed, and those of created topics
	Configs    []Resource
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
