package kafkaclient

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kversion"

	"grapevine/protocols/kafka/client"
)

// What Kafka 1.0 and each later one offers is enough for all that we do.
func TestOldBrokers(t *testing.T) {
	for name, v := range map[string]*kversion.Versions{
		"1.0": kversion.V1_0_0(), "1.1": kversion.V1_1_0(), "2.0": kversion.V2_0_0(), "2.1": kversion.V2_1_0(), "2.2": kversion.V2_2_0(),
		"2.3": kversion.V2_3_0(), "2.4": kversion.V2_4_0(), "2.5": kversion.V2_5_0(), "2.6": kversion.V2_6_0(), "2.7": kversion.V2_7_0(),
		"2.8": kversion.V2_8_0(), "3.0": kversion.V3_0_0(), "3.3": kversion.V3_3_0(), "3.7": kversion.V3_7_0(), "4.0": kversion.V4_0_0(),
	} {
		t.Run(name, func(t *testing.T) {
			addrs := cluster(t, kfake.MaxVersions(v)).ListenAddrs()
			s := transactional(t, addrs, "x")
			for round := range 3 {
				s.must(t, s.p.Begin)
				s.send(t, round*10, round*10+10)
				within(t, s.d, "acknowledged", func() bool { return s.p.Pending() == 0 })
				if round == 1 {
					s.must(t, s.p.Abort)
					within(t, s.d, "aborted", s.had(client.TxnAborted))
				} else {
					s.must(t, s.p.Commit)
					within(t, s.d, "committed", s.had(client.TxnCommitted))
				}
			}
			g := consumer(t, addrs, client.ConsumerConfig{Group: "g", Topics: []string{"t"}, Reset: client.ResetEarliest, ReadCommitted: true, AutoCommitMicros: 10_000})
			within(t, g.d, "the committed ones", func() bool { return g.count() >= 20 })
			within(t, g.d, "offsets committed", func() bool {
				for _, p := range g.k.Positions() {
					if p.Committed != p.Offset {
						return false
					}
				}
				return true
			})
			if len(g.values) != 20 || g.values["v15"] != 0 {
				t.Error(g.values)
			}
		})
	}
}
