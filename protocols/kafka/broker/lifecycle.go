package broker

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A broker's life (KIP-631)
//
// Theory of operation: a broker that starts is unregistered. It reads the
// metadata log as far as it is committed, registers, and is given a broker
// epoch; but it acts on nothing before its own registration is in the image,
// since what older images say of it was said of its former life (registered,
// not active). Then it opens its logs and sends heartbeats. It is fenced until
// the controller sees by a heartbeat that it has caught up. Only then clients
// are served: what an image of long ago lacks, they would take for deleted. A
// controller that has not heard of it for the session's length fences it again:
// nothing changes here, only that the leaders are elsewhere when the image says
// so. A Shutdown makes the heartbeats ask for leave; once the controller grants
// it, the broker writes down that all is synced, and is down.
//
// What was promised may be lost in a crash, unless every batch was synced. So
// the registration names the former epoch only after a clean shutdown or with
// FlushEach; otherwise the controller takes the broker out of in-sync sets.
//
//	unregistered --registered--> registered --in the image--> active --Shutdown, granted--> down

const (
	cleanFile = "clean-shutdown" // there while nothing runs on the disk that was stopped in an orderly way; holds the broker epoch
	epochFile = "broker-epoch"   // with FlushEach: the epoch of this life
)

// registration is what is asked for until the broker is registered.
func (b *Broker) registration() kmsg.Request {
	if b.epoch >= 0 {
		return nil
	}
	r := kmsg.NewPtrBrokerRegistrationRequest()
	r.BrokerID, r.ClusterID = b.config.ID, b.config.ClusterID
	r.IncarnationID = b.incarnation
	for _, l := range b.config.Listeners {
		listener := kmsg.NewBrokerRegistrationRequestListener()
		listener.Name, listener.Host, listener.Port = l.Name, l.Host, uint16(l.Port)
		r.Listeners = append(r.Listeners, listener)
	}
	if b.config.Rack != "" {
		r.Rack = &b.config.Rack
	}
	r.LogDirs = [][16]byte{b.incarnation}
	r.PreviousBrokerEpoch = b.formerEpoch
	return r
}

// registered takes the epoch of this life.
func (b *Broker) registered(now, epoch int64) {
	b.epoch = epoch
	b.tell(Event{Kind: Registered, From: epoch})
	b.activate(now)
}

// unregistered begins anew: the controller knows of another life of this
// broker, or of none. Nothing was lost.
func (b *Broker) unregistered(now int64) {
	if b.epoch < 0 {
		return
	}
	b.formerEpoch = b.epoch
	b.epoch, b.active = -1, false
	b.incarnation = b.uuid()
	b.attend(now, ownRegister)
}

// activate lets the broker act on the image from the moment when its own
// registration is in it.
func (b *Broker) activate(now int64) {
	if b.active || b.epoch < 0 {
		return
	}
	if me := b.image.Broker(b.config.ID); me == nil || me.Epoch != b.epoch {
		return
	}
	b.active = true
	if b.config.Settings.FlushEach {
		b.replaceFile(now, epochFile, strconv.AppendInt(nil, b.epoch, 10))
	}
	b.applyAll(now)
	b.attend(now, ownHeartbeat)
}

func (b *Broker) heartbeat() kmsg.Request {
	if !b.active {
		return nil
	}
	r := kmsg.NewPtrBrokerHeartbeatRequest()
	r.BrokerID, r.BrokerEpoch = b.config.ID, b.epoch
	r.CurrentMetadataOffset = b.image.End() - 1
	r.WantShutdown = b.leaving
	return r
}

// beaten takes the answer to a heartbeat.
func (b *Broker) beaten(now int64, request *kmsg.BrokerHeartbeatRequest, r *kmsg.BrokerHeartbeatResponse) {
	switch {
	case request.WantShutdown && r.ShouldShutdown:
		b.stop(now)
	case r.IsFenced || b.leaving:
		b.again(now, ownHeartbeat, min(retryMicros, b.config.Settings.HeartbeatMicros))
	default:
		b.again(now, ownHeartbeat, b.config.Settings.HeartbeatMicros)
	}
}

// Shutdown begins an orderly end (controlled shutdown): the controller moves
// leadership away, logs are synced, and Down is told. Until then the broker
// works on.
func (b *Broker) Shutdown(now int64) {
	if b.leaving {
		return
	}
	b.leaving = true
	if b.active {
		b.attend(now, ownHeartbeat)
	} else {
		b.stop(now)
	}
	b.settle(now)
}

// stop ends the broker's work. What its log files still hold in the page cache
// is synced first.
func (b *Broker) stop(now int64) {
	b.down = true
	b.checkpoint(now)
	for _, p := range b.sorted {
		p.stopLeading(b, now)
		p.stopFollowing(b)
		for _, file := range b.disk.List(p.dir + "/") {
			if _, err := b.disk.Sync(now, file); err != nil {
				p.fail(b, err)
			}
		}
	}
	b.replaceFile(now, cleanFile, strconv.AppendInt(nil, b.epoch, 10))
	b.tell(Event{Kind: Down})
}

// formerLife reads which epoch the broker may call its own: -1 when what it
// had may be lost.
func (b *Broker) formerLife(now int64) (int64, error) {
	file := cleanFile
	if _, clean := b.disk.Size(file); !clean && b.config.Settings.FlushEach {
		file = epochFile
	}
	text, err := b.readFile(now, file)
	if err != nil {
		return -1, err
	}
	epoch, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || epoch < 0 {
		epoch = -1
	}
	return epoch, b.disk.Delete(now, cleanFile)
}

// readFile reads a small file, "" when there is none.
func (b *Broker) readFile(now int64, file string) (string, error) {
	size, ok := b.disk.Size(file)
	if !ok {
		return "", nil
	}
	bytes := make([]byte, min(size, maxFileBytes))
	n, _, err := b.disk.ReadAt(now, file, bytes, 0)
	return string(bytes[:n]), err
}

const maxFileBytes = 4 << 20

// replaceFile writes a small file anew, so that after a crash it is the old
// one, the new one, or one that was cut: readers take what they can read.
func (b *Broker) replaceFile(now int64, file string, bytes []byte) {
	next := file + ".next"
	err := b.disk.Delete(now, next)
	if err == nil {
		_, err = b.disk.Append(now, next, bytes)
	}
	if err == nil {
		_, err = b.disk.Sync(now, next)
	}
	if err == nil {
		err = b.disk.Rename(now, next, file)
	}
	if err != nil {
		b.tell(Event{Kind: Failed, Err: err})
	}
}

// uuid draws an ID.
func (b *Broker) uuid() (id [16]byte) {
	binary.BigEndian.PutUint64(id[:], b.config.Rand())
	binary.BigEndian.PutUint64(id[8:], b.config.Rand())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // RFC 9562, version 4
	return id
}
