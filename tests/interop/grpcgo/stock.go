package grpcgo

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	stock "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/health/grpc_health_v1"
	testing_pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// RunStock tries a server that has the TestService and Health with the stock
// Go client, in what the interoperability tests leave out.
func RunStock(t *testing.T, addr string) {
	conn, err := stock.NewClient(addr, stock.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := testing_pb.NewTestServiceClient(conn)
	for _, c := range stockCases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			c.play(t, ctx, client)
		})
	}
	t.Run("health", func(t *testing.T) { playHealth(t, conn) })
}

var stockCases = []struct {
	name string
	play func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient)
}{
	{"unary", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		unaryOf(t, ctx, client, 1000)
	}},
	{"gzip", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		unaryOf(t, ctx, client, 100_000, stock.UseCompressor(gzip.Name))
	}},
	{"4 MB", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		unaryOf(t, ctx, client, 4_000_000)
	}},
	{"4 MB gzip", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		unaryOf(t, ctx, client, 4_000_000, stock.UseCompressor(gzip.Name))
	}},
	{"too long", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		_, err := client.UnaryCall(ctx, &testing_pb.SimpleRequest{Payload: &testing_pb.Payload{Body: make([]byte, 5_000_000)}})
		expect(t, err, codes.ResourceExhausted, "")
	}},
	{"client streaming", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		call, err := client.StreamingInputCall(ctx)
		for range 200 {
			if err == nil {
				err = call.Send(&testing_pb.StreamingInputCallRequest{Payload: &testing_pb.Payload{Body: make([]byte, 10_000)}})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		answer, err := call.CloseAndRecv()
		if err != nil || answer.AggregatedPayloadSize != 2_000_000 {
			t.Fatal(answer, err)
		}
	}},
	{"server streaming", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		request := &testing_pb.StreamingOutputCallRequest{}
		for i := range 200 {
			request.ResponseParameters = append(request.ResponseParameters, &testing_pb.ResponseParameters{Size: 10_000, IntervalUs: int32(i % 2 * 100)})
		}
		call, err := client.StreamingOutputCall(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; ; i++ {
			answer, err := call.Recv()
			if err == io.EOF && i == 200 {
				return
			}
			if err != nil || len(answer.Payload.Body) != 10_000 {
				t.Fatal(i, err)
			}
		}
	}},
	{"bidirectional streaming", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		call, err := client.FullDuplexCall(ctx)
		for i := range 100 {
			if err == nil {
				err = call.Send(&testing_pb.StreamingOutputCallRequest{ResponseParameters: []*testing_pb.ResponseParameters{{Size: int32(i)}, {Size: 1}}})
			}
			for _, size := range []int{i, 1} {
				answer, err := call.Recv()
				if err != nil || len(answer.Payload.GetBody()) != size {
					t.Fatal(i, err)
				}
			}
		}
		call.CloseSend()
		if _, err := call.Recv(); err != io.EOF {
			t.Fatal(err)
		}
	}},
	{"deadline", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		call, err := client.StreamingOutputCall(ctx, &testing_pb.StreamingOutputCallRequest{
			ResponseParameters: []*testing_pb.ResponseParameters{{Size: 1, IntervalUs: 10_000_000}}})
		if err == nil {
			_, err = call.Recv()
		}
		expect(t, err, codes.DeadlineExceeded, "")
	}},
	{"cancel", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		ctx, cancel := context.WithCancel(ctx)
		call, err := client.FullDuplexCall(ctx)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		_, err = call.Recv()
		expect(t, err, codes.Canceled, "")
	}},
	{"metadata", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		ctx = metadata.AppendToOutgoingContext(ctx, echoInitial, "hello", echoTrailing, "\x00\x01\xff", echoTrailing, "second")
		var header, trailer metadata.MD
		if _, err := client.UnaryCall(ctx, &testing_pb.SimpleRequest{}, stock.Header(&header), stock.Trailer(&trailer)); err != nil {
			t.Fatal(err)
		}
		if strings.Join(header[echoInitial], "|") != "hello" || strings.Join(trailer[echoTrailing], "|") != "\x00\x01\xff|second" {
			t.Fatal(header, trailer)
		}
	}},
	{"status", func(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient) {
		text := "100 % \u65e0\n\x7f"
		_, err := client.UnaryCall(ctx, &testing_pb.SimpleRequest{ResponseStatus: &testing_pb.EchoStatus{Code: 9, Message: text}})
		expect(t, err, codes.FailedPrecondition, text)
	}},
}

