package tshark

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"grapevine/protocols/kafka/batch"
)

// labRuns take each codec once, members that come, a crash, and losses.
var labRuns = []struct {
	run   string
	codec batch.Codec
}{
	{"queue/kafka records=10 linger=1s codec=none", batch.None},
	{"queue/kafka records=10 linger=1s codec=gzip", batch.Gzip},
	{"queue/kafka records=10 linger=1s codec=snappy", batch.Snappy},
	{"queue/kafka records=10 linger=1s codec=lz4", batch.LZ4},
	{"queue/kafka records=10 linger=1s codec=zstd", batch.Zstd},
	{"queue/kafka-groups assignor=cooperative-sticky", batch.None},
	{"queue/kafka-replicas faults=leader", batch.None},
	{"queue/idempotence loss=10%", batch.None},
}

// TestKafkaLabs: in the captures of labs, tshark finds the messages that we
// find. Our clients and brokers speak newer versions of most APIs than tshark
// 4.0 knows, whose bodies it must not be asked about; so they are said once more
// in older versions, and then it finds what the run's result says.
func TestKafkaLabs(t *testing.T) {
	for _, l := range labRuns {
		t.Run(l.run, func(t *testing.T) {
			t.Parallel()
			file, metrics := play(t, l.run)
			pairs, all := agree(t, file)
			inTurn(t, pairs)
			pairs, _ = agree(t, record(t, older(t, all)))
			answered, read := placed(pairs)
			if !maps.Equal(answered, read) {
				t.Errorf("tshark finds that these were answered: %v\nand these were read: %v", answered, read)
			}
			places := slices.Compact(slices.Sorted(maps.Values(read)))
			if n := float64(len(places)); n != metrics["acked"] || n != metrics["read"] {
				t.Errorf("tshark finds %v records; the run says that %v were acknowledged and %v read", n, metrics["acked"], metrics["read"])
			}
			generations := map[string]bool{}
			for _, p := range pairs {
				switch {
				case p.api.Name == "Produce" && p.byClient:
					if codec := p.find("kafka.batch_codec"); codec != strconv.Itoa(int(l.codec)) {
						t.Errorf("%v: tshark finds codec %s, expected %d", p, codec, l.codec)
					}
				case p.api.Name == "SyncGroup" && p.byClient:
					generations[p.find("kafka.generation_id")] = true
				}
			}
			if n := float64(len(generations)); n != metrics["rebalances"] {
				t.Errorf("tshark finds %v generations; the run says that there were %v", n, metrics["rebalances"])
			}
		})
	}
}

// inTurn fails unless the requests of each connection have ids that grow.
func inTurn(t *testing.T, pairs []*pair) {
	t.Helper()
	last := map[int]int64{}
	for _, p := range pairs {
		if id := integer(p.find("kafka.correlation_id")); p.byClient {
			if before, ok := last[p.stream]; ok && id <= before {
				t.Errorf("%v: tshark finds correlation id %d after %d", p, id, before)
			}
			last[p.stream] = id
		}
	}
}
