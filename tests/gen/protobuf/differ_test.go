package main

import (
	"bytes"
	"math/rand"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
)

// made are the messages that are compared with the stock runtime's.
var made = map[protoreflect.FullName]func() protobuf.Message{
	"grapevine.shop.v1.Item":                      func() protobuf.Message { return &pb.Item{} },
	"grapevine.shop.v1.Offer":                     func() protobuf.Message { return &pb.Offer{} },
	"google.rpc.Status":                           func() protobuf.Message { return &pb.Status{} },
	"google.rpc.BadRequest":                       func() protobuf.Message { return &pb.BadRequest{} },
	"grpc.health.v1.HealthCheckResponse":          func() protobuf.Message { return &pb.HealthCheckResponse{} },
	"grpc.reflection.v1.ServerReflectionRequest":  func() protobuf.Message { return &pb.ServerReflectionRequest{} },
	"grpc.reflection.v1.ServerReflectionResponse": func() protobuf.Message { return &pb.ServerReflectionResponse{} },
	"grpc.testing.SimpleRequest":                  func() protobuf.Message { return &pb.SimpleRequest{} },
	"grpc.testing.StreamingOutputCallRequest":     func() protobuf.Message { return &pb.StreamingOutputCallRequest{} },
}

// TestAgainstStockRuntime fills messages by luck, and by hostile luck, and lets
// the stock runtime judge what ours makes of them.
func TestAgainstStockRuntime(t *testing.T) {
	files := stockFiles(t)
	luck := rand.New(rand.NewSource(1))
	for name, fresh := range made {
		found, err := files.FindDescriptorByName(name)
		if err != nil {
			t.Fatal(err)
		}
		typ := found.(protoreflect.MessageDescriptor)
		for range 2000 {
			m := dynamicpb.NewMessage(typ)
			fill(m, luck, 4)
			b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, typ, fresh, b)
			// And now what no program would write.
			for range luck.Intn(4) {
				if len(b) > 0 {
					b[luck.Intn(len(b))] = byte(luck.Intn(256))
				}
			}
			compare(t, typ, fresh, b)
		}
	}
}

func compare(t *testing.T, typ protoreflect.MessageDescriptor, fresh func() protobuf.Message, b []byte) {
	t.Helper()
	theirs, ours := dynamicpb.NewMessage(typ), fresh()
	bad, err := proto.Unmarshal(b, theirs), protobuf.Unmarshal(b, ours)
	if (bad == nil) != (err == nil) {
		t.Fatalf("%s % x: the stock runtime says %v, ours %v", typ.FullName(), b, bad, err)
	}
	if bad != nil {
		return
	}
	again := dynamicpb.NewMessage(typ)
	if err := proto.Unmarshal(ours.Append(nil), again); err != nil {
		t.Fatalf("%s % x: what ours writes cannot be read: %v", typ.FullName(), b, err)
	}
	if !same(theirs, again) {
		t.Fatalf("%s % x: ours writes % x: %v, expected %v", typ.FullName(), b, ours.Append(nil), again, theirs)
	}
}

// same compares messages; of unknown fields the order within a message counts
// only among themselves, and that is how they are written.
func same(a, b proto.Message) bool {
	x, _ := proto.MarshalOptions{Deterministic: true}.Marshal(a)
	y, _ := proto.MarshalOptions{Deterministic: true}.Marshal(b)
	return bytes.Equal(x, y)
}

func fill(m protoreflect.Message, luck *rand.Rand, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case luck.Intn(3) == 0 || f.Message() != nil && depth == 0:
		case f.IsList():
			list := m.Mutable(f).List()
			for range luck.Intn(4) {
				list.Append(value(list.NewElement, f, luck, depth))
			}
		default:
			m.Set(f, value(func() protoreflect.Value { return m.NewField(f) }, f, luck, depth))
		}
	}
}

func value(fresh func() protoreflect.Value, f protoreflect.FieldDescriptor, luck *rand.Rand, depth int) protoreflect.Value {
	number := luck.Int63() >> luck.Intn(64) * int64(1-2*luck.Intn(2))
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(number&1 == 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(number))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(number))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(number)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(strings.Repeat("é", luck.Intn(100)))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(bytes.Repeat([]byte{0xff}, luck.Intn(200)))
	}
	v := fresh()
	fill(v.Message(), luck, depth-1)
	return v
}

// stockFiles reads the descriptors as the stock runtime does.
func stockFiles(t *testing.T) *protoregistry.Files {
	var set descriptorpb.FileDescriptorSet
	for _, raw := range []string{pb.AnyProto, pb.StatusProto, pb.ErrorDetailsProto, pb.ShopProto, pb.HealthProto, pb.ReflectionProto,
		pb.EmptyProto, pb.MessagesProto, pb.TestProto} {
		f := new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal([]byte(raw), f); err != nil {
			t.Fatal(err)
		}
		set.File = append(set.File, f)
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
