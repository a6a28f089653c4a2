package broker_test

import (
	"testing"

	"grapevine/protocols/kafka/kafkatest"
)

// A pause before the next dial is no time that an answer takes: however long it
// has become, a broker registers once it can.
func TestPausesDoNotTimeOut(t *testing.T) {
	s := quick
	s.SessionMicros, s.RequestMicros = 2*second, 2*second
	c := start(t, kafkatest.Config{Brokers: 2, Voters: 1, Seed: 1, Settings: s, DelayMicros: 100_000})
	c.Cut(0, 1)
	c.Run(20 * second)
	c.Heal()
	if !c.Until(c.Now+10*second, c.Ready) {
		t.Error("a broker did not come back")
	}
}
