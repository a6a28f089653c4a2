package services

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
	"grapevine/protocols/prototest"
)

// node is a server with every service.
type node struct {
	router *Router
	health *Health
	test   *TestService
	conn   *grpc.Conn
}

func newNode() *node {
	router := NewRouter(NewRegistry(), Goods)
	return &node{router, router.services[HealthService].(*Health), router.services[TestServiceName].(*TestService), grpc.NewServer(grpc.Config{})}
}

// end says to prototest how a machine is used: handle is told its events, and
// clock, if any, has the time too.
func end(c *grpc.Conn, clock Timed, handle func(now int64, e grpc.Event)) prototest.End {
	drain := func(now int64) {
		for e, ok := c.Poll(); ok; e, ok = c.Poll() {
			handle(now, e)
		}
	}
	return prototest.End{
		Receive: func(now int64, b []byte) { c.Receive(now, b); drain(now) },
		Output: func(now int64) []byte {
			b := bytes.Clone(c.Output())
			c.Sent(len(b))
			drain(now)
			return b
		},
		Deadline: func() (int64, bool) {
			at, ok := c.Deadline()
			if clock != nil {
				if due, has := clock.Deadline(); has && (!ok || due < at) {
					return due, true
				}
			}
			return at, ok
		},
		Tick: func(now int64) {
			c.Tick(now)
			if clock != nil {
				clock.Tick(now)
			}
			drain(now)
		},
	}
}

