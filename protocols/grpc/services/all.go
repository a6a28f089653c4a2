package services

import (
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
)

// NewRegistry knows the messages of every service in this package, and those
// of a status's details.
func NewRegistry() *protobuf.Registry {
	registry, err := protobuf.NewRegistry(pb.ShopProto, pb.HealthProto, pb.ReflectionProto, pb.ReflectionV1AlphaProto,
		pb.TestProto, pb.MessagesProto, pb.EmptyProto, pb.StatusProto, pb.AnyProto, pb.ErrorDetailsProto)
	if err != nil {
		panic("services: " + err.Error()) // they are constants of ours
	}
	return registry
}

// NewRouter returns a router with every service in this package, each of them
// well. The registry is NewRegistry's, which several routers may share.
func NewRouter(registry *protobuf.Registry, goods []Good) *Router {
	health := &Health{}
	for _, name := range []string{"", ShopService, TestServiceName} {
		health.Set(name, pb.HealthCheckResponseServing)
	}
	r := &Router{}
	r.Add(ShopService, &Shop{Goods: goods})
	r.Add(TestServiceName, &TestService{})
	r.Add(HealthService, health)
	AddReflection(r, registry)
	return r
}
