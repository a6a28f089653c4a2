package grpcgo

import (
	"errors"
	"net"
	"time"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
	"grapevine/protocols/grpc/services"
)

// NewRouter returns a router with every service there is.
func NewRouter() *services.Router {
	registry, err := protobuf.NewRegistry(pb.ShopProto, pb.HealthProto, pb.ReflectionProto, pb.ReflectionV1AlphaProto,
		pb.TestProto, pb.MessagesProto, pb.EmptyProto, pb.StatusProto, pb.AnyProto, pb.ErrorDetailsProto)
	if err != nil {
		panic(err)
	}
	health := &services.Health{}
	for _, name := range []string{"", services.ShopService, services.TestServiceName} {
		health.Set(name, pb.HealthCheckResponseServing)
	}
	r := &services.Router{}
	r.Add(services.ShopService, &services.Shop{Goods: services.Goods})
	r.Add(services.TestServiceName, &services.TestService{})
	r.Add(services.HealthService, health)
	services.AddReflection(r, registry)
	return r
}

// Serve gives each connection that comes in a machine and services of its
// own, until the listener is closed.
func Serve(l net.Listener, config grpc.Config) {
	for {
		socket, err := l.Accept()
		if err != nil {
			return
		}
		go talk(socket, grpc.NewServer(config), NewRouter())
	}
}

// talk carries bytes between a server's machine and a socket until one of them
// is over.
func talk(socket net.Conn, c *grpc.Conn, router *services.Router) {
	defer socket.Close()
	began := time.Now()
	buf := make([]byte, 1<<16)
	for {
		for len(c.Output()) > 0 {
			n, err := socket.Write(c.Output())
			if err != nil {
				return
			}
			c.Sent(n)
			handle(c, router, time.Since(began).Microseconds())
		}
		if c.Closed() {
			return
		}
		due := time.Time{}
		for _, deadline := range []func() (int64, bool){c.Deadline, router.Deadline} {
			if at, ok := deadline(); ok {
				if t := began.Add(time.Duration(at) * time.Microsecond); due.IsZero() || t.Before(due) {
					due = t
				}
			}
		}
		socket.SetReadDeadline(due)
		n, err := socket.Read(buf)
		now := time.Since(began).Microseconds()
		var late net.Error
		switch {
		case n > 0:
			c.Receive(now, buf[:n])
		case errors.As(err, &late) && late.Timeout():
			c.Tick(now)
			router.Tick(now)
		default:
			c.Disconnected()
		}
		handle(c, router, now)
	}
}

func handle(c *grpc.Conn, router *services.Router, now int64) {
	for e, ok := c.Poll(); ok; e, ok = c.Poll() {
		router.Handle(now, e)
	}
}
