package broker

import (
	"strconv"
	"strings"

	"grapevine/protocols/kafka/timers"
)

// What is done now and then
//
// Behaviour: the high watermarks are written down some seconds after one has
// moved, so that a broker that starts again shows consumers at once what was
// safe. Retention and compaction are looked after at intervals, as Kafka does.

// alarm is what happens when a timer is due.
type alarm interface{ ring(b *Broker, now int64) }

// watermarkFile is Kafka's: a version, a count, then topic, partition, offset.
const watermarkFile = "replication-offset-checkpoint"

// compactMicros is how often compacted logs are looked at (log.cleaner.backoff.ms).
const compactMicros = 15_000_000

// checkpointer writes the high watermarks down when it rings.
type checkpointer struct{ timer timers.Timer[alarm] }

func (c *checkpointer) ring(b *Broker, now int64) { b.checkpoint(now) }

// checkpointDue has the high watermarks written down soon.
func (b *Broker) checkpointDue(now int64) {
	if !b.checkpointer.timer.IsSet() {
		b.timers.Set(&b.checkpointer.timer, now+b.config.Settings.CheckpointMicros)
	}
}

func (b *Broker) checkpoint(now int64) {
	b.timers.Stop(&b.checkpointer.timer)
	text := []byte("0\n")
	text = append(strconv.AppendInt(text, int64(len(b.sorted)), 10), '\n')
	for _, p := range b.sorted {
		text = append(append(text, p.topic...), ' ')
		text = append(strconv.AppendInt(text, int64(p.id.Partition), 10), ' ')
		text = append(strconv.AppendInt(text, p.highWatermark, 10), '\n')
	}
	b.replaceFile(now, watermarkFile, text)
}

// readCheckpoint reads the high watermarks of the former life, by directory.
func (b *Broker) readCheckpoint(now int64) error {
	text, err := b.readFile(now, watermarkFile)
	b.checkpointed = map[string]int64{}
	lines := strings.Split(text, "\n")
	if len(lines) > 2 && lines[0] == "0" {
		for _, line := range lines[2:] {
			topic, rest, _ := strings.Cut(line, " ")
			number, offset, _ := strings.Cut(rest, " ")
			if n, err := strconv.ParseInt(offset, 10, 64); err == nil {
				b.checkpointed[topic+"-"+number] = n
			}
		}
	}
	return err
}

// keeper looks after the logs when it rings.
type keeper struct {
	timer     timers.Timer[alarm]
	retention int64 // when retention is due
}

func (k *keeper) ring(b *Broker, now int64) {
	retain := now >= k.retention
	if retain {
		k.retention = now + b.config.Settings.RetentionCheckMicros
	}
	for _, p := range b.sorted {
		if p.role == failed {
			continue
		}
		if retain {
			from := p.log.Start()
			moved, err := p.log.Retain(now, p.highWatermark)
			if err != nil {
				p.fail(b, err)
			}
			if moved {
				p.started(b, from)
			}
		}
		if _, err := p.log.Compact(now, p.highWatermark); err != nil {
			p.fail(b, err)
		}
	}
	b.timers.Set(&k.timer, now+min(compactMicros, b.config.Settings.RetentionCheckMicros))
}
