package services

import (
	"math"
	"slices"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
)

// TestServiceName is the service that TestService answers.
const TestServiceName = "grpc.testing.TestService"

const (
	// MaxPayloadBytes is the longest payload that TestService makes.
	MaxPayloadBytes = 4<<20 - 1024
	// maxPlanned is how many answers of one call may wait for their time; what
	// would ask for more is held back.
	maxPlanned = 1000
)

// TestService answers gRPC's interoperability tests, as its description
// (doc/interop-test-descriptions.md) wants a server to.
type TestService struct {
	sessions []*session
	zeros    []byte
}

// session is what is known of one call.
type session struct {
	call    *grpc.Call
	planned []*pb.ResponseParameters // the answers still to be sent
	due     int64                    // when the first of them is
	total   int64                    // of the payloads that came
	halfway bool                     // the client sends no more
	// echoed is metadata to be sent back at the end.
	echoed grpc.Metadata
	got    int // messages
}

// The metadata that a test wants back.
const (
	echoInitial  = "x-grpc-test-echo-initial"
	echoTrailing = "x-grpc-test-echo-trailing-bin"
)

// Handle answers one event.
func (s *TestService) Handle(now int64, e grpc.Event) {
	if e.Kind == grpc.Start {
		s.start(e.Call)
		return
	}
	one, ok := e.Call.User.(*session)
	if !ok {
		return
	}
	switch e.Kind {
	case grpc.Received:
		one.got++
		s.received(now, one, e)
	case grpc.HalfClosed:
		one.halfway = true
		if e.Call.Method == pb.TestServiceHalfDuplexCall {
			one.due = now
		}
	}
	if e.Call.State() != grpc.Over {
		s.advance(now, one)
	}
	if e.Call.State() == grpc.Over {
		s.forget(one)
	}
}

func (s *TestService) start(call *grpc.Call) {
	switch call.Method {
	case pb.TestServiceEmptyCall, pb.TestServiceUnaryCall, pb.TestServiceCacheableUnaryCall, pb.TestServiceStreamingInputCall,
		pb.TestServiceStreamingOutputCall, pb.TestServiceFullDuplexCall, pb.TestServiceHalfDuplexCall:
	default:
		unknown(call)
		return
	}
	one := &session{call: call}
	call.User = one
	s.sessions = append(s.sessions, one)
	for _, p := range call.Metadata {
		switch p.Key {
		case echoInitial:
			call.SendHeader(grpc.Metadata{p})
		case echoTrailing:
			one.echoed = append(one.echoed, p)
		}
	}
}

func (s *TestService) received(now int64, one *session, e grpc.Event) {
	switch e.Call.Method {
	case pb.TestServiceEmptyCall:
		var request pb.Empty
		if read(e, &request) {
			e.Call.Send(&pb.Empty{})
		}
	case pb.TestServiceUnaryCall, pb.TestServiceCacheableUnaryCall:
		var request pb.SimpleRequest
		if !read(e, &request) || !s.echoes(one, request.ResponseStatus) {
			return
		}
		if payload, ok := s.payload(one, request.ResponseSize); ok {
			e.Call.Send(&pb.SimpleResponse{Payload: payload})
		}
	case pb.TestServiceStreamingInputCall:
		var request pb.StreamingInputCallRequest
		if read(e, &request) && request.Payload != nil {
			one.total += int64(len(request.Payload.Body))
		}
	default:
		var request pb.StreamingOutputCallRequest
		if !read(e, &request) || !s.echoes(one, request.ResponseStatus) {
			return
		}
		if len(one.planned)+len(request.ResponseParameters) > 2*maxPlanned {
			one.finish(grpc.Errorf(grpc.ResourceExhausted, "more than %d answers are asked for at once", maxPlanned))
			return
		}
		idle := len(one.planned) == 0
		one.planned = append(one.planned, request.ResponseParameters...)
		if idle {
			one.plan(now)
		}
		if len(one.planned) > maxPlanned {
			e.Call.Hold()
		}
	}
}

// plan sets the time of the next answer.
func (one *session) plan(now int64) {
	if len(one.planned) > 0 {
		one.due = now + int64(max(one.planned[0].IntervalUs, 0))
	}
}

// echoes ends the call with the status that the request asks for, if it does.
func (s *TestService) echoes(one *session, status *pb.EchoStatus) bool {
	if status == nil || status.Code == 0 {
		return true
	}
	one.finish(grpc.Status{Code: grpc.Code(uint32(status.Code)), Message: status.Message})
	return false
}

// payload makes one of that size.
func (s *TestService) payload(one *session, size int32) (*pb.Payload, bool) {
	if size < 0 || size > MaxPayloadBytes {
		one.finish(grpc.Errorf(grpc.InvalidArgument, "a payload of %d bytes was asked for, expected 0 to %d", size, MaxPayloadBytes))
		return nil, false
	}
	s.zeros = slices.Grow(s.zeros[:0], int(size))[:size]
	return &pb.Payload{Body: s.zeros}, true
}

// advance sends what is due, and the status when all is sent.
func (s *TestService) advance(now int64, one *session) {
	method := one.call.Method
	waits := method == pb.TestServiceHalfDuplexCall && !one.halfway
	for len(one.planned) > 0 && one.due <= now && !waits {
		payload, ok := s.payload(one, one.planned[0].Size)
		if !ok {
			return
		}
		switch one.call.Send(&pb.StreamingOutputCallResponse{Payload: payload}) {
		case nil:
		case grpc.ErrFull:
			return // Writable will come
		default:
			return // the call is over, and its event on the way
		}
		one.planned = one.planned[1:]
		one.plan(now)
	}
	if len(one.planned) == 0 {
		one.call.Resume()
	}
	if !one.halfway || len(one.planned) > 0 {
		return
	}
	single := method != pb.TestServiceStreamingInputCall && method != pb.TestServiceFullDuplexCall && method != pb.TestServiceHalfDuplexCall
	if single && one.got != 1 {
		one.finish(grpc.Errorf(grpc.Internal, "%d messages came; %s takes one", one.got, method))
		return
	}
	if method == pb.TestServiceStreamingInputCall {
		one.call.Send(&pb.StreamingInputCallResponse{AggregatedPayloadSize: int32(min(one.total, math.MaxInt32))})
	}
	one.finish(grpc.Status{})
}

func (one *session) finish(status grpc.Status) { one.call.Finish(status, one.echoed) }

func (s *TestService) forget(one *session) {
	one.call.User = nil
	s.sessions = slices.DeleteFunc(s.sessions, func(other *session) bool { return other == one })
}

// Deadline returns when the next answer is due.
func (s *TestService) Deadline() (at int64, ok bool) {
	at = math.MaxInt64
	for _, one := range s.sessions {
		// What is blocked by the peer waits for Writable, not for the clock.
		if len(one.planned) > 0 && one.call.Queued() == 0 && (one.halfway || one.call.Method != pb.TestServiceHalfDuplexCall) {
			at, ok = min(at, one.due), true
		}
	}
	return at, ok
}

// Tick sends the answers that are due.
func (s *TestService) Tick(now int64) {
	for _, one := range slices.Clone(s.sessions) {
		if len(one.planned) > 0 && one.due <= now {
			s.advance(now, one)
		}
		if one.call.State() == grpc.Over {
			s.forget(one)
		}
	}
}
