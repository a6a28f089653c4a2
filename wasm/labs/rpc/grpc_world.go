package rpc

import (
	"fmt"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/protobuf"
	"grapevine/protocols/grpc/services"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// grpcPort is where gRPC's own examples listen.
const grpcPort = 50051

// shopping is the world of rpc/grpc: clients that call a shop, and what became
// of their calls, as somebody sees it who sees both ends.
type shopping struct {
	plan     shopPlan
	net      *sim.Network
	clients  *sim.Hosts[*shopper] // the first nodes
	servers  *sim.Hosts[*shopkeeper]
	goods    []services.Good
	registry *protobuf.Registry

	history []purchase
	// tracks find a call by its connection and stream; only looked up.
	tracks  map[uint64]*track
	begun   []int // calls, by client, over its lives
	running []int // tasks that have not made all their calls, by client
	busy    int   // the sum of running
	hung    int   // history before this place is over
	late    bool  // a call took longer than maxWait
	tally   shopTally
}

// shopPlan is what a run is made of.
type shopPlan struct {
	mix              bool
	kind             callKind // if not mix
	clients, servers int
	each, tasks      int
	messages         int
	work, read, gap  sim.Time
	think, deadline  sim.Time
	window           int
	mistakes         sim.PPM
	metadata         bool
	link             sim.Link
	config           grpc.Config // of servers
	clientConfig     grpc.Config
}

// callKind is one of the four kinds of call.
type callKind uint8

const (
	unary callKind = iota
	serverStream
	clientStream
	bothStream
	kindsOfCall // how many there are
)

var kindNames = [...]lab.Text{
	unary:        {En: "unary", Zh: "一元"},
	serverStream: {En: "server streaming", Zh: "服务端流"},
	clientStream: {En: "client streaming", Zh: "客户端流"},
	bothStream:   {En: "bidirectional", Zh: "双向流"},
}

// mistake is what a unary call asks for that the server cannot give.
type mistake uint8

const (
	noMistake mistake = iota
	noSuchGood
	badCount
	noSuchMethod
	mistakes // how many there are
)

// unknownMethod is one that the shop does not have.
const unknownMethod = "/" + services.ShopService + "/Steal"

// purchase is one call.
type purchase struct {
	client      int
	kind        callKind
	mistake     mistake
	stream      uint32
	server      int
	begun       sim.Time
	ended       sim.Time // at the client
	over, gone  bool     // gone: its client crashed
	code        grpc.Code
	seen, ruled bool // the server has heard of it; it has ended it
	ruling      grpc.Code
}

// track is one connection of a client, with the places of its calls.
type track struct {
	server int
	places []int32 // by stream: 1, 3, 5, ...
}

// shopTally counts what happened.
type shopTally struct {
	calls               [kindsOfCall]int
	ended               int
	codes               [17]int
	lost, disagree      int
	asked, answered     int // messages, to the server and back
	taken               int // calls whose time is in took
	took, worst         sim.Time
	stalls              int
	unread              int // bytes, at most, at one call
	connected, goodbyes int
}

// shelf is what clients browse: as many goods as a streaming call has messages.
const shelf = "everything"

// item is the n-th of the goods on the shelf.
func (w *shopping) item(n int) services.Good { return w.goods[len(services.Goods)+n%w.plan.messages] }

func (w *shopping) build(seed uint64) *lab.World {
	p := &w.plan
	w.goods = append(w.goods, services.Goods...)
	for i := range p.messages {
		w.goods = append(w.goods, services.Good{Shelf: shelf, Name: fmt.Sprintf("thing %d", i+1), Cents: int64(100 + i)})
	}
	w.registry = services.NewRegistry()
	w.tracks = map[uint64]*track{}
	w.begun = make([]int, p.clients)
	w.running = make([]int, p.clients)
	for i := range p.clients {
		w.runs(i, p.tasks)
	}
	w.net = sim.New(seed)
	w.clients = sim.NewHosts(p.clients, func(member int) *shopper { return &shopper{w: w, member: member} })
	w.servers = sim.NewHosts(p.servers, func(member int) *shopkeeper { return &shopkeeper{w: w, member: member} })
	for _, marks := range []*sim.Marks{&w.clients.Marks, &w.servers.Marks} {
		*marks = sim.Marks{Syn: shopTransport, Ack: shopTransport, Fin: shopTransport, Rst: shopTransport}
	}
	client := w.net.AddRole("client", p.clients, w.clients)
	server := w.net.AddRole("server", p.servers, w.servers)
	w.net.Connect(client, server, p.link)
	w.net.Connect(server, client, p.link)
	w.net.Finished = func() bool { return w.busy == 0 }
	return w.world()
}

// runs changes how many tasks of a client are running.
func (w *shopping) runs(member, by int) {
	w.running[member] += by
	w.busy += by
}

// length bounds how long a run goes on.
func (w *shopping) length() sim.Time {
	p := &w.plan
	round := 2 * (p.link.Delay + p.link.Jitter)
	call := sim.Time(p.messages)*(p.work+p.read+p.gap+round) + 2*round + p.work + p.read + p.think
	return sim.Time(p.each)*call + 40*sim.Second
}

func (w *shopping) server(member int) sim.NodeID { return sim.NodeID(w.plan.clients + member) }

// trackOf is a connection of a client: nil for those of programs outside.
func (w *shopping) trackOf(client sim.NodeID, port uint16) *track {
	return w.tracks[uint64(client)<<16|uint64(port)]
}

// place finds a connection's call; -1 if it is not of here.
func (t *track) place(stream uint32) int {
	if i := int(stream / 2); t != nil && i < len(t.places) {
		return int(t.places[i])
	}
	return -1
}

// begin writes a call into the history.
func (w *shopping) begin(now sim.Time, t *track, c purchase) int {
	c.begun = now
	w.history = append(w.history, c)
	place := len(w.history) - 1
	for len(t.places) < int(c.stream/2) {
		t.places = append(t.places, -1) // a stream whose call could not begin
	}
	t.places = append(t.places, int32(place))
	w.tally.calls[c.kind]++
	return place
}

// end writes down how a call ended at its client.
func (w *shopping) end(now sim.Time, place int, code grpc.Code) {
	c, t := &w.history[place], &w.tally
	c.over, c.ended, c.code = true, now, code
	t.ended++
	t.codes[min(int(code), len(t.codes)-1)]++
	took := now - c.begun
	if code == grpc.OK {
		t.taken++
		t.took += took
		t.worst = max(t.worst, took)
	}
	w.late = w.late || took > maxWait
	w.compare(c)
	// What a server has taken on, and then not ended, is lost.
	if code == grpc.Unavailable && c.seen && !c.ruled {
		t.lost++
	}
}

// rule writes down how a call ended at its server.
func (w *shopping) rule(place int, code grpc.Code) {
	if place < 0 {
		return
	}
	c := &w.history[place]
	c.ruled, c.ruling = true, code
	w.compare(c)
}

// compare counts a call of which one end thinks well and the other does not.
func (w *shopping) compare(c *purchase) {
	if c.over && c.ruled && !c.gone && (c.code == grpc.OK) != (c.ruling == grpc.OK) {
		w.tally.disagree++
	}
}

// abandon forgets the calls of a client that crashed.
func (w *shopping) abandon(member int) {
	for i := w.hung; i < len(w.history); i++ {
		if c := &w.history[i]; c.client == member && !c.over {
			c.over, c.gone = true, true
		}
	}
}

// hangs reports whether a call has taken too long.
func (w *shopping) hangs() bool {
	for w.hung < len(w.history) && w.history[w.hung].over {
		w.hung++
	}
	return w.late || w.hung < len(w.history) && w.net.Now()-w.history[w.hung].begun > maxWait
}
