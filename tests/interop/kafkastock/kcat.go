package kafkastock

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// kcat runs Debian's kcat and returns what it printed.
func kcat(t *testing.T, input string, args ...string) string {
	t.Helper()
	out, _ := kcatSays(t, input, args...)
	return out
}

// kcatSays is kcat, and returns also what librdkafka had to say.
func kcatSays(t *testing.T, input string, args ...string) (out, log string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	run := exec.CommandContext(ctx, "kcat", args...)
	run.Stdin = strings.NewReader(input)
	var printed, said strings.Builder
	run.Stdout, run.Stderr = &printed, &said
	if err := run.Run(); err != nil {
		t.Fatalf("kcat %v: %v\n%s%s", args, err, &printed, &said)
	}
	return printed.String(), said.String()
}

// RunKcat tries kcat's modes: list, produce, consume, query, group.
func RunKcat(t *testing.T, brokers []string) {
	at := strings.Join(brokers, ",")
	topic := Topic(t, brokers, 2, int16(len(brokers)), nil)
	list := kcat(t, "", "-b", brokers[0], "-L")
	for _, b := range brokers {
		if !strings.Contains(list, "at "+b) {
			t.Errorf("-L does not list %s:\n%s", b, list)
		}
	}
	if !strings.Contains(list, fmt.Sprintf("topic %q with 2 partitions", topic)) {
		t.Errorf("-L does not list %s:\n%s", topic, list)
	}
	var lines []string
	for i := range 500 {
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	slices.Sort(lines)
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			topic := Topic(t, brokers, 2, int16(len(brokers)), nil)
			_, log := kcatSays(t, strings.Join(lines, "\n")+"\n", "-b", at, "-P", "-t", topic, "-z", codec, "-X", "debug=msg")
			if codec != "none" && !strings.Contains(log, ", "+codec+")") {
				t.Errorf("librdkafka did not compress by %s:\n%s", codec, log)
			}
			got := strings.Fields(strings.ReplaceAll(kcat(t, "", "-b", at, "-C", "-t", topic, "-o", "beginning", "-e", "-q"), "line ", "line_"))
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], "_", " ")
			}
			if slices.Sort(got); !slices.Equal(got, lines) {
				t.Errorf("%d lines went in, %d came out", len(lines), len(got))
			}
		})
	}
	kcat(t, "a\nb\nc\n", "-b", at, "-P", "-t", topic, "-p", "0", "-X", "acks=all", "-X", "enable.idempotence=true")
	if got := kcat(t, "", "-b", at, "-Q", "-t", topic+":0:-1"); !strings.Contains(got, "offset 3") {
		t.Errorf("-Q: %s", got)
	}
	// A group reads and commits; a second one with its name begins behind it.
	group := "g-" + topic
	if got := readGroup(t, at, group, topic, 3); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("the group read %v", got)
	}
	kcat(t, "d\n", "-b", at, "-P", "-t", topic, "-p", "0")
	if got := readGroup(t, at, group, topic, 1); !slices.Equal(got, []string{"d"}) {
		t.Errorf("the group, begun anew, read %v", got)
	}
}

// readGroup lets kcat be a group until n lines came, and ends it well.
func readGroup(t *testing.T, at, group, topic string, n int) []string {
	t.Helper()
	out := kcat(t, "", "-b", at, "-G", group, "-c", fmt.Sprint(n), "-q", "-X", "auto.offset.reset=earliest", "-X", "session.timeout.ms=6000", topic)
	return strings.Fields(out)
}

// Until calls try again and again until it returns true.
func Until(t *testing.T, what string, try func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !try(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}
