package http2

import "encoding/binary"

// Two things can be waited for: the acknowledgement of our SETTINGS, and a sign
// of life. The clocks start with the first Receive or Tick.

// maxPings may be unanswered.
const maxPings = 16

// Ping asks the peer for a Pong with the number returned. At most 16 may be
// unanswered; more are not sent, and ok is false.
func (c *Conn) Ping() (number uint64, ok bool) {
	if c.closed || len(c.pings) >= maxPings {
		return 0, false
	}
	c.pingNumber++
	c.pings = append(c.pings, c.pingNumber)
	c.writePing(c.pingNumber)
	return c.pingNumber, true
}

func (c *Conn) writePing(number uint64) {
	c.out = appendFrameHeader(c.out, 8, framePing, 0, 0)
	c.out = binary.BigEndian.AppendUint64(c.out, number)
}

// pass lets time go by. It never goes back.
func (c *Conn) pass(now int64) {
	if !c.started {
		c.started = true
		c.now, c.settingsAt, c.heardAt = now, now, now
	}
	c.now = max(c.now, now)
}

// Deadline returns when Tick is to be called, if ever.
func (c *Conn) Deadline() (at int64, ok bool) {
	if c.closed || !c.started {
		return 0, false
	}
	wait := func(until int64) {
		if !ok || until < at {
			at, ok = until, true
		}
	}
	if !c.settled && c.config.SettingsTimeoutMicros > 0 {
		wait(c.settingsAt + c.config.SettingsTimeoutMicros)
	}
	if c.config.KeepaliveMicros > 0 {
		wait(c.aliveUntil())
	}
	return at, ok
}

// aliveUntil is when to ask whether the peer is there, or to stop waiting for
// its answer. Anything that comes is an answer.
func (c *Conn) aliveUntil() int64 {
	if c.asking {
		return c.askedAt + c.config.KeepaliveTimeoutMicros
	}
	return c.heardAt + c.config.KeepaliveMicros
}

// Tick says that it is now. Nothing happens before the Deadline. The first
// one, or the first Receive, starts the clocks.
func (c *Conn) Tick(now int64) {
	c.pass(now)
	if c.closed {
		return
	}
	if !c.settled && c.config.SettingsTimeoutMicros > 0 && c.now-c.settingsAt >= c.config.SettingsTimeoutMicros {
		c.punish(connError(SettingsTimeout, "our SETTINGS are not acknowledged after %d microseconds", c.config.SettingsTimeoutMicros))
		return
	}
	if c.config.KeepaliveMicros <= 0 || c.now < c.aliveUntil() {
		return
	}
	if c.asking {
		c.writeGoAway(NoError, "no answer to PING")
		c.close(ErrTimeout)
		return
	}
	c.asking, c.askedAt = true, c.now
	c.writePing(0)
}
