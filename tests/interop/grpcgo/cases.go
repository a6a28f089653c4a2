package grpcgo

import (
	"fmt"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
)

// Cases are gRPC's interoperability tests, as our client plays them, after
// doc/interop-test-descriptions.md of the gRPC project.
var Cases = []struct {
	Name string
	Play func(addr string, c *Client) error
}{
	{"empty_unary", func(_ string, c *Client) error {
		_, err := c.Unary(pb.TestServiceEmptyCall, grpc.Options{}, &pb.Empty{}, &pb.Empty{})
		return err
	}},
	{"large_unary", func(_ string, c *Client) error { return largeUnary(c, grpc.Options{}) }},
	{"client_streaming", clientStreaming},
	{"server_streaming", serverStreaming},
	{"ping_pong", pingPong},
	{"empty_stream", emptyStream},
	{"timeout_on_sleeping_server", timeoutOnSleepingServer},
	{"cancel_after_begin", cancelAfterBegin},
	{"cancel_after_first_response", cancelAfterFirstResponse},
	{"status_code_and_message", func(_ string, c *Client) error { return echoStatus(c, "test status message") }},
	{"special_status_message", func(_ string, c *Client) error {
		return echoStatus(c, "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n")
	}},
	{"custom_metadata", customMetadata},
	{"unimplemented_method", func(_ string, c *Client) error { return unimplemented(c, pb.TestServiceUnimplementedCall) }},
	{"unimplemented_service", func(_ string, c *Client) error { return unimplemented(c, pb.UnimplementedServiceUnimplementedCall) }},
	{"rpc_soak", func(_ string, c *Client) error {
		for range soaks {
			if err := largeUnary(c, grpc.Options{TimeoutMicros: 1_000_000}); err != nil {
				return err
			}
		}
		return nil
	}},
	{"channel_soak", func(addr string, _ *Client) error {
		for range soaks {
			c, err := Dial(addr, grpc.Config{})
			if err != nil {
				return err
			}
			err = largeUnary(c, grpc.Options{TimeoutMicros: 1_000_000})
			if c.Close(); err != nil {
				return err
			}
		}
		return nil
	}},
}

// soaks is how often a soak test repeats itself.
const soaks = 10

// The sizes that the tests send and ask for.
var (
	requestSizes  = []int{27182, 8, 1828, 45904}
	responseSizes = []int{31415, 9, 2653, 58979}
)

func zeros(n int) *pb.Payload { return &pb.Payload{Body: make([]byte, n)} }

func want(what string, got, want any) error {
	if got != want {
		return fmt.Errorf("%s: got %v, expected %v", what, got, want)
	}
	return nil
}

func largeUnary(c *Client, o grpc.Options) error {
	const size = 314159
	var answer pb.SimpleResponse
	if _, err := c.Unary(pb.TestServiceUnaryCall, o, &pb.SimpleRequest{ResponseSize: size, Payload: zeros(271828)}, &answer); err != nil {
		return err
	}
	return payloadOf(answer.Payload, size)
}

func payloadOf(p *pb.Payload, size int) error {
	if p == nil {
		p = &pb.Payload{}
	}
	return want("the payload's size", len(p.Body), size)
}

func clientStreaming(_ string, c *Client) error {
	call, err := c.Call(pb.TestServiceStreamingInputCall, grpc.Options{})
	if err != nil {
		return err
	}
	for _, size := range requestSizes {
		if err := call.Send(&pb.StreamingInputCallRequest{Payload: zeros(size)}); err != nil {
			return err
		}
	}
	call.CloseSend()
	r := call.Rest()
	var answer pb.StreamingInputCallResponse
	if r.Status.Code != grpc.OK || len(r.Messages) != 1 {
		return fmt.Errorf("%d messages, %v", len(r.Messages), r.Status)
	}
	if err := protobuf.Unmarshal(r.Messages[0], &answer); err != nil {
		return err
	}
	return want("the sum", answer.AggregatedPayloadSize, int32(74922))
}

func serverStreaming(_ string, c *Client) error {
	call, err := c.Call(pb.TestServiceStreamingOutputCall, grpc.Options{})
	if err != nil {
		return err
	}
	request := &pb.StreamingOutputCallRequest{}
	for _, size := range responseSizes {
		request.ResponseParameters = append(request.ResponseParameters, &pb.ResponseParameters{Size: int32(size)})
	}
	call.SendLast(request)
	r := call.Rest()
	if r.Status.Code != grpc.OK || len(r.Messages) != len(responseSizes) {
		return fmt.Errorf("%d messages, %v", len(r.Messages), r.Status)
	}
	for i, m := range r.Messages {
		if err := streamed(m, responseSizes[i]); err != nil {
			return err
		}
	}
	return nil
}

