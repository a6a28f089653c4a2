package group

import "github.com/twmb/franz-go/pkg/kerr"

// expire looks for what a partition need not keep any longer (KIP-211): offsets
// of groups without members, OffsetRetainMicros after the last member left or
// the last commit, whichever was later; offsets of topics that a consumer group
// does not subscribe to any more, as long after their commit; and groups of
// which nothing is left. Offsets that an open transaction will replace stay.
func (c *Coordinator) expire(now int64, p *partition) {
	wall := c.config.Wall(now)
	for _, g := range p.groups {
		if g.state == Dead {
			continue
		}
		gone := g.expired(wall, c.config.OffsetRetainMicros/1000)
		whole := g.state == Empty && len(g.pending)+g.pledges == 0 && len(gone) == len(g.offsets)
		if whole || len(gone) > 0 {
			c.delete(now, g, gone, whole, func(*kerr.Error) {})
		}
	}
	if len(p.groups) > 0 {
		c.timers.Set(&p.expiry, now+c.config.ExpiryIntervalMicros)
	}
}

// expired returns which offsets are too old, sorted.
func (g *group) expired(wall, retainMillis int64) []position {
	var subscribed func(topic string) bool
	if g.state != Empty {
		if g.state != Stable || g.protocolType != consumers {
			return nil
		}
		subscribed = g.subscribed()
	}
	var gone []position
	for _, at := range g.positions() {
		o, committed := g.offsets[at]
		since := o.committed
		if g.state == Empty {
			since = max(since, g.since)
		}
		switch {
		case !committed || g.unstable[at] > 0,
			o.expires >= 0 && wall < o.expires,
			o.expires < 0 && wall-since < retainMillis,
			subscribed != nil && subscribed(at.topic):
		default:
			gone = append(gone, at)
		}
	}
	return gone
}
