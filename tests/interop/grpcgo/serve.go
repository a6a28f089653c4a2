package grpcgo

import (
	"net"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/services"
	"grapevine/tests/interop/h2spec"
)

// serving is a connection's machine and the services that answer its calls.
type serving struct {
	*grpc.Conn
	router *services.Router
}

// Serve gives each connection that comes in a machine and services of its
// own, until the listener is closed.
func Serve(l net.Listener, config grpc.Config) {
	for {
		socket, err := l.Accept()
		if err != nil {
			return
		}
		s := serving{grpc.NewServer(config), services.NewRouter(services.NewRegistry(), services.Goods)}
		go h2spec.Talk(socket, s, func(now int64) {
			for e, ok := s.Poll(); ok; e, ok = s.Poll() {
				s.router.Handle(now, e)
			}
		})
	}
}

// Deadline is the machine's or the services', whichever comes first.
func (s serving) Deadline() (at int64, ok bool) {
	at, ok = s.Conn.Deadline()
	if due, has := s.router.Deadline(); has && (!ok || due < at) {
		return due, true
	}
	return at, ok
}

// Tick is for both.
func (s serving) Tick(now int64) {
	s.Conn.Tick(now)
	s.router.Tick(now)
}
