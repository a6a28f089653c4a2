package broker

import (
	"grapevine/protocols/kafka/timers"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What this broker asks of the active controller for itself
//
// Behaviour: of each kind one request at a time is under way. It is asked
// again after a pause when it failed, and at once when there is another
// controller; the answer of the former one then counts no more.

type ownKind uint8

const (
	ownRegister  ownKind = iota // BrokerRegistration: lifecycle.go
	ownHeartbeat                // BrokerHeartbeat: lifecycle.go
	ownAlter                    // AlterPartition: insync.go
	ownIDs                      // AllocateProducerIds: coordinate.go
	ownCreate                   // CreateTopics, of those that are created on first use: create.go
	ownKinds
)

const retryMicros = 100_000

// ownAsk is one kind's state.
type ownAsk struct {
	kind  ownKind
	busy  bool   // a request is under way
	turn  uint64 // of the latest request
	timer timers.Timer[alarm]
}

func (o *ownAsk) ring(b *Broker, now int64) { b.attend(now, o.kind) }

// attend asks what there is to be asked of a kind, if it can be asked now.
func (b *Broker) attend(now int64, kind ownKind) {
	o := &b.own[kind]
	controller, _ := b.node.Leader()
	if o.busy || controller < 0 || b.down {
		return
	}
	var request kmsg.Request
	switch kind {
	case ownRegister:
		request = b.registration()
	case ownHeartbeat:
		request = b.heartbeat()
	case ownAlter:
		request = b.alteration()
	case ownIDs:
		request = b.allocation()
	case ownCreate:
		request = b.creation()
	}
	if request == nil {
		return
	}
	b.timers.Stop(&o.timer)
	o.busy = true
	o.turn++
	id := o.turn<<8 | uint64(kind)
	if controller != b.config.ID {
		b.ask(now, controller, forControl, errand{what: errandOwn, id: id}, request, b.controlMicros())
		return
	}
	request.SetVersion(wire.Find(request.Key()).Max)
	b.node.Handle(now, b.token(pending{own: request, id: id}), request)
}

// controlMicros is how long an answer of the controller may take.
func (b *Broker) controlMicros() int64 {
	return min(b.config.Settings.RequestMicros, b.config.Settings.SessionMicros/2)
}

// again attends to a kind after a pause.
func (b *Broker) again(now int64, kind ownKind, pause int64) {
	b.timers.Set(&b.own[kind].timer, now+pause)
}

// ownAnswered takes an answer; nil: there is none.
func (b *Broker) ownAnswered(now int64, id uint64, request kmsg.Request, answer kmsg.Response) {
	kind := ownKind(id & 0xff)
	o := &b.own[kind]
	if o.turn != id>>8 || !o.busy {
		return
	}
	o.busy = false
	code := kerr.RequestTimedOut.Code
	switch r := answer.(type) {
	case *kmsg.BrokerRegistrationResponse:
		if code = r.ErrorCode; code == 0 {
			b.registered(now, r.BrokerEpoch)
		}
	case *kmsg.BrokerHeartbeatResponse:
		if code = r.ErrorCode; code == 0 {
			b.beaten(now, request.(*kmsg.BrokerHeartbeatRequest), r)
		}
	case *kmsg.AlterPartitionResponse:
		if code = r.ErrorCode; code == 0 {
			b.altered(now, r)
		}
	case *kmsg.AllocateProducerIDsResponse:
		if code = r.ErrorCode; code == 0 {
			b.needIDs = false
			b.txns.IDs(now, r.ProducerIDStart, r.ProducerIDLen)
		}
	case *kmsg.CreateTopicsResponse:
		code = 0
		b.created(now, r)
	}
	if code == kerr.StaleBrokerEpoch.Code || code == kerr.BrokerIDNotRegistered.Code {
		b.unregistered(now)
	}
	if code != 0 {
		b.again(now, kind, retryMicros)
	}
}

// controllerChanged asks all that is under way of another controller.
func (b *Broker) controllerChanged(now int64) {
	for kind := range ownKinds {
		b.own[kind].busy = false
		b.attend(now, kind)
	}
	for _, f := range b.forwards {
		b.send(now, f)
	}
}
