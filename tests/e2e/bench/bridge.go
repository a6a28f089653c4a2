package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"grapevine/tests/e2e/browser"
)

// The lab that is bridged, without delays: what remains is the protocol.
var bridgedLab = []string{"rpc/grpc", "servers=1", "delay=0s", "work=0s", "read=0s"}

// One of the lines of tests/interop's BenchmarkStockClient.
var stockClient = regexp.MustCompile(`(?m)^BenchmarkStockClient/(ours|stock)\S*\s+\d+\s+(\S+) ns/op`)

// bridged lets the stock gRPC client call a virtual server through the bridge,
// and a stock server, in turn.
func bridged(b *bench) []figure {
	part := &browser.Program{Name: "bridge"}
	defer part.Close()
	bridge := exec.Command(browser.Built(part, "engine"), append([]string{"bridge", "-json"}, bridgedLab...)...)
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
	client := exec.Command("go", "test", "./grpcgo", "-run", "-", "-bench", "StockClient", "-benchtime", "3s", "-target", listens.Nodes[0].Addr)
	client.Dir, client.Stderr = filepath.Join(b.root, "tests/interop"), os.Stderr
	printed, err := client.Output()
	nanos := map[string]float64{}
	for _, match := range stockClient.FindAllSubmatch(printed, -1) {
		nanos[string(match[1])], _ = strconv.ParseFloat(string(match[2]), 64)
	}
	ours, stock := nanos["ours"], nanos["stock"]
	if err != nil || ours == 0 || stock == 0 {
		part.Fatalf("%v: %v\n%s", client.Args, err, printed)
	}
	return []figure{
		{"stock client through the bridge", 1e9 / ours, "1/s", "", "grpc-go, unary, ten at a time, over loopback TCP; rpc/grpc without delays"},
		{"of its calls to a stock server", stock / ours, "ratio", ">= 0.5", "grpc-go's own server, the same client, right after"},
	}
}
