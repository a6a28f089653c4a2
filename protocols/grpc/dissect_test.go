package grpc

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
	"grapevine/protocols/http2"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the stories; read the diff before you commit it")

func shopRegistry(t testing.TB) *protobuf.Registry {
	g, err := protobuf.NewRegistry(pb.ShopProto, pb.TestProto, pb.MessagesProto, pb.EmptyProto)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// shopTalk is a conversation with a shop, one direction each.
func shopTalk(t testing.TB) (client, server []byte) {
	p := newPair(t, Config{}, Config{})
	p.handle = func(e Event) {
		switch e.Kind {
		case Received:
			e.Call.Send(&pb.Quote{Name: "tea", Cents: 240})
		case HalfClosed:
			e.Call.Finish(Errorf(NotFound, "no more"), nil)
		}
	}
	for _, o := range []Options{{TimeoutMicros: 1000}, {Encoding: Gzip}} {
		call, err := p.client.Call(0, pb.ShopPrice, o)
		if err != nil {
			t.Fatal(err)
		}
		call.SendLast(&pb.Item{Name: "tea" + strings.Repeat("!", 40*len(o.Encoding)), Count: 2, Unknown: []byte{0x38, 5}})
	}
	for range 10 {
		drain(p.client, p.log)
		drain(p.server, p.handle)
		client = append(client, p.client.Output()...)
		p.pass(p.client, p.server)
		drain(p.server, p.handle)
		server = append(server, p.server.Output()...)
		p.pass(p.server, p.client)
	}
	return client, server
}

func render(b *strings.Builder, list []field.Field, indent string) {
	for _, f := range list {
		fmt.Fprintf(b, "%s%d+%d %s = %s\n", indent, f.Offset, f.Length, f.Name, f.Value)
		render(b, f.Children, indent+"  ")
	}
}

// The story of a call, byte by byte.
func TestDissectStory(t *testing.T) {
	client, server := shopTalk(t)
	d := Dissector{Registry: shopRegistry(t)}
	var got strings.Builder
	fmt.Fprintln(&got, "the client says")
	render(&got, d.Dissect(client, true), "  ")
	d.Method = methods(client)
	fmt.Fprintln(&got, "the server says")
	render(&got, d.Dissect(server, false), "  ")
	const story = "testdata/price.txt"
	if *rewrite {
		if err := os.WriteFile(story, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(story)
	if err != nil || got.String() != string(want) {
		t.Errorf("%s: got\n%s\n(%v; go test ./protocols/grpc -rewrite, then read the diff)", story, got.String(), err)
	}
}

func checkGaps(t *testing.T, d Dissector, said []byte, fromClient bool) {
	t.Helper()
	root := field.Field{Name: "all", Length: len(said), Children: d.Dissect(said, fromClient)}
	if len(said) == 0 {
		return
	}
	if gap := field.Gaps(root, len(said)); gap != "" {
		t.Errorf("% x: %s", said, gap)
	}
}

// Every byte has its name, wherever the conversation is cut.
func TestDissectCut(t *testing.T) {
	client, server := shopTalk(t)
	d := Dissector{Registry: shopRegistry(t), Method: methods(client)}
	for i := range client {
		checkGaps(t, d, client[:i+1], true)
	}
	for i := range server {
		checkGaps(t, d, server[:i+1], false)
	}
}

// A message is followed over frames, cut anywhere.
func TestDissectPieces(t *testing.T) {
	body := append([]byte("\x00\x00\x00\x00\x07\x0a\x03tea\x10\x02"), "\x00\x00\x00\x00\x00"...)
	for cut := range len(body) + 1 {
		tk := talk{dissector: Dissector{Registry: shopRegistry(t)}, path: pb.ShopPrice, fromClient: true}
		root := field.Field{Children: append(tk.data(body[:cut], 0), tk.data(body[cut:], cut)...)}
		if gap := field.Gaps(root, len(body)); gap != "" {
			t.Errorf("cut at %d: %s", cut, gap)
		}
		if last := root.Children[len(root.Children)-1]; cut <= 12 && last.Name != "message" {
			t.Errorf("cut at %d: the second message is called %q", cut, last.Name)
		}
	}
}

func FuzzDissect(f *testing.F) {
	client, server := shopTalk(f)
	f.Add(client, true)
	f.Add(server, false)
	f.Fuzz(func(t *testing.T, said []byte, fromClient bool) {
		checkGaps(t, Dissector{Registry: shopRegistry(t), Method: methods(said)}, said, fromClient)
	})
}

// methods returns which path each stream's request had, by what the client said.
func methods(said []byte) func(stream uint32) string {
	paths := map[uint64]string{}
	for _, f := range http2.Dissect(said) {
		stream, ok := streamOf(&f)
		for _, part := range f.Children {
			if ok && part.Name == ":path" {
				paths[stream] = valueOf(&part)
			}
		}
	}
	return func(stream uint32) string { return paths[uint64(stream)] }
}
