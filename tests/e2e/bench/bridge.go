package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"grapevine/tests/e2e/browser"
)

// One of the lines of tests/interop's BenchmarkStockClient.
var stockClient = regexp.MustCompile(`(?m)^BenchmarkStockClient/(ours|stock)\S*\s+\d+\s+(\S+) ns/op`)

// stockPair is a stock program that is let loose on a bridged lab and on a stock
// server in turn: a BenchmarkStockClient of tests/interop.
type stockPair struct {
	lab     []string // without delays: what remains is the protocol; one node
	tests   string   // the package of the benchmark
	target  string   // of the ratio
	does    string
	against string
}

var (
	grpcPair = stockPair{[]string{"rpc/grpc", "servers=1", "delay=0s", "work=0s", "read=0s"}, "./grpcgo", ">= 0.5",
		"grpc-go, unary, ten at a time, over loopback TCP; rpc/grpc without delays", "grpc-go's own server"}
	kafkaPair = stockPair{[]string{"queue/kafka-replicas", "brokers=1", "replicas=1", "min-insync=1", "sync=false", "faults=none", "records=1", "delay=0s"}, "./kafkastock", ">= 1",
		"franz-go, records of 100 bytes, acks=all, over loopback TCP; queue/kafka-replicas with one broker, without delays", "franz-go's kfake"}
)

// rounds is how often both take their turn; the figures are the medians.
const rounds = 5

// bridged lets a stock client talk to a virtual server through the bridge, and
// to a stock server, in turn.
func (s stockPair) bridged(b *bench) []figure {
	part := &browser.Program{Name: "bridge"}
	defer part.Close()
	bridge := exec.Command(browser.Built(part, "engine"), append([]string{"bridge", "-json"}, s.lab...)...)
	var complaints strings.Builder
	bridge.Stderr = &complaints
	out, err := bridge.StdoutPipe()
	if err == nil {
		err = bridge.Start()
	}
	if err != nil {
		part.Fatalf("%v: %v", bridge.Args, err)
	}
	part.Cleanup(func() { bridge.Process.Signal(os.Interrupt); bridge.Wait() })
	var listens struct{ Nodes []struct{ Addr string } }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &listens)
	}
	if err != nil || len(listens.Nodes) != 1 {
		part.Fatalf("%v printed %q: %v\n%s", bridge.Args, line, err, &complaints)
	}
	client := filepath.Join(b.root, "build", "bench-"+filepath.Base(s.tests))
	build := exec.Command("go", "test", "-c", "-o", client, s.tests)
	build.Dir, build.Stderr = filepath.Join(b.root, "tests/interop"), os.Stderr
	if err := build.Run(); err != nil {
		part.Fatalf("%v: %v", build.Args, err)
	}
	var rates, ratios []float64
	for range rounds {
		turn := exec.Command(client, "-test.run", "-", "-test.bench", "StockClient", "-test.benchtime", "1s", "-target", listens.Nodes[0].Addr)
		turn.Dir, turn.Stderr = filepath.Join(b.root, "tests/interop", s.tests), os.Stderr
		printed, err := turn.Output()
		nanos := map[string]float64{}
		for _, match := range stockClient.FindAllSubmatch(printed, -1) {
			nanos[string(match[1])], _ = strconv.ParseFloat(string(match[2]), 64)
		}
		if err != nil || nanos["ours"] == 0 || nanos["stock"] == 0 {
			part.Fatalf("%v: %v\n%s", turn.Args, err, printed)
		}
		rates = append(rates, 1e9/nanos["ours"])
		ratios = append(ratios, nanos["stock"]/nanos["ours"])
	}
	slices.Sort(rates)
	slices.Sort(ratios)
	return []figure{
		{"stock client through the bridge", rates[rounds/2], "1/s", "", s.does},
		{"of what it gets from a stock server", ratios[rounds/2], "ratio", s.target, s.against + ", the same client, in turn"},
	}
}