func streamed(message []byte, size int) error {
	var answer pb.StreamingOutputCallResponse
	if err := protobuf.Unmarshal(message, &answer); err != nil {
		return err
	}
	return payloadOf(answer.Payload, size)
}

// ask sends one request of a ping-pong.
func ask(call *Call, request, response int) error {
	return call.Send(&pb.StreamingOutputCallRequest{
		ResponseParameters: []*pb.ResponseParameters{{Size: int32(response)}}, Payload: zeros(request),
	})
}

// answer waits for the next message.
func answer(call *Call, size int) error {
	e := call.Next()
	if e.Kind == grpc.Header {
		e = call.Next()
	}
	if e.Kind != grpc.Received {
		return fmt.Errorf("%v %v, expected a message", e.Kind, e.Status)
	}
	return streamed(e.Message, size)
}

func pingPong(_ string, c *Client) error {
	call, err := c.Call(pb.TestServiceFullDuplexCall, grpc.Options{})
	if err != nil {
		return err
	}
	for i, size := range requestSizes {
		if err := ask(call, size, responseSizes[i]); err != nil {
			return err
		}
		if err := answer(call, responseSizes[i]); err != nil {
			return err
		}
	}
	call.CloseSend()
	return want("the status", call.Rest().Status.Code, grpc.OK)
}

func emptyStream(_ string, c *Client) error {
	call, err := c.Call(pb.TestServiceFullDuplexCall, grpc.Options{})
	if err != nil {
		return err
	}
	call.CloseSend()
	r := call.Rest()
	if len(r.Messages) != 0 {
		return fmt.Errorf("%d messages, expected none", len(r.Messages))
	}
	return want("the status", r.Status.Code, grpc.OK)
}

func timeoutOnSleepingServer(_ string, c *Client) error {
	call, err := c.Call(pb.TestServiceFullDuplexCall, grpc.Options{TimeoutMicros: 1000})
	if err != nil {
		return err
	}
	call.Send(&pb.StreamingOutputCallRequest{Payload: zeros(27182)})
	return want("the status", call.Rest().Status.Code, grpc.DeadlineExceeded)
}

func cancelAfterBegin(_ string, c *Client) error {
	call, err := c.Call(pb.TestServiceStreamingInputCall, grpc.Options{})
	if err != nil {
		return err
	}
	call.Cancel()
	return want("the status", call.Rest().Status.Code, grpc.Canceled)
}

func cancelAfterFirstResponse(_ string, c *Client) error {
	call, err := c.Call(pb.TestServiceFullDuplexCall, grpc.Options{})
	if err != nil {
		return err
	}
	if err := ask(call, requestSizes[0], responseSizes[0]); err != nil {
		return err
	}
	if err := answer(call, responseSizes[0]); err != nil {
		return err
	}
	call.Cancel()
	return want("the status", call.Rest().Status.Code, grpc.Canceled)
}

func echoStatus(c *Client, message string) error {
	status := &pb.EchoStatus{Code: 2, Message: message}
	one, _ := c.Unary(pb.TestServiceUnaryCall, grpc.Options{}, &pb.SimpleRequest{ResponseStatus: status}, &pb.SimpleResponse{})
	call, err := c.Call(pb.TestServiceFullDuplexCall, grpc.Options{})
	if err != nil {
		return err
	}
	call.SendLast(&pb.StreamingOutputCallRequest{ResponseStatus: status})
	for _, got := range []grpc.Status{one.Status, call.Rest().Status} {
		if got.Code != grpc.Unknown || got.Message != message {
			return fmt.Errorf("got %v, expected UNKNOWN: %q", got, message)
		}
	}
	return nil
}

func customMetadata(_ string, c *Client) error {
	const initial, trailing = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
	o := grpc.Options{Metadata: grpc.Metadata{{Key: initial, Value: "test_initial_metadata_value"}, {Key: trailing, Value: "\xab\xab\xab"}}}
	one, err := c.Unary(pb.TestServiceUnaryCall, o, &pb.SimpleRequest{ResponseSize: 314159, Payload: zeros(271828)}, &pb.SimpleResponse{})
	if err != nil {
		return err
	}
	call, err := c.Call(pb.TestServiceFullDuplexCall, o)
	if err != nil {
		return err
	}
	if err := ask(call, 271828, 314159); err != nil {
		return err
	}
	call.CloseSend()
	for _, r := range []Reply{one, call.Rest()} {
		if err := want("initial metadata", r.Header.Get(initial), "test_initial_metadata_value"); err != nil {
			return err
		}
		if err := want("trailing metadata", r.Trailers.Get(trailing), "\xab\xab\xab"); err != nil {
			return err
		}
	}
	return nil
}

func unimplemented(c *Client, method string) error {
	r, _ := c.Unary(method, grpc.Options{}, &pb.Empty{}, &pb.Empty{})
	return want("the status", r.Status.Code, grpc.Unimplemented)
}
