package main

// A source is one .proto text and the Go file made from it.
type source struct {
	proto string // below pb/proto
	out   string // in pb
	// alias is for a text whose messages are the same, under another package,
	// as those of another row. Only its descriptor and the paths of its
	// methods are written, with alias at the end of their names.
	alias string
}

var sources = []source{
	{proto: "grapevine/shop/v1/shop.proto", out: "shop.go"},
	{proto: "google/protobuf/any.proto", out: "any.go"},
	{proto: "google/rpc/status.proto", out: "status.go"},
	{proto: "google/rpc/error_details.proto", out: "error_details.go"},
	{proto: "grpc/health/v1/health.proto", out: "health.go"},
	{proto: "grpc/reflection/v1/reflection.proto", out: "reflection.go"},
	{proto: "grpc/reflection/v1alpha/reflection.proto", out: "reflection_v1alpha.go", alias: "V1Alpha"},
	{proto: "grpc/testing/empty.proto", out: "testing_empty.go"},
	{proto: "grpc/testing/messages.proto", out: "testing_messages.go"},
	{proto: "grpc/testing/test.proto", out: "testing.go"},
}
