package grpcgo

import (
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"grapevine/protocols/grpc"
)

// RunInteropClient plays gRPC's interoperability tests, with the stock client,
// against a server that has the TestService. All cases must pass.
func RunInteropClient(t *testing.T, addr string) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	client := tool(t, "client")
	passed := 0
	for _, c := range Cases {
		out, err := exec.Command(client, "-server_host", host, "-server_port", port, "-test_case", c.Name, "-soak_iterations", "10").CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", c.Name, err, out)
			continue
		}
		passed++
	}
	t.Logf("stock interop client: %d of %d", passed, len(Cases))
}

// RunInteropServer plays the same tests with our client against any server.
func RunInteropServer(t *testing.T, addr string) {
	passed := 0
	for _, c := range Cases {
		client, err := Dial(addr, grpc.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Play(addr, client); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		} else {
			passed++
		}
		client.Close()
	}
	t.Logf("our interop client: %d of %d", passed, len(Cases))
}

// tools are the paths of those that were asked for: finding one takes a second.
var tools sync.Map

// tool returns the path of a program that go.mod names.
func tool(t testing.TB, name string) string {
	t.Helper()
	if path, ok := tools.Load(name); ok {
		return path.(string)
	}
	out, err := exec.Command("go", "tool", "-n", name).Output()
	if err != nil {
		t.Fatalf("go tool -n %s: %v", name, err)
	}
	path := strings.TrimSpace(string(out))
	tools.Store(name, path)
	return path
}
