package services

import (
	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
)

// The names of the service that Reflection answers, new and old: their
// messages are the same.
const (
	ReflectionService        = "grpc.reflection.v1.ServerReflection"
	ReflectionServiceV1Alpha = "grpc.reflection.v1alpha.ServerReflection"
)

// Reflection tells clients what services there are and what their messages
// look like, so that grpcurl and its like can call them.
type Reflection struct {
	router   *Router
	registry *protobuf.Registry
}

// AddReflection adds the service, under both names, to a router whose services
// it tells. The registry must hold the descriptors of all of them.
func AddReflection(r *Router, registry *protobuf.Registry) {
	s := &Reflection{router: r, registry: registry}
	r.Add(ReflectionService, s)
	r.Add(ReflectionServiceV1Alpha, s)
}

// Handle answers question by question.
func (s *Reflection) Handle(now int64, e grpc.Event) {
	known := e.Call.Method == pb.ServerReflectionServerReflectionInfo || e.Call.Method == pb.ServerReflectionV1AlphaServerReflectionInfo
	switch {
	case e.Kind == grpc.Start && !known:
		unknown(e.Call)
	case e.Kind == grpc.Received:
		request := new(pb.ServerReflectionRequest)
		if !read(e, request) {
			return
		}
		e.Call.Send(s.answer(request))
		throttle(e.Call)
	case e.Kind == grpc.Writable:
		e.Call.Resume()
	case e.Kind == grpc.HalfClosed:
		e.Call.Finish(grpc.Status{}, nil)
	}
}

// The fields of the request's and the response's oneof, by number.
const (
	askFile          = 3
	askSymbol        = 4
	askExtension     = 5
	askExtensions    = 6
	askServices      = 7
	answerFile       = 4
	answerExtensions = 5
	answerServices   = 6
	answerError      = 7
)

func (s *Reflection) answer(q *pb.ServerReflectionRequest) *pb.ServerReflectionResponse {
	a := &pb.ServerReflectionResponse{ValidHost: q.Host, OriginalRequest: q}
	switch q.MessageRequest {
	case askFile:
		files(a, s.registry.File(q.FileByFilename), q.FileByFilename)
	case askSymbol:
		files(a, s.registry.Symbol(q.FileContainingSymbol), q.FileContainingSymbol)
	case askExtensions:
		if s.registry.Message(q.AllExtensionNumbersOfType) == nil {
			fail(a, grpc.NotFound, q.AllExtensionNumbersOfType+" is no message here")
			break
		}
		a.MessageResponse = answerExtensions
		a.AllExtensionNumbersResponse = &pb.ExtensionNumberResponse{BaseTypeName: q.AllExtensionNumbersOfType}
	case askExtension:
		fail(a, grpc.NotFound, "there are no extensions here")
	case askServices:
		a.MessageResponse = answerServices
		a.ListServicesResponse = &pb.ListServiceResponse{}
		for _, name := range s.router.names {
			a.ListServicesResponse.Service = append(a.ListServicesResponse.Service, &pb.ServiceResponse{Name: name})
		}
	default:
		fail(a, grpc.InvalidArgument, "the request asks for nothing that is known here")
	}
	return a
}

// files answers with files, or says that there are none of that name.
func files(a *pb.ServerReflectionResponse, found []*protobuf.File, name string) {
	if found == nil {
		fail(a, grpc.NotFound, name+" is not known here")
		return
	}
	a.MessageResponse = answerFile
	a.FileDescriptorResponse = &pb.FileDescriptorResponse{}
	for _, f := range found {
		a.FileDescriptorResponse.FileDescriptorProto = append(a.FileDescriptorResponse.FileDescriptorProto, f.Raw)
	}
}

func fail(a *pb.ServerReflectionResponse, code grpc.Code, text string) {
	a.MessageResponse = answerError
	a.ErrorResponse = &pb.ErrorResponse{ErrorCode: int32(code), ErrorMessage: text}
}
