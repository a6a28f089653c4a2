package services

import (
	"math"
	"strings"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/protobuf"
)

// Service answers the calls of one service.
type Service interface {
	// Handle is told what happened to a call of the service: Start, Received,
	// HalfClosed, Cancelled, Writable.
	Handle(now int64, e grpc.Event)
}

// Timed is a Service that also acts by itself.
type Timed interface {
	Service
	Deadline() (at int64, ok bool)
	Tick(now int64)
}

// Router gives each event to the service that the call is for. The zero Router
// knows none.
type Router struct {
	names    []string // in the order of Add
	services map[string]Service
	timed    []Timed
}

// Add puts a service under its full name: "grpc.health.v1.Health".
func (r *Router) Add(name string, s Service) {
	if r.services == nil {
		r.services = map[string]Service{}
	}
	r.names = append(r.names, name)
	r.services[name] = s
	if t, ok := s.(Timed); ok {
		r.timed = append(r.timed, t)
	}
}

// Handle takes an event of any of the node's connections. Events that are no
// call's are of no concern to services.
func (r *Router) Handle(now int64, e grpc.Event) {
	if e.Call == nil {
		return
	}
	name, _, ok := split(e.Call.Method)
	s := r.services[name]
	switch {
	case s != nil:
		s.Handle(now, e)
	case e.Kind != grpc.Start:
	case !ok:
		e.Call.Finish(grpc.Errorf(grpc.Unimplemented, "the path %q is not /package.Service/Method", e.Call.Method), nil)
	default:
		e.Call.Finish(grpc.Errorf(grpc.Unimplemented, "there is no service %q here; there are: %s", name, strings.Join(r.names, ", ")), nil)
	}
}

// Deadline returns when Tick is to be called, if ever.
func (r *Router) Deadline() (at int64, ok bool) {
	at = math.MaxInt64
	for _, s := range r.timed {
		if due, has := s.Deadline(); has {
			at, ok = min(at, due), true
		}
	}
	return at, ok
}

// Tick says that it is now.
func (r *Router) Tick(now int64) {
	for _, s := range r.timed {
		s.Tick(now)
	}
}

// split takes a path apart.
func split(path string) (service, method string, ok bool) {
	path, ok = strings.CutPrefix(path, "/")
	slash := strings.LastIndexByte(path, '/')
	if !ok || slash < 0 {
		return "", "", false
	}
	return path[:slash], path[slash+1:], true
}

// unknown ends a call of a method that its service does not have.
func unknown(call *grpc.Call) {
	service, method, _ := split(call.Method)
	call.Finish(grpc.Errorf(grpc.Unimplemented, "the service %q has no method %q", service, method), nil)
}

// read reads a message that came, or ends the call.
func read(e grpc.Event, m protobuf.Message) bool {
	if err := protobuf.Unmarshal(e.Message, m); err != nil {
		e.Call.Finish(grpc.Errorf(grpc.Internal, "the request cannot be read: %v", err), nil)
		return false
	}
	return true
}

// once says whether the message that came is the only one so far, as the
// request of a call must be that is not streaming; it ends the call otherwise.
// It keeps count in Call.User.
func once(call *grpc.Call) bool {
	if call.User != nil {
		call.Finish(grpc.Errorf(grpc.Internal, "a second message came; %s takes one", call.Method), nil)
		return false
	}
	call.User = true
	return true
}

// missing ends a call whose one message never came.
func missing(call *grpc.Call) {
	call.Finish(grpc.Errorf(grpc.Internal, "no message came; %s takes one", call.Method), nil)
}

// throttle holds a call while its answers wait, and resumes it when they are sent.
func throttle(call *grpc.Call) {
	if call.Queued() > 0 {
		call.Hold()
	}
}
