package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"grapevine/tests/e2e/browser"
)

// A figure is one line of the table.
type figure struct {
	name   string
	value  float64
	unit   string
	target string // "" when there is none
	at     string // the setting it was measured at
}

// measures are all there are; each returns one line or several.
var measures = []struct {
	name string
	take func(*bench) []figure
}{
	{"first visit", firstVisit(1.5, "", "gossip")},
	{"first visit RPC", firstVisit(1.9, "#rpc/call", "RPC")},
	{"first visit queue", firstVisit(1.9, "#queue/kafka", "queues")},
	{"frames 1,000", frames("gossip/faults?n=1000&delay=5500ms&crash=0%25&loss=0%25&cut=0s", 60)},
	{"frames 10,000", frames("gossip/faults?n=10000", 50)},
	{"frames 100,000", frames("gossip/faults?n=100000", 30)},
	{"frames 40 cards", frames("rpc/registry?clients=16&servers=23&think=20ms", 60)},
	{"speed", speed},
	{"seek", seek},
	{"a million nodes", million},
	{"calls", callRate("remote calls", "of our own", "returned", "rpc/call?transport=stream&clients=10&servers=3&calls=5000&stub=0s&execute=0s&think=0s&delay=100us", 20_000)},
	{"gRPC calls", callRate("remote calls", "gRPC, unary", "ok", "rpc/grpc?kind=unary&clients=10&servers=3&tasks=16&calls=10000&work=0s&read=0s&gap=0s&think=0s", 5_000)},
	{"records", callRate("records", "acks=all, 3 brokers", "acked", "queue/kafka-replicas?faults=none&partitions=6&producers=4&records=100000&every=0s&size=100&delay=100us", 50_000)},
	{"bridge gRPC", grpcPair.bridged},
	{"bridge Kafka", kafkaPair.bridged},
}

// bench is what the measures share.
type bench struct {
	t    browser.T
	root string
	dir  string // of the site, compressed as for a real host
	site string // its address
}

func main() {
	t := &browser.Program{Name: "bench"}
	defer t.Close()
	b := &bench{t: t, root: browser.Root(t), dir: browser.Built(t, "bench")}
	b.site = browser.ServeFolder(t, b.dir)
	wanted := strings.Join(os.Args[1:], " ")
	fmt.Printf("%s/%s, %d cores, %s; %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), load())
	fmt.Printf("%-34s %9s %-10s %-8s %s\n", "figure", "value", "unit", "target", "setting")
	taken := 0
	for _, m := range measures {
		if !strings.Contains(m.name, wanted) {
			continue
		}
		taken++
		for _, f := range m.take(b) {
			fmt.Printf("%-34s %9.4g %-10s %-8s %s\n", f.name, f.value, f.unit, f.target, f.at)
		}
	}
	if taken == 0 {
		t.Fatalf("no figure has %q in its name", wanted)
	}
	fmt.Printf("\n%s\n", load())
}

// load says how busy the machine is: on a busy one the figures are worse.
func load() string {
	averages, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "load unknown"
	}
	return "load over 1, 5 and 15 minutes " + strings.Join(strings.Fields(string(averages))[:3], " ")
}
