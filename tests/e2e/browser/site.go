package browser

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Root is the project's folder.
func Root(t T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("no working folder: %v", err)
	}
	for !exists(filepath.Join(dir, "build.sh")) {
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatalf("no build.sh in this folder or above it: run this inside the project")
		}
		dir = up
	}
	return dir
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// Built is the path of something that ./build.sh makes.
func Built(t T, name string) string {
	t.Helper()
	file := filepath.Join(Root(t), "build", name)
	if !exists(file) {
		t.Fatalf("build/%s is missing: run this through ./build.sh, which makes it first", name)
	}
	return file
}

// Serve serves build/site, as ./build.sh serve does, until t ends. It returns
// the address, which ends with a slash.
func Serve(t T) string {
	t.Helper()
	return ServeFolder(t, Built(t, "site"))
}

// ServeFolder is Serve for a site built elsewhere.
func ServeFolder(t T, dir string) string {
	t.Helper()
	edge := exec.Command(Built(t, "edge"), "-dir", dir, "-port", "0")
	out, err := edge.StdoutPipe()
	if err != nil {
		t.Fatalf("edge: %v", err)
	}
	if err := edge.Start(); err != nil {
		t.Fatalf("edge: %v", err)
	}
	t.Cleanup(func() {
		edge.Process.Signal(os.Interrupt)
		edge.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("edge did not say its address: %v", err)
	}
	return strings.TrimSpace(line)
}
