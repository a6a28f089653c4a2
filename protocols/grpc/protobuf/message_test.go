package protobuf_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
)

// samples are messages that between them have every kind of field, filled and
// at the edges.
func samples() []protobuf.Message {
	long := strings.Repeat("x", 200)
	return []protobuf.Message{
		&pb.Empty{}, &pb.Item{}, &pb.Item{Name: "tea", Count: 2}, &pb.Item{Count: -1}, &pb.Quote{Cents: -1 << 63}, &pb.Offer{Accepted: true},
		&pb.Item{Name: long, Unknown: []byte("\x38\x05\x92\x01\x03abc")},
		&pb.Status{Code: 3, Message: "é", Details: []*pb.Any{{TypeUrl: "t", Value: []byte(long)}, {}}},
		&pb.SimpleRequest{ResponseSize: 1 << 30, Payload: &pb.Payload{Body: make([]byte, 300)}, ResponseStatus: &pb.EchoStatus{}},
		&pb.StreamingOutputCallRequest{ResponseParameters: []*pb.ResponseParameters{{Size: 1}, {IntervalUs: 2, Compressed: &pb.BoolValue{Value: true}}}},
		&pb.ExtensionNumberResponse{BaseTypeName: "b", ExtensionNumber: []int32{0, -1, 300}},
		&pb.FileDescriptorResponse{FileDescriptorProto: [][]byte{[]byte("a"), nil, []byte(long)}},
		&pb.ServerReflectionRequest{Host: "h", MessageRequest: 7}, // a oneof that holds the empty string
		&pb.ServerReflectionRequest{MessageRequest: 5, FileContainingExtension: &pb.ExtensionRequest{ExtensionNumber: 4}},
		&pb.HealthCheckResponse{Status: pb.HealthCheckResponseServiceUnknown},
	}
}

// fresh returns an empty message of m's type.
func fresh(m protobuf.Message) protobuf.Message {
	return reflect.New(reflect.TypeOf(m).Elem()).Interface().(protobuf.Message)
}

// What is written is read back; cut anywhere it is an error or a shorter
// message, never a panic; and it is written behind what is there.
func TestMessages(t *testing.T) {
	for _, m := range samples() {
		b := m.Append(nil)
		got := fresh(m)
		if err := protobuf.Unmarshal(b, got); err != nil || !bytes.Equal(got.Append(nil), b) {
			t.Errorf("%T %+v is written % x and read back %+v, %v", m, m, b, got, err)
		}
		if behind := m.Append([]byte("before")); string(behind) != "before"+string(b) {
			t.Errorf("%T is written %q behind other bytes", m, behind)
		}
		for cut := range b {
			short := fresh(m)
			if err := protobuf.Unmarshal(b[:cut], short); err == nil && len(short.Append(nil)) > cut+20 {
				t.Errorf("% x, a part of % x, is read as %+v", b[:cut], b, short)
			}
		}
		long := fresh(m)
		if err := protobuf.Unmarshal(append(b, 0x7b), long); err != protobuf.ErrTruncated {
			t.Errorf("%T with a group's beginning behind it: %v", m, err)
		}
	}
}

// The format's own words: the last of a number counts, messages are merged,
// fields of another wire type and of unknown numbers are kept.
func TestMerge(t *testing.T) {
	var item pb.Item
	if err := item.Merge([]byte("\x10\x01\x0a\x01a\x10\x02\x0d1234\x38\x05")); err != nil || item.Count != 2 || item.Name != "a" || string(item.Unknown) != "\x0d1234\x38\x05" {
		t.Errorf("%+v %v", item, err)
	}
	var request pb.SimpleRequest
	if err := request.Merge([]byte("\x1a\x02\x08\x01\x1a\x03\x12\x01b")); err != nil || request.Payload.Type != 1 || string(request.Payload.Body) != "b" {
		t.Errorf("%+v %v", request, err)
	}
	var numbers pb.ExtensionNumberResponse
	if err := numbers.Merge([]byte("\x10\x01\x12\x02\x02\x03\x10\x04")); err != nil || !reflect.DeepEqual(numbers.ExtensionNumber, []int32{1, 2, 3, 4}) {
		t.Errorf("%+v %v", numbers, err)
	}
	// Of a oneof the last counts, and what was there before is gone.
	var one pb.ServerReflectionRequest
	if err := one.Merge([]byte("\x2a\x02\x10\x05\x1a\x01f\x2a\x03\x0a\x01t")); err != nil || one.MessageRequest != 5 || one.FileContainingExtension.ExtensionNumber != 0 {
		t.Errorf("%+v %v", one, err)
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]error{
		"\x0a\x05abc":            protobuf.ErrTruncated,
		"\x0a\xff":               protobuf.ErrTruncated,
		"\x10":                   protobuf.ErrTruncated,
		"\x0a\x01\xff":           protobuf.ErrText,
		"\x00\x01":               nil,
		"\x0f":                   nil,
		"\x10" + manyBytes(0xff): nil,
		strings.Repeat("\x10\x01", protobuf.MaxFields+1): protobuf.ErrManyItems,
	} {
		err := protobuf.Unmarshal([]byte(text), &pb.Item{})
		if err == nil || want != nil && err != want {
			t.Errorf("%.20q: %v, expected %v", text, err, want)
		}
	}
	packed := pb.ExtensionNumberResponse{ExtensionNumber: make([]int32, protobuf.MaxFields+1)}
	if err := protobuf.Unmarshal(packed.Append(nil), &pb.ExtensionNumberResponse{}); err != protobuf.ErrManyItems {
		t.Errorf("too many packed numbers: %v", err)
	}
}

