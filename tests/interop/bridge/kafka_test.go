package bridge

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"grapevine/tests/interop/kafkastock"
)

// Three brokers of the lab queue/kafka-replicas, without delays and without
// work of their own.
var brokers = []string{"queue/kafka-replicas", "brokers=3", "faults=none", "records=1", "delay=0s"}

// TestKafka: the virtual brokers are a Kafka cluster to those who know nothing
// of us.
func TestKafka(t *testing.T) {
	addrs := Play(t, brokers...)
	if len(addrs) != 3 {
		t.Fatalf("%d addresses for 3 brokers", len(addrs))
	}
	t.Run("kcat", func(t *testing.T) { kafkastock.RunKcat(t, addrs) })
	t.Run("franz-go", func(t *testing.T) { kafkastock.RunFranz(t, addrs) })
}

// TestKafkaSuite: franz-go's own tests pass.
func TestKafkaSuite(t *testing.T) {
	kafkastock.RunSuite(t, Play(t, brokers...))
}

// Each broker crashes once, while the others live.
const crashes = `
2s crash broker/0
7s restart broker/0
11s crash broker/1
15s restart broker/1
19s crash broker/2
23s restart broker/2
`

// TestKafkaCrashes: stock clients go on through crashes that the script orders,
// and nothing that was acknowledged by all is lost.
func TestKafkaCrashes(t *testing.T) {
	script := filepath.Join(t.TempDir(), "crashes.txt")
	if err := os.WriteFile(script, []byte(crashes), 0o644); err != nil {
		t.Fatal(err)
	}
	addrs := Play(t, append(brokers, "-script", script)...)
	t.Run("at once", func(t *testing.T) {
		t.Run("franz-go", func(t *testing.T) { t.Parallel(); kafkastock.RunThroughCrash(t, addrs, 24*time.Second) })
		t.Run("kcat", func(t *testing.T) { t.Parallel(); kafkastock.RunKcatThroughCrash(t, addrs, 24*time.Second) })
	})
}