const (
	echoInitial  = "x-grpc-test-echo-initial"
	echoTrailing = "x-grpc-test-echo-trailing-bin"
)

func expect(t *testing.T, err error, code codes.Code, text string) {
	t.Helper()
	if s := status.Convert(err); s.Code() != code || text != "" && s.Message() != text {
		t.Fatalf("got %v, expected %v %q", err, code, text)
	}
}

func unaryOf(t *testing.T, ctx context.Context, client testing_pb.TestServiceClient, size int, o ...stock.CallOption) {
	t.Helper()
	body := bytes.Repeat([]byte("grapevine "), size/10)
	answer, err := client.UnaryCall(ctx, &testing_pb.SimpleRequest{ResponseSize: int32(size), Payload: &testing_pb.Payload{Body: body}}, o...)
	if err != nil || len(answer.Payload.Body) != size {
		t.Fatalf("%d bytes, %v", len(answer.GetPayload().GetBody()), err)
	}
}

func playHealth(t *testing.T, conn *stock.ClientConn) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	health := grpc_health_v1.NewHealthClient(conn)
	answer, err := health.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil || answer.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatal(answer, err)
	}
	_, err = health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "no.such.Service"})
	expect(t, err, codes.NotFound, "")
	watch, err := health.Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: "no.such.Service"})
	if err != nil {
		t.Fatal(err)
	}
	answer, err = watch.Recv()
	if err != nil || answer.Status != grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN {
		t.Fatal(answer, err)
	}
}

// RunGrpcurl lets grpcurl find out by reflection what there is, and call it.
// The server must have the Shop.
func RunGrpcurl(t *testing.T, addr string) {
	for _, c := range []struct {
		args []string
		want []string // what the output must contain
	}{
		{[]string{addr, "list"}, []string{"grapevine.shop.v1.Shop", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"}},
		{[]string{addr, "list", "grapevine.shop.v1.Shop"}, []string{"grapevine.shop.v1.Shop.Price", "grapevine.shop.v1.Shop.Haggle"}},
		{[]string{addr, "describe", "grapevine.shop.v1.Shop"}, []string{"rpc Buy ( stream .grapevine.shop.v1.Item ) returns ( .grapevine.shop.v1.Bill );"}},
		{[]string{addr, "describe", "grapevine.shop.v1.Item"}, []string{"string name = 1;", "int32 count = 2;"}},
		{[]string{"-d", `{"name":"tea","count":3}`, addr, "grapevine.shop.v1.Shop/Price"}, []string{`"cents": "360"`}},
		{[]string{"-d", `{"name":"tea","count":1}{"name":"pear","count":2}`, addr, "grapevine.shop.v1.Shop/Buy"}, []string{`"items": 3`, `"cents": "220"`}},
		{[]string{"-d", `{"name":"fruit"}`, addr, "grapevine.shop.v1.Shop/Browse"}, []string{"apple", "pear"}},
		{[]string{"-d", `{"name":"tea","cents":60}{"name":"tea","cents":100}`, addr, "grapevine.shop.v1.Shop/Haggle"}, []string{`"cents": "96"`, `"accepted": true`}},
		{[]string{"-d", `{"name":"tea","count":-1}`, addr, "grapevine.shop.v1.Shop/Price"}, []string{"InvalidArgument", "google.rpc.BadRequest", `"field": "count"`}},
		{[]string{"-d", `{"service":""}`, addr, "grpc.health.v1.Health/Check"}, []string{"SERVING"}},
	} {
		out, _ := exec.Command(tool(t, "grpcurl"), append([]string{"-plaintext"}, c.args...)...).CombinedOutput()
		for _, want := range c.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("grpcurl %s: expected %q in\n%s", strings.Join(c.args, " "), want, out)
			}
		}
	}
}