func manyBytes(b byte) string { return strings.Repeat(string([]byte{b}), 11) }

func registry(t testing.TB) *protobuf.Registry {
	g, err := protobuf.NewRegistry(pb.ShopProto, pb.StatusProto, pb.AnyProto, pb.HealthProto, pb.ReflectionProto, pb.TestProto, pb.MessagesProto, pb.EmptyProto)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRegistry(t *testing.T) {
	g := registry(t)
	haggle := g.Method(pb.ShopHaggle)
	if haggle == nil || haggle.Input != "grapevine.shop.v1.Offer" || !haggle.ClientStreaming || !haggle.ServerStreaming {
		t.Errorf("%+v", haggle)
	}
	if m := g.Message("grapevine.shop.v1.Item"); m == nil || m.Fields[1].Name != "count" || m.Fields[1].Kind != protobuf.KindInt32 {
		t.Errorf("%+v", m)
	}
	if files := g.Symbol("grpc.testing.TestService.EmptyCall"); len(files) != 3 || files[0].Name != "grpc/testing/test.proto" {
		t.Errorf("%v", files)
	}
	if g.Symbol("grpc.health.v1.HealthCheckResponse.ServingStatus") == nil || g.Symbol("no.such") != nil || g.File("no") != nil {
		t.Error("an enum is not found, or what is not there is")
	}
	var none *protobuf.Registry
	if none.Message("x") != nil || none.Method("x") != nil {
		t.Error("no registry knows something")
	}
	const syntax = "b\x06proto3" // the only field behind the service
	for cut := range len(pb.ShopProto) - len(syntax) {
		if f, err := protobuf.ParseFile([]byte(pb.ShopProto[:cut])); err == nil && len(f.Services) > 0 {
			t.Errorf("%d of %d bytes of a descriptor have a service", cut, len(pb.ShopProto))
		}
	}
}

func gaps(t *testing.T, g *protobuf.Registry, b []byte, typ string) {
	t.Helper()
	root := field.Field{Length: len(b), Children: g.Dissect(b, g.Message(typ), 0)}
	if gap := field.Gaps(root, len(b)); gap != "" && len(b) > 0 {
		t.Errorf("%s % x: %s", typ, b, gap)
	}
}

// typeNames are the types that the fuzzer takes bytes for.
var typeNames = []string{"", "grapevine.shop.v1.Item", "google.rpc.Status", "grpc.testing.SimpleRequest",
	"grpc.testing.StreamingOutputCallRequest", "grpc.reflection.v1.ExtensionNumberResponse", "grpc.reflection.v1.ServerReflectionResponse",
	"grpc.health.v1.HealthCheckResponse"}

func TestDissect(t *testing.T) {
	g := registry(t)
	for _, m := range samples() {
		b := m.Append(nil)
		for _, typ := range typeNames {
			for cut := range b {
				gaps(t, g, b[:cut+1], typ)
			}
		}
	}
	var words []string
	for _, f := range g.Dissect([]byte("\x08\x03\x12\x02\x08\x01\xff"), g.Message("grpc.health.v1.HealthCheckResponse"), 10) {
		words = append(words, f.Name+" "+f.Value)
	}
	if got := strings.Join(words, ", "); got != `status SERVICE_UNKNOWN (3), field 2 0801, not understood 1 bytes` {
		t.Error(got)
	}
}

// FuzzMessages reads any bytes as every message. What can be read is written
// again, and then reads the same.
func FuzzMessages(f *testing.F) {
	for i, m := range samples() {
		f.Add(m.Append(nil), uint8(i))
	}
	g := registry(f)
	types := samples()
	f.Fuzz(func(t *testing.T, b []byte, which uint8) {
		m := fresh(types[int(which)%len(types)])
		if protobuf.Unmarshal(b, m) == nil {
			again, written := fresh(m), m.Append(nil)
			if err := protobuf.Unmarshal(written, again); err != nil || !bytes.Equal(again.Append(nil), written) {
				t.Errorf("%T: % x is written % x and read back %+v, %v", m, b, written, again, err)
			}
		}
		gaps(t, g, b, typeNames[int(which)%len(typeNames)])
		if file, err := protobuf.ParseFile(b); err == nil && len(file.Messages) > len(b) {
			t.Error("more messages than bytes")
		}
	})
}