// ask makes one call over a slow pipe that cuts the bytes anywhere, and
// returns its messages and its status.
func ask(t *testing.T, n *node, method string, messages ...grpc.Message) (got [][]byte, status grpc.Status) {
	t.Helper()
	client := grpc.NewClient(grpc.Config{})
	call, err := client.Call(0, method, grpc.Options{TimeoutMicros: 3_000_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		call.Send(m)
	}
	call.CloseSend()
	status.Message = "no end"
	n.conn = grpc.NewServer(grpc.Config{})
	prototest.Run(end(client, nil, func(_ int64, e grpc.Event) {
		switch e.Kind {
		case grpc.Received:
			got = append(got, bytes.Clone(e.Message))
		case grpc.Finished:
			status = e.Status
		}
	}), end(n.conn, n.router, n.router.Handle), prototest.Pipe{Seed: 1, DelayMicros: 100, JitterMicros: 50, MaxPieceBytes: 3000}, 5_000_000)
	if len(n.test.sessions)+len(n.health.watchers) != 0 {
		t.Errorf("%s: the service remembers a call that is over", method)
	}
	return got, status
}

func as[T any, P interface {
	*T
	protobuf.Message
}](t *testing.T, b []byte) P {
	t.Helper()
	m := P(new(T))
	if err := protobuf.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestShop(t *testing.T) {
	n := newNode()
	got, status := ask(t, n, pb.ShopPrice, &pb.Item{Name: "tea", Count: 3})
	if status.Code != grpc.OK || len(got) != 1 || as[pb.Quote](t, got[0]).Cents != 360 {
		t.Errorf("Price: %q %v", got, status)
	}
	got, status = ask(t, n, pb.ShopBuy, &pb.Item{Name: "tea", Count: 1}, &pb.Item{Name: "pear", Count: 2})
	if status.Code != grpc.OK || len(got) != 1 || as[pb.Bill](t, got[0]).Cents != 220 {
		t.Errorf("Buy: %q %v", got, status)
	}
	got, status = ask(t, n, pb.ShopBrowse, &pb.Shelf{Name: "fruit"})
	if status.Code != grpc.OK || len(got) != 2 || as[pb.Quote](t, got[1]).Name != "pear" {
		t.Errorf("Browse: %q %v", got, status)
	}
	got, status = ask(t, n, pb.ShopHaggle, &pb.Offer{Name: "tea", Cents: 60}, &pb.Offer{Name: "tea", Cents: 90}, &pb.Offer{Name: "tea", Cents: 96})
	var words []string
	for _, m := range got {
		o := as[pb.Offer](t, m)
		words = append(words, fmt.Sprint(o.Cents, " ", o.Accepted))
	}
	if s := strings.Join(words, ", "); status.Code != grpc.OK || s != "96 false, 96 false, 96 true" {
		t.Errorf("Haggle: %s %v", s, status)
	}
}

// A shelf that does not fit what may wait says so, and loses nothing in silence.
func TestLongShelf(t *testing.T) {
	n := newNode()
	n.router.services[ShopService].(*Shop).Goods = slices.Repeat([]Good{{"long", "thing", 1}}, 10_000)
	if got, status := ask(t, n, pb.ShopBrowse, &pb.Shelf{Name: "long"}); status.Code != grpc.ResourceExhausted || len(got) == 0 || len(got) == 10_000 {
		t.Errorf("%d messages, %v", len(got), status)
	}
}

// What a caller can do wrong, and what it is told.
func TestRefusals(t *testing.T) {
	const many = maxItems
	for _, c := range []struct {
		method   string
		messages []grpc.Message
		code     grpc.Code
		text     string
	}{
		{pb.ShopPrice, nil, grpc.Internal, "no message came"},
		{pb.ShopPrice, []grpc.Message{&pb.Item{Name: "tea"}, &pb.Item{Name: "tea"}}, grpc.Internal, "second message"},
		{pb.ShopPrice, []grpc.Message{grpc.Raw{0xff}}, grpc.Internal, "cannot be read"},
		{pb.ShopPrice, []grpc.Message{&pb.Item{Name: "gold"}}, grpc.NotFound, `no "gold"`},
		{pb.ShopPrice, []grpc.Message{&pb.Item{Name: "tea", Count: -1}}, grpc.InvalidArgument, "expected 0 to"},
		{pb.ShopBuy, []grpc.Message{&pb.Item{Name: "tea", Count: many}, &pb.Item{Name: "tea", Count: 1}}, grpc.ResourceExhausted, "basket"},
		{pb.ShopBrowse, []grpc.Message{&pb.Shelf{}}, grpc.NotFound, "no shelf"},
		{pb.ShopHaggle, []grpc.Message{&pb.Offer{Name: "gold"}}, grpc.NotFound, "gold"},
		{"/grapevine.shop.v1.Shop/Steal", nil, grpc.Unimplemented, `no method "Steal"`},
		{"/no.such.Service/M", nil, grpc.Unimplemented, "there are: grapevine.shop.v1.Shop, "},
		{"/nonsense", nil, grpc.Unimplemented, "is not /package.Service/Method"},
		{pb.HealthCheck, []grpc.Message{&pb.HealthCheckRequest{Service: "x"}}, grpc.NotFound, "x"},
		{pb.HealthCheck, nil, grpc.Internal, "no message"},
		{pb.HealthWatch, []grpc.Message{&pb.HealthCheckRequest{}, &pb.HealthCheckRequest{}}, grpc.Internal, "one message"},
		{"/grpc.health.v1.Health/X", nil, grpc.Unimplemented, "X"},
		{"/grpc.reflection.v1.ServerReflection/X", nil, grpc.Unimplemented, "X"},
		{pb.TestServiceUnimplementedCall, nil, grpc.Unimplemented, "UnimplementedCall"},
		{pb.TestServiceUnaryCall, nil, grpc.Internal, "0 messages"},
		{pb.TestServiceUnaryCall, []grpc.Message{&pb.SimpleRequest{ResponseSize: -1}}, grpc.InvalidArgument, "expected 0 to"},
		{pb.TestServiceUnaryCall, []grpc.Message{&pb.SimpleRequest{ResponseStatus: &pb.EchoStatus{Code: 2, Message: "m"}}}, grpc.Unknown, "m"},
		{pb.TestServiceFullDuplexCall, []grpc.Message{&pb.StreamingOutputCallRequest{ResponseParameters: make10(3000)}}, grpc.ResourceExhausted, "asked for at once"},
		{pb.TestServiceFullDuplexCall, []grpc.Message{&pb.StreamingOutputCallRequest{ResponseParameters: []*pb.ResponseParameters{{IntervalUs: 9_000_000}}}},
			grpc.DeadlineExceeded, "deadline"},
	} {
		_, status := ask(t, newNode(), c.method, c.messages...)
		if status.Code != c.code || !strings.Contains(status.Message, c.text) {
			t.Errorf("%s %v: got %v, expected %v and %q", c.method, c.messages, status, c.code, c.text)
		}
	}
}

func make10(n int) (list []*pb.ResponseParameters) {
	for range n {
		list = append(list, &pb.ResponseParameters{Size: 10})
	}
	return list
}

// The TestService keeps its intervals, and does not let answers pile up.
func TestStreams(t *testing.T) {
	n := newNode()
	for _, c := range []struct {
		method string
		asks   []*pb.ResponseParameters
		times  int
	}{
		{pb.TestServiceStreamingOutputCall, []*pb.ResponseParameters{{Size: 5, IntervalUs: 1000}, {Size: 70_000}, {Size: 0, IntervalUs: 5000}}, 1},
		{pb.TestServiceFullDuplexCall, make10(700), 4},
		{pb.TestServiceHalfDuplexCall, []*pb.ResponseParameters{{Size: 100_000}, {Size: 1}}, 3},
	} {
		var messages []grpc.Message
		for range c.times {
			messages = append(messages, &pb.StreamingOutputCallRequest{ResponseParameters: c.asks})
		}
		got, status := ask(t, n, c.method, messages...)
		if status.Code != grpc.OK || len(got) != c.times*len(c.asks) {
			t.Fatalf("%s: %d messages, expected %d; %v", c.method, len(got), c.times*len(c.asks), status)
		}
		for i, m := range got {
			if size := len(as[pb.StreamingOutputCallResponse](t, m).Payload.Body); size != int(c.asks[i%len(c.asks)].Size) {
				t.Errorf("%s: message %d has %d bytes", c.method, i, size)
			}
		}
	}
}

// A watcher hears of each change, and a slow one of the latest.
func TestWatch(t *testing.T) {
	n := newNode()
	client := grpc.NewClient(grpc.Config{})
	call, _ := client.Call(0, pb.HealthWatch, grpc.Options{TimeoutMicros: 1000})
	call.SendLast(&pb.HealthCheckRequest{Service: "s"})
	states := []pb.HealthCheckResponseServingStatus{pb.HealthCheckResponseServing, pb.HealthCheckResponseServing, pb.HealthCheckResponseNotServing}
	var heard []pb.HealthCheckResponseServingStatus
	prototest.Run(end(client, nil, func(_ int64, e grpc.Event) {
		if e.Kind == grpc.Received {
			heard = append(heard, as[pb.HealthCheckResponse](t, e.Message).Status)
			if len(states) > 0 {
				for len(states) > 0 && states[0] == heard[len(heard)-1] {
					states = states[1:]
				}
				if len(states) > 0 {
					n.health.Set("s", states[0])
				}
			}
		}
	}), end(n.conn, n.router, n.router.Handle), prototest.Pipe{}, 1_000_000)
	if got := fmt.Sprint(heard); got != "[3 1 2]" || len(n.health.watchers) != 0 {
		t.Errorf("the watcher hears %s, and %d still watch", got, len(n.health.watchers))
	}
}

func TestReflection(t *testing.T) {
	n := newNode()
	for _, method := range []string{pb.ServerReflectionServerReflectionInfo, pb.ServerReflectionV1AlphaServerReflectionInfo} {
		got, status := ask(t, n, method,
			&pb.ServerReflectionRequest{MessageRequest: askServices},
			&pb.ServerReflectionRequest{MessageRequest: askSymbol, FileContainingSymbol: "grapevine.shop.v1.Shop.Buy"},
			&pb.ServerReflectionRequest{MessageRequest: askFile, FileByFilename: "grpc/testing/test.proto"},
			&pb.ServerReflectionRequest{MessageRequest: askSymbol, FileContainingSymbol: "no.such"},
			&pb.ServerReflectionRequest{MessageRequest: askExtension, FileContainingExtension: &pb.ExtensionRequest{}},
			&pb.ServerReflectionRequest{MessageRequest: askExtensions, AllExtensionNumbersOfType: "grapevine.shop.v1.Item"},
			&pb.ServerReflectionRequest{MessageRequest: askExtensions, AllExtensionNumbersOfType: "no.such"},
			&pb.ServerReflectionRequest{},
		)
		var words []string
		for _, b := range got {
			m := as[pb.ServerReflectionResponse](t, b)
			switch m.MessageResponse {
			case answerFile:
				words = append(words, fmt.Sprint("files ", len(m.FileDescriptorResponse.FileDescriptorProto)))
			case answerServices:
				words = append(words, fmt.Sprint("services ", len(m.ListServicesResponse.Service)))
			case answerError:
				words = append(words, fmt.Sprint("error ", m.ErrorResponse.ErrorCode))
			case answerExtensions:
				words = append(words, m.AllExtensionNumbersResponse.BaseTypeName)
			}
		}
		const want = "services 5, files 1, files 3, error 5, error 5, grapevine.shop.v1.Item, error 5, error 3"
		if s := strings.Join(words, ", "); s != want || status.Code != grpc.OK {
			t.Errorf("got %s, %v, expected %s", s, status, want)
		}
	}
}
