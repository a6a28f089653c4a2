package client

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
)

// What waits behind a call that has waited too long for its connection fails
// with it: a leader that has never heard of the producer takes whatever number
// comes first.
func TestNothingOvertakesWhatCouldNotBeSent(t *testing.T) {
	s := newSenderOf(t, newFake(t, Config{RequestTimeoutMicros: 1_000_000}), ProducerConfig{Acks: AcksAll, Idempotent: true})
	s.send(1, 1)
	s.settle()
	var sequences []int32
	check := sequenced()
	s.answers[0] = func(a *asked) kmsg.Response {
		h, _, _ := batch.Peek(a.body.(*kmsg.ProduceRequest).Topics[0].Partitions[0].Records)
		sequences = append(sequences, h.BaseSequence)
		return check(a)
	}
	s.delay = 600_000 // to dial and to agree on versions takes 1.2 s
	s.send(0, 1)
	s.run(s.now + 500_000)
	s.send(0, 1)
	s.settle()
	if !slices.Equal(sequences, []int32{0, 1}) || s.values(0) != "1 2" {
		t.Errorf("numbers %v came, and the log has %q", sequences, s.values(0))
	}
}
