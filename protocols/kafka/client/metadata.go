package client

import (
	"math"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// metadata is when the cluster's shape is asked for, and how that went.
type metadata struct {
	asking    bool
	again     bool  // somebody wants to know more than what is being asked
	elsewhere bool  // whoever was asked last is behind: to ask another, perhaps
	next      int64 // when to ask; math.MaxInt64: nobody wants to know
	asked     int64 // when it was last answered, or not
	failures  int   // in a row
}

// topic is what is known of a topic that somebody uses.
type topic struct {
	name       string
	id         [16]byte
	err        error // why there are no partitions; nil with none: not answered yet
	partitions []leader
}

// leader is who leads a partition.
type leader struct {
	node  int32 // -1: nobody
	epoch int32 // -1: the broker is too old to say
	err   error
}

// topic returns what is known of a topic, and asks for it from now on.
func (c *Client) topic(name string) *topic {
	if t := c.topics[name]; t != nil {
		return t
	}
	t := &topic{name: name}
	c.topics[name] = t
	at, _ := slices.BinarySearchFunc(c.sorted, name, func(t *topic, name string) int { return strings.Compare(t.name, name) })
	c.sorted = slices.Insert(c.sorted, at, t)
	c.metadata.again = c.metadata.asking
	c.metadata.next = min(c.metadata.next, c.now)
	return t
}

// stale has the metadata asked for again: something it said turned out wrong.
// A question soon after the last one has to wait.
func (c *Client) stale() {
	if c.metadata.asking {
		return
	}
	c.metadata.next = min(c.metadata.next, max(c.now, c.metadata.asked+c.config.RetryBackoffMicros))
}

// refresh asks for the metadata of the topics in use.
func (c *Client) refresh() {
	c.metadata.next = math.MaxInt64
	if c.metadata.asking {
		return
	}
	c.metadata.asking = true
	req := kmsg.NewPtrMetadataRequest()
	req.AllowAutoTopicCreation = true
	req.Topics = []kmsg.MetadataRequestTopic{} // none, where nil would mean all
	for _, t := range c.sorted {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &t.name
		req.Topics = append(req.Topics, topic)
	}
	c.ask(req, c.described)
}

// described takes the answer.
func (c *Client) described(r kmsg.Response, err error) {
	m := &c.metadata
	m.asking, m.asked = false, c.now
	if resp, ok := r.(*kmsg.MetadataResponse); ok && err == nil {
		err = errorOf(resp.ErrorCode)
		if err == nil {
			err = c.learn(resp)
		}
	}
	switch {
	case err != nil:
		m.next = c.now + c.retryPause(m.failures)
		m.failures++
	case m.again:
		m.next = c.now
	case c.unsettled():
		m.next = c.now + c.retryPause(m.failures)
		m.failures++
	default:
		m.next = c.now + c.config.MetadataMaxAgeMicros
		m.failures = 0
	}
	m.again = false
	for _, u := range c.users {
		u.refreshed()
	}
}

// learn takes what a broker knows.
func (c *Client) learn(resp *kmsg.MetadataResponse) error {
	if len(resp.Brokers) == 0 {
		return kerr.BrokerNotAvailable // it has no picture of the cluster itself, yet
	}
	for _, b := range resp.Brokers {
		c.knowBroker(b.NodeID, b.Host, b.Port)
	}
	c.brokers = slices.DeleteFunc(c.brokers, func(n *node) bool {
		gone := !slices.ContainsFunc(resp.Brokers, func(b kmsg.MetadataResponseBroker) bool { return b.NodeID == n.id })
		if gone {
			c.endLinks(n)
		}
		return gone
	})
	c.links = slices.DeleteFunc(c.links, func(l *link) bool {
		unused := len(l.waiting) == 0 && len(l.flying) == 0 && c.broker(l.node.id) != l.node
		if unused && l.state != resting {
			l.end(ErrDisconnected)
			l.node.failures, l.node.pauseUntil = 0, 0
		}
		return unused
	})
	for i := range resp.Topics {
		if name := resp.Topics[i].Topic; name != nil && c.topics[*name] != nil {
			c.topics[*name].learn(&resp.Topics[i])
		}
	}
	return nil
}

// learn takes what a broker knows of a topic. It may know less than we do: a
// leader of an older epoch is not believed (KIP-320), unless the topic is
// another one by the same name.
func (t *topic) learn(from *kmsg.MetadataResponseTopic) {
	t.err = errorOf(from.ErrorCode)
	if t.err != nil && len(from.Partitions) == 0 {
		if t.err == kerr.UnknownTopicOrPartition {
			t.partitions = nil
		}
		return
	}
	another := t.id != from.TopicID
	t.id = from.TopicID
	old, n := t.partitions, len(from.Partitions)
	t.partitions = make([]leader, n)
	for i := range t.partitions {
		t.partitions[i] = nobody
	}
	for i := range from.Partitions {
		p := &from.Partitions[i]
		if p.Partition < 0 || int(p.Partition) >= n {
			continue
		}
		now := leader{node: p.Leader, epoch: p.LeaderEpoch, err: errorOf(p.ErrorCode)}
		if now.err == kerr.ReplicaNotAvailable { // the leader is there all the same
			now.err = nil
		}
		if int(p.Partition) < len(old) && !another && now.epoch >= 0 && now.epoch < old[p.Partition].epoch {
			now = old[p.Partition]
		}
		t.partitions[p.Partition] = now
	}
}

// unsettled says whether something is missing that may come soon.
func (c *Client) unsettled() bool {
	for _, t := range c.sorted {
		if t.err != nil || len(t.partitions) == 0 {
			return true
		}
		for _, p := range t.partitions {
			if p.node < 0 {
				return true
			}
		}
	}
	return false
}

// leads is what is known of a partition's leader: nothing, if the topic was
// deleted since, or made anew with fewer partitions.
func (t *topic) leads(partition int32) leader {
	if partition < 0 || int(partition) >= len(t.partitions) {
		return nobody
	}
	return t.partitions[partition]
}

var nobody = leader{node: -1, epoch: -1, err: kerr.UnknownTopicOrPartition}

// leader returns who leads a partition; nil: it is not known.
func (c *Client) leader(t *topic, partition int32) *node { return c.broker(t.leads(partition).node) }

// heard takes what an answer says of a partition's leader (KIP-951).
func (c *Client) heard(t *topic, partition, node, epoch int32) {
	if partition < 0 || int(partition) >= len(t.partitions) || node < 0 || c.broker(node) == nil {
		return
	}
	if p := &t.partitions[partition]; epoch > p.epoch {
		*p = leader{node: node, epoch: epoch}
	}
}
