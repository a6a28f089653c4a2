package tshark

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"grapevine/tests/interop/bridge"
)

// capture plays a run and returns the file with its packets.
func capture(t *testing.T, run string) (file string) {
	t.Helper()
	file, _ = play(t, run)
	return file
}

// play returns what was measured in the run, too.
func play(t *testing.T, run string) (file string, metrics map[string]float64) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "run.pcapng")
	play := exec.Command(bridge.Engine(t), append([]string{"run", "-json", "-pcap", file}, strings.Fields(run)...)...)
	var problems strings.Builder
	play.Stderr = &problems
	out, err := play.Output()
	if err != nil {
		t.Fatalf("run %s: %v\n%s%s", run, err, out, &problems)
	}
	var report struct{ Metrics map[string]float64 }
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	return file, report.Metrics
}

// lines returns what tshark says of a capture's packets, a line each.
func lines(t *testing.T, file, flags string) []string {
	t.Helper()
	read := exec.Command("tshark", append([]string{"-r", file, "-T", "fields", "-E", "separator=|"}, strings.Fields(flags)...)...)
	var complaints strings.Builder
	read.Stderr = &complaints
	out, err := read.Output()
	if err != nil {
		t.Fatalf("%v: %v (on Debian ./build.sh test installs tshark)\n%s", read.Args, err, &complaints)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// whole fails unless all packets are well-formed, with checksums that come out right.
func whole(t *testing.T, file, flags string) {
	t.Helper()
	without(t, file, wrongSum+"||_ws.malformed||_ws.expert.severity==error "+flags)
}

const wrongSum = "tcp.checksum.status==0||udp.checksum.status==0"

// without fails if there are packets of the kind.
func without(t *testing.T, file, kind string) {
	t.Helper()
	if bad := lines(t, file, "-o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -e frame.number -e _ws.col.Info -Y "+kind); len(bad) > 0 {
		t.Errorf("%d packets are broken, the first: %s", len(bad), bad[0])
	}
}

// TestGRPC: tshark finds the calls that were made, with methods and statuses.
func TestGRPC(t *testing.T) {
	const asHTTP2 = " -d tcp.port==50051,http2"
	file := capture(t, "rpc/grpc kind=unary clients=1 servers=1 tasks=1 calls=20")
	whole(t, file, asHTTP2)
	if calls := lines(t, file, "-e http2.headers.path -Y http2.headers.path"+asHTTP2); !slices.Equal(calls, slices.Repeat([]string{"/grapevine.shop.v1.Shop/Price"}, 20)) {
		t.Errorf("tshark finds calls of %q, expected 20 of Shop/Price", calls)
	}
	ends := lines(t, file, "-e http2.header.value -Y http2.header.name==grpc-status"+asHTTP2)
	if len(ends) != 20 || slices.ContainsFunc(ends, func(values string) bool { return !strings.HasSuffix(values, ",0") }) {
		t.Errorf("tshark finds the header fields %q, expected 20 times the status 0 at the end", ends)
	}
}

// TestRetransmission: what a lost segment makes of a stream looks to tshark as
// it does in life.
func TestRetransmission(t *testing.T) {
	file := capture(t, "rpc/call transport=stream loss=20%")
	whole(t, file, "")
	if again := lines(t, file, "-e frame.number -Y tcp.analysis.retransmission"); len(again) == 0 {
		t.Error("tshark sees no segment sent again, though every fifth is lost")
	}
}

// TestDatagrams: what is on no stream is UDP, to a port by its kind.
func TestDatagrams(t *testing.T) {
	file := capture(t, "gossip/rumor n=20")
	whole(t, file, "")
	all := lines(t, file, "-e ip.proto -e udp.dstport")
	if len(all) == 0 {
		t.Error("tshark sees no packets")
	}
	for _, line := range all {
		if !strings.HasPrefix(line, "17|10") {
			t.Fatalf("tshark finds a packet of protocol and port %q, expected UDP to a port a little above 1024", line)
		}
	}
}
