package bridge

import (
	"testing"

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
