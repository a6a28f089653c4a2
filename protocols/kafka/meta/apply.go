package meta

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Apply adds a record, which lies at offset in the log. One that makes no
// sense changes nothing and is an error: theirs, who wrote it. Every node that
// reads the same log makes the same of it.
func (m *Image) Apply(offset int64, record Record) error {
	m.end = offset + 1
	switch r := record.(type) {
	case *RegisterBroker:
		m.registerBroker(r)
	case *UnregisterBroker:
		return m.unregisterBroker(r)
	case *ChangeBroker:
		return m.changeBroker(r)
	case *CreateTopic:
		return m.createTopic(r)
	case *CreatePartition:
		return m.createPartition(r)
	case *ChangePartition:
		return m.changePartition(r)
	case *RemoveTopic:
		return m.removeTopic(r)
	case *SetConfig:
		m.setConfig(r)
	case *SetProducerIDs:
		m.nextProducerID = r.Next
	}
	return nil
}

// Skip passes over offsets that hold nothing for the image.
func (m *Image) Skip(end int64) { m.end = max(m.end, end) }

// Clone returns an image of its own, with nothing in its Delta.
func (m *Image) Clone() *Image {
	c := &Image{nextProducerID: m.nextProducerID, end: m.end}
	for _, b := range m.brokers {
		broker := *b
		c.brokers = append(c.brokers, &broker)
	}
	for _, t := range m.topics {
		topic := *t
		topic.Partitions = slices.Clone(t.Partitions)
		c.addTopic(len(c.topics), &topic)
	}
	c.configs = maps.Clone(m.configs) // setConfig replaces the lists
	return c
}

func (m *Image) registerBroker(r *RegisterBroker) {
	b := &Broker{ID: r.Broker, Epoch: r.Epoch, Incarnation: r.Incarnation, Listeners: r.Listeners, Rack: r.Rack, Fenced: true}
	if i, ok := m.findBroker(r.Broker); ok {
		m.brokers[i] = b
	} else {
		m.brokers = slices.Insert(m.brokers, i, b)
	}
	m.delta.broker(r.Broker)
}

func (m *Image) unregisterBroker(r *UnregisterBroker) error {
	i, ok := m.findBroker(r.Broker)
	if !ok || m.brokers[i].Epoch != r.Epoch {
		return fmt.Errorf("broker %d with epoch %d is unregistered, but it is not there", r.Broker, r.Epoch)
	}
	m.brokers = slices.Delete(m.brokers, i, i+1)
	m.delta.broker(r.Broker)
	return nil
}

func (m *Image) changeBroker(r *ChangeBroker) error {
	b := m.Broker(r.Broker)
	if b == nil || b.Epoch != r.Epoch {
		return fmt.Errorf("broker %d with epoch %d changes, but it is not there", r.Broker, r.Epoch)
	}
	if r.Fenced != 0 {
		b.Fenced = r.Fenced > 0
	}
	if r.ShuttingDown != 0 {
		b.ShuttingDown = r.ShuttingDown > 0
	}
	m.delta.broker(r.Broker)
	return nil
}

func (m *Image) createTopic(r *CreateTopic) error {
	if m.byID[r.ID] != nil || m.byName[r.Name] != nil {
		return fmt.Errorf("topic %q with ID %x is created, but it is there", r.Name, r.ID)
	}
	t := &Topic{Name: r.Name, ID: r.ID}
	m.addTopic(m.findTopic(r.Name), t)
	m.delta.created(t)
	return nil
}

func (m *Image) findTopic(name string) int {
	i, _ := slices.BinarySearchFunc(m.topics, name, func(t *Topic, name string) int { return cmp.Compare(t.Name, name) })
	return i
}

func (m *Image) addTopic(i int, t *Topic) {
	if m.byName == nil {
		m.byName, m.byID = map[string]*Topic{}, map[ID]*Topic{}
	}
	m.topics = slices.Insert(m.topics, i, t)
	m.byName[t.Name], m.byID[t.ID] = t, t
}

func (m *Image) createPartition(r *CreatePartition) error {
	t := m.byID[r.Partition.Topic]
	if t == nil || int(r.Partition.Partition) != len(t.Partitions) || len(r.Replicas) == 0 || len(r.ISR) == 0 {
		return fmt.Errorf("partition %d of topic %x is created, but it is not the next of a topic that is there, or has no replicas", r.Partition.Partition, r.Partition.Topic)
	}
	t.Partitions = append(t.Partitions, Partition{
		Replicas: r.Replicas, ISR: r.ISR, Adding: r.Adding, Removing: r.Removing,
		Leader: r.Leader, LeaderEpoch: r.LeaderEpoch, PartitionEpoch: r.PartitionEpoch,
	})
	m.delta.partition(r.Partition)
	return nil
}

func (m *Image) changePartition(r *ChangePartition) error {
	p := m.Partition(r.Partition)
	if p == nil {
		return fmt.Errorf("partition %d of topic %x changes, but it is not there", r.Partition.Partition, r.Partition.Topic)
	}
	set := func(to *[]int32, list []int32) {
		if list != nil {
			*to = list
		}
	}
	set(&p.ISR, r.ISR)
	set(&p.Replicas, r.Replicas)
	set(&p.Removing, r.Removing)
	set(&p.Adding, r.Adding)
	set(&p.ELR, r.ELR)
	if r.Leader != SameLeader {
		p.Leader = r.Leader
		p.LeaderEpoch++
	}
	if r.Recovery >= 0 {
		p.Recovering = r.Recovery == 1
	}
	p.PartitionEpoch++
	m.delta.partition(r.Partition)
	return nil
}

func (m *Image) removeTopic(r *RemoveTopic) error {
	t := m.byID[r.ID]
	if t == nil {
		return fmt.Errorf("topic %x is removed, but it is not there", r.ID)
	}
	i := m.findTopic(t.Name)
	m.topics = slices.Delete(m.topics, i, i+1)
	delete(m.byName, t.Name)
	delete(m.byID, t.ID)
	delete(m.configs, Resource{TopicKind, t.Name})
	m.delta.Deleted = append(m.delta.Deleted, t)
	return nil
}

func (m *Image) setConfig(r *SetConfig) {
	all := m.configs[r.Resource]
	i, ok := slices.BinarySearchFunc(all, r.Name, func(s Setting, name string) int { return cmp.Compare(s.Name, name) })
	all = slices.Clone(all)
	switch {
	case r.Value == nil && ok:
		all = slices.Delete(all, i, i+1)
	case r.Value == nil:
	case ok:
		all[i].Value = *r.Value
	default:
		all = slices.Insert(all, i, Setting{r.Name, *r.Value})
	}
	m.setConfigs(r.Resource, all)
	m.delta.config(r.Resource)
}

func (m *Image) setConfigs(r Resource, all []Setting) {
	if len(all) == 0 {
		delete(m.configs, r)
		return
	}
	if m.configs == nil {
		m.configs = map[Resource][]Setting{}
	}
	m.configs[r] = all
}
