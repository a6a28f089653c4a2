package h2spec

import (
	"net"
	"os/exec"
	"regexp"
	"testing"
)

// RunSuite runs h2spec against a server that answers a GET of path with 200 and
// a body, and fails unless every case passes. Each of them runs, none is skipped.
func RunSuite(t testing.TB, addr, path string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "tool", "h2spec", "-h", host, "-p", port, "-P", path, "-o", "2").CombinedOutput()
	sum := regexp.MustCompile(`(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed`).FindSubmatch(out)
	if err != nil || sum == nil || string(sum[1]) != "145" || string(sum[2]) != "145" {
		t.Fatalf("h2spec: %v; expected 145 of 145 cases to pass\n%s", err, out)
	}
	t.Logf("h2spec: %s", sum[0])
}
