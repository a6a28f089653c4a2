package broker

import (
	"slices"

	"grapevine/protocols/kafka/controller"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What clients ask of the active controller
//
// Behaviour: a broker that is not the active controller sends such requests on
// to it (KIP-590) and gives its answer back. While there is none, or when it
// turned out not to be it any more, the request waits and is sent again, until
// it has taken as long as its sender would wait: REQUEST_TIMED_OUT.
//
// Not done: Envelope. The request itself is sent, by a client whose id says
// that it is a broker; its principal and host are lost, which nobody asks for.

// forward is such a request.
type forward struct {
	call    *call
	request kmsg.Request
	turn    uint64 // of the latest attempt
	timer   timers.Timer[alarm]
	retry   timers.Timer[alarm]
}

// retrying is a forward whose pause is over.
type retrying struct{ *forward }

func (f retrying) ring(b *Broker, now int64) { b.send(now, f.forward) }

func (f *forward) ring(b *Broker, _ int64) {
	b.dropForward(f)
	b.respond(f.call, controller.Refuse(f.request, kerr.RequestTimedOut))
}

// toController has a request answered by the active controller.
func (b *Broker) toController(now int64, k *call, request kmsg.Request) {
	if ofBroker(k.client) {
		b.node.Handle(now, b.tokenOf(k), request)
		return
	}
	f := &forward{call: k, request: request}
	f.timer.Of, f.retry.Of = f, retrying{f}
	k.forward = f
	b.forwards = append(b.forwards, f)
	b.timers.Set(&f.timer, now+b.config.Settings.RequestMicros)
	b.send(now, f)
}

func (b *Broker) send(now int64, f *forward) {
	controller, _ := b.node.Leader()
	f.turn++
	switch controller {
	case -1: // controllerChanged will send it
	case b.config.ID:
		b.node.Handle(now, b.token(pending{forward: f, id: f.turn}), f.request)
	default:
		// The version may be lower than ours: that is the client's.
		b.askAs(now, controller, forControl, errand{what: errandForward, id: f.turn, forward: f}, f.request, b.config.Settings.RequestMicros)
	}
}

// forwarded takes the controller's answer; nil: there is none.
func (b *Broker) forwarded(now int64, f *forward, turn uint64, answer kmsg.Response) {
	if f.call.done || f.turn != turn {
		return
	}
	if answer == nil || codeOf(answer) == kerr.NotController.Code {
		b.timers.Set(&f.retry, now+retryMicros)
		return
	}
	b.dropForward(f)
	b.respond(f.call, answer)
}

func (b *Broker) dropForward(f *forward) {
	f.turn++
	b.timers.Stop(&f.timer)
	b.timers.Stop(&f.retry)
	f.call.forward = nil
	b.forwards = slices.DeleteFunc(b.forwards, func(other *forward) bool { return other == f })
}
