package services

import (
	"slices"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
)

// HealthService is the name of the service that Health answers.
const HealthService = "grpc.health.v1.Health"

// MaxWatchers is how many Watch calls one Health serves at a time.
const MaxWatchers = 1000

// Health tells whether services are well. The empty name stands for the whole
// server.
type Health struct {
	names    []string
	states   []pb.HealthCheckResponseServingStatus
	watchers []*watcher
}

// watcher is a Watch call.
type watcher struct {
	call  *grpc.Call
	name  string
	told  pb.HealthCheckResponseServingStatus
	asked bool
}

// Set says how a service is, to those who ask and those who watch.
func (h *Health) Set(name string, state pb.HealthCheckResponseServingStatus) {
	if i := slices.Index(h.names, name); i >= 0 {
		h.states[i] = state
	} else {
		h.names, h.states = append(h.names, name), append(h.states, state)
	}
	for _, w := range h.watchers {
		if w.asked && w.name == name {
			h.tell(w)
		}
	}
}

// state returns how a service is: SERVICE_UNKNOWN for one never Set.
func (h *Health) state(name string) pb.HealthCheckResponseServingStatus {
	if i := slices.Index(h.names, name); i >= 0 {
		return h.states[i]
	}
	return pb.HealthCheckResponseServiceUnknown
}

// tell sends a watcher what is new to it. To one that is slow in reading it is
// told later, and only the latest.
func (h *Health) tell(w *watcher) {
	state := h.state(w.name)
	if w.call.Queued() > 0 || state == w.told {
		return
	}
	if w.call.Send(&pb.HealthCheckResponse{Status: state}) == nil {
		w.told = state
	}
}

// Handle answers Check and Watch.
func (h *Health) Handle(now int64, e grpc.Event) {
	switch e.Call.Method {
	case pb.HealthCheck:
		h.check(e)
	case pb.HealthWatch:
		h.watch(e)
	default:
		if e.Kind == grpc.Start {
			unknown(e.Call)
		}
	}
}

func (h *Health) check(e grpc.Event) {
	switch e.Kind {
	case grpc.Received:
		var request pb.HealthCheckRequest
		if !once(e.Call) || !read(e, &request) {
			return
		}
		state := h.state(request.Service)
		if state == pb.HealthCheckResponseServiceUnknown {
			e.Call.Finish(grpc.Errorf(grpc.NotFound, "nobody knows the service %q", request.Service), nil)
			return
		}
		e.Call.Send(&pb.HealthCheckResponse{Status: state})
	case grpc.HalfClosed:
		if e.Call.User == nil {
			missing(e.Call)
			return
		}
		e.Call.Finish(grpc.Status{}, nil)
	}
}

func (h *Health) watch(e grpc.Event) {
	switch e.Kind {
	case grpc.Start:
		if len(h.watchers) == MaxWatchers {
			e.Call.Finish(grpc.Errorf(grpc.ResourceExhausted, "%d watch already, and no more may", MaxWatchers), nil)
			return
		}
		w := &watcher{call: e.Call, told: -1}
		e.Call.User = w
		h.watchers = append(h.watchers, w)
	case grpc.Received:
		w := e.Call.User.(*watcher)
		var request pb.HealthCheckRequest
		if w.asked || !read(e, &request) {
			e.Call.Finish(grpc.Errorf(grpc.Internal, "expected one message that can be read"), nil)
			h.forget(e.Call)
			return
		}
		w.name, w.asked = request.Service, true
		h.tell(w)
	case grpc.Writable:
		h.tell(e.Call.User.(*watcher))
	case grpc.Cancelled:
		h.forget(e.Call)
	}
}

func (h *Health) forget(call *grpc.Call) {
	h.watchers = slices.DeleteFunc(h.watchers, func(w *watcher) bool { return w.call == call })
}
