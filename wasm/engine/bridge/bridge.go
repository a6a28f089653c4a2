package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"grapevine/wasm/engine/line"
	"grapevine/wasm/lab"
	"grapevine/wasm/labs"
)

const usage = `Usage: ./build.sh bridge LAB [name=value ...] [flags]
       ./build.sh bridge -list
       ./build.sh run LAB -help          the lab's parameters

Plays a lab in real time. Its server nodes listen on TCP, so that any program
which speaks their protocol can talk to them. Ctrl-C ends it.

  -listen HOST:PORT  where the first node listens; the others follow on the ports
                     after it (default: free ports of 127.0.0.1)
  -allow-remote      let -listen name an address that other machines can reach.
                     The nodes ask for no password: whoever reaches the address can
                     use them, and keep this machine busy. What they are told stays
                     in the virtual network; no file and no other address is touched.
  -seed N            the run's luck (default 1)
  -script FILE       actions, one a line: "1.5s crash server/0"; # begins a comment.
                     A crash of a node, or a cut of the way to it from outside/0
                     (outside/1 for the second node, and so on), resets connections
  -link URL          the run that a link names; what is given beside it wins
  -json              the addresses as one line of JSON:
                     {"nodes":[{"node":"server/0","addr":"127.0.0.1:9092"}]}
  -list              the labs that have nodes to talk to

What comes from outside is in no script and no link: a bridged run cannot be
repeated. Exit status: 0 after Ctrl-C, 1 if the addresses are taken, 2 on wrong usage.
`

// Exit statuses.
const (
	ended       = 0
	cannotServe = 1
	wrongUsage  = 2
)

// Bridge is a lab in real time.
type Bridge struct {
	live      *live
	listeners []net.Listener
}

// Main carries out `bridge` with these arguments and returns the exit status.
func Main(args []string, out, problems io.Writer) int {
	var request line.Line
	var address string
	var remote, asJSON bool
	err := request.Parse(args,
		line.Flag{Name: "listen", Value: func(v string) error { address = v; return nil }},
		line.Flag{Name: "allow-remote", Alone: func() { remote = true }},
		line.Flag{Name: "json", Alone: func() { asJSON = true }})
	switch {
	case err == nil && request.Help:
		fmt.Fprint(out, usage)
		return ended
	case err == nil && request.List:
		list(out)
		return ended
	}
	which := labs.Find(request.Run.Lab)
	if err == nil && which == nil {
		err = fmt.Errorf("there is no lab %q; -list shows those that have nodes to talk to", request.Run.Lab)
	}
	var b *Bridge
	if err == nil {
		_, _, err = place(address, remote)
	}
	if err == nil {
		b, err = New(which, &request)
	}
	if err != nil {
		fmt.Fprintf(problems, "bridge: %v\n", err)
		return wrongUsage
	}
	if older := request.OlderVersion(which); older != "" {
		fmt.Fprintf(problems, "bridge: %s\n", older)
	}
	if err := b.Listen(address, remote); err != nil {
		fmt.Fprintf(problems, "bridge: %v\n", err)
		return cannotServe
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if asJSON {
		b.Run(ctx, func() { json.NewEncoder(out).Encode(map[string]any{"nodes": b.Nodes()}) })
		b.summary(problems) // the one line stays alone
	} else {
		b.Run(ctx, func() { b.table(out) })
		b.summary(out)
	}
	return ended
}

// New builds a lab's run with the outside in it.
func New(which *lab.Lab, request *line.Line) (*Bridge, error) {
	var h hosts
	p, err := request.Open(withOutside(which, &h))
	if err != nil {
		return nil, err
	}
	if h == nil {
		return nil, fmt.Errorf("%s has no node that listens for programs; -list shows the labs that have", which.ID)
	}
	return &Bridge{live: newLive(p, h)}, nil
}

// Listen begins to listen; Run then answers.
func (b *Bridge) Listen(address string, allowRemote bool) (err error) {
	b.listeners, err = listen(address, len(b.live.targets), allowRemote)
	if tell := b.live.play.World.Outside; err == nil && tell != nil {
		var addresses []string
		for _, l := range b.listeners {
			addresses = append(addresses, l.Addr().String())
		}
		tell(addresses)
	}
	return err
}

// Node is a node and its address.
type Node struct {
	Node string `json:"node"`
	Addr string `json:"addr"`
}

// Nodes are those that listen, in the lab's order.
func (b *Bridge) Nodes() []Node {
	var nodes []Node
	for i, to := range b.live.targets {
		nodes = append(nodes, Node{b.live.play.World.Net.Name(to.Node), b.listeners[i].Addr().String()})
	}
	return nodes
}

// Run plays until ctx is done, and ends every connection. It calls ready once
// the nodes serve programs, as some have to find each other first.
func (b *Bridge) Run(ctx context.Context, ready func()) {
	b.live.run(ctx, b.listeners, ready)
	for _, l := range b.listeners {
		l.Close()
	}
}

func (b *Bridge) table(out io.Writer) {
	fmt.Fprintf(out, "%-16s %-22s %s\n", "node", "address", "speaks")
	for i, n := range b.Nodes() {
		fmt.Fprintf(out, "%-16s %-22s %s\n", n.Node, n.Addr, b.live.targets[i].Name)
	}
	fmt.Fprintln(out, "Ctrl-C ends it.")
}

// summary leaves the lab's checks out: they are about what its own nodes do
// among themselves, in a run that ends.
func (b *Bridge) summary(out io.Writer) {
	l := b.live
	fmt.Fprintf(out, "bridge: %v, connections %d, bytes in %d, bytes out %d, events %d; what came from outside cannot be repeated, so there is no digest\n",
		time.Since(l.zero).Round(time.Millisecond), l.total, l.received, l.sent, l.play.World.Net.Journal.Total())
}

// list prints the labs that have nodes to talk to, and what those speak.
func list(out io.Writer) {
	for _, l := range labs.All {
		w, err := l.Build(l.Defaults(), 1)
		if err != nil || len(w.Listeners) == 0 {
			continue
		}
		var nodes []string
		for _, to := range w.Listeners {
			nodes = append(nodes, w.Net.Name(to.Node)+" ("+to.Name+")")
		}
		fmt.Fprintf(out, "%-22s %s\n", l.ID, strings.Join(nodes, ", "))
	}
}
