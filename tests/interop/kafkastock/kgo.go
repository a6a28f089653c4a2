package kafkastock

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// suiteLimit is how long franz-go's own tests may take.
const suiteLimit = 6 * time.Minute

// source is where the tests' own source lies.
func source(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/twmb/franz-go/pkg/kgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(dir))
}

// RunSuite lets franz-go's own client tests loose on the brokers: those of the
// very version that go.mod names. left are those that cannot pass.
func RunSuite(t *testing.T, brokers []string, left ...string) {
	dir, err := filepath.Abs("../../../build")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "interop-kgo.test")
	build := exec.Command("go", "test", "-c", "-o", program, "github.com/twmb/franz-go/pkg/kgo")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, stop := context.WithTimeout(context.Background(), suiteLimit)
	defer stop()
	args := []string{"-test.v", "-test.parallel=8", "-test.timeout=" + suiteLimit.String()}
	if len(left) > 0 {
		args = append(args, "-test.skip=^("+strings.Join(left, "|")+")$")
	}
	run := exec.CommandContext(ctx, program, args...)
	run.Dir = source(t) // one of them reads its own source
	run.Env = append(os.Environ(), "KGO_SEEDS="+strings.Join(brokers, ","), "KGO_TEST_RF=1", "KGO_TEST_RECORDS=500", "KGO_TEST_MAX_TOPIC_PARTS=3", "KGO_LOG_LEVEL=none")
	out, err := run.CombinedOutput()
	passed, failed, skipped := 0, 0, 0
	for line := range strings.Lines(string(out)) {
		switch {
		case strings.HasPrefix(line, "--- PASS"):
			passed++
		case strings.HasPrefix(line, "--- SKIP"):
			skipped++
			t.Log(strings.TrimSpace(line))
		case strings.HasPrefix(line, "--- FAIL"):
			failed++
			t.Error(strings.TrimSpace(line))
		}
	}
	t.Logf("franz-go's own tests: %d passed, %d skipped, %d failed", passed, skipped, failed)
	if err != nil && failed == 0 {
		t.Errorf("%v\n%s", err, out[max(0, len(out)-4000):])
	}
}
