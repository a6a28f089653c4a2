package bridge

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// Engine returns the path of the headless engine, which it builds once.
func Engine(t *testing.T) string {
	t.Helper()
	path, err := engine()
	if err != nil {
		t.Fatalf("go build ./wasm/engine: %v", err)
	}
	return path
}

var engine = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs("../../../build/interop-engine")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", path, "./wasm/engine")
	build.Dir = "../../.."
	build.Stderr = os.Stderr
	return path, build.Run()
})

// Play bridges a lab until the test ends, and returns the addresses of its
// nodes. The bridge must then end well.
func Play(t *testing.T, args ...string) (addrs []string) {
	t.Helper()
	run := exec.Command(Engine(t), append([]string{"bridge", "-json"}, args...)...)
	run.Stderr = t.Output()
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		run.Process.Signal(syscall.SIGTERM)
		if err := run.Wait(); err != nil {
			t.Errorf("bridge %v: %v", args, err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var told struct{ Nodes []struct{ Node, Addr string } }
	if err == nil {
		err = json.Unmarshal(line, &told)
	}
	if err != nil || len(told.Nodes) == 0 {
		t.Fatalf("bridge %v: expected a line with the nodes' addresses, got %q, %v", args, line, err)
	}
	for _, n := range told.Nodes {
		addrs = append(addrs, n.Addr)
	}
	return addrs
}
