package client

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// What a lab shows of a producer: which batches are under way, with which
// numbers, and how often they were sent.
func TestBatchesUnderWay(t *testing.T) {
	s := newSenderOf(t, newFake(t, Config{RequestTimeoutMicros: 2_000_000}), ProducerConfig{Acks: AcksAll, Idempotent: true, MaxInFlight: 1})
	if id, epoch := s.p.Identity(); id != -1 || epoch != -1 {
		t.Errorf("producer %d, epoch %d before anything was asked", id, epoch)
	}
	check := sequenced()
	s.answers[0] = check
	s.send(0, 1)
	s.settle()
	s.answers[0] = func(a *asked) kmsg.Response { check(a); return nil } // written, and the answer is lost
	s.send(0, 3)
	s.run(s.now + 1_000_000)
	said := func() (text string) {
		for _, b := range s.p.Batches() {
			text += fmt.Sprintf("%s-%d %v at %d, sent %d times, on wire %v; ", b.Topic, b.Partition, b.IDs, b.Sequence, b.Attempts, b.OnWire)
		}
		return text
	}
	if got := said(); got != "t-0 [1] at 1, sent 1 times, on wire true; t-0 [2 3] at -1, sent 0 times, on wire false; " {
		t.Error(got)
	}
	s.run(s.now + 2_000_000)
	if got := said(); got != "t-0 [1] at 1, sent 2 times, on wire true; t-0 [2 3] at -1, sent 0 times, on wire false; " {
		t.Error(got)
	}
	if id, epoch := s.p.Identity(); id < 0 || epoch < 0 {
		t.Errorf("producer %d, epoch %d", id, epoch)
	}
	s.answers[0] = check
	s.settle()
	if got := said(); got != "" {
		t.Error(got)
	}
}
