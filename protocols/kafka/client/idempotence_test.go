package client

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
)

// sequenced is a broker that checks sequence numbers, as a leader does.
func sequenced() func(*asked) kmsg.Response {
	type state struct {
		id    int64
		epoch int16
		next  int32
	}
	states := map[TopicPartition]*state{}
	return func(a *asked) kmsg.Response {
		return eachProduced(a, func(topic string, p *kmsg.ProduceRequestTopicPartition, to *kmsg.ProduceResponseTopicPartition) {
			h, _, _ := batch.Peek(p.Records)
			tp := TopicPartition{topic, p.Partition}
			s := states[tp]
			if s == nil {
				s = &state{h.ProducerID, h.ProducerEpoch, 0}
				states[tp] = s
			}
			if s.id != h.ProducerID || s.epoch < h.ProducerEpoch {
				if h.BaseSequence != 0 {
					to.ErrorCode = kerr.OutOfOrderSequenceNumber.Code
					return
				}
				*s = state{h.ProducerID, h.ProducerEpoch, 0}
			}
			switch {
			case h.ProducerID < 0:
				to.BaseOffset = a.f.log(topic, p.Partition).append(p.Records, 1)
			case h.ProducerEpoch < s.epoch:
				to.ErrorCode = kerr.InvalidProducerEpoch.Code
			case h.BaseSequence < s.next:
				to.ErrorCode = kerr.DuplicateSequenceNumber.Code
			case h.BaseSequence > s.next:
				to.ErrorCode = kerr.OutOfOrderSequenceNumber.Code
			default:
				s.next = batch.AddSequence(h.BaseSequence, h.LastOffsetDelta+1)
				_, epoch := a.f.leader(topic, p.Partition)
				to.BaseOffset = a.f.log(topic, p.Partition).append(p.Records, epoch)
			}
		})
	}
}

// Whatever is refused, lost or answered late: an idempotent producer's records
// are there once, and in order.
func TestIdempotentOnceAndInOrder(t *testing.T) {
	for seed := range uint64(60) {
		s := newSender(t, ProducerConfig{Acks: AcksAll, Idempotent: true, LingerMicros: int64(seed%3) * 1000})
		luck := s.luck
		for range seed {
			luck.Below(2)
		}
		s.pieces = int(seed % 7 * 10)
		check := sequenced()
		s.answers[0] = func(a *asked) kmsg.Response {
			switch luck.Below(6) {
			case 0: // not written
				return eachProduced(a, func(_ string, _ *kmsg.ProduceRequestTopicPartition, to *kmsg.ProduceResponseTopicPartition) {
					to.ErrorCode = kerr.NotEnoughReplicas.Code
				})
			case 1: // written, but the answer gets lost with the connection
				check(a)
				a.f.end(a.node)
				return nil
			}
			return check(a)
		}
		for range 20 {
			s.send(int32(luck.Below(2)), 5)
			s.run(s.now + int64(luck.Below(3000)))
		}
		s.settle()
		var all []string
		for p := range int32(2) {
			values := strings.Fields(s.values(p))
			if !slices.IsSortedFunc(values, func(a, b string) int { return len(a)*100 + strings.Compare(a, b) - len(b)*100 }) {
				t.Fatalf("seed %d: out of order: %v", seed, values)
			}
			all = append(all, values...)
		}
		if len(all) != 100 || len(s.acked) != 100 {
			t.Fatalf("seed %d: %d records written, %d acked, %d failed", seed, len(all), len(s.acked), len(s.failed))
		}
	}
}

// A leader that forgot the producer gets a new epoch, and the batches again
// from 0 (KIP-360).
func TestNewEpochAfterALeaderForgot(t *testing.T) {
	for _, forgot := range []*kerr.Error{kerr.UnknownProducerID, kerr.OutOfOrderSequenceNumber} {
		s := newSender(t, ProducerConfig{Acks: AcksAll, Idempotent: true})
		s.send(0, 3)
		s.settle()
		s.answers[0] = forgetful(forgot)
		s.send(0, 4)
		s.send(1, 4)
		s.settle()
		if got := s.values(0); got != numbers(7) {
			t.Errorf("%v: %s", forgot, got)
		}
		if s.p.identity.epoch != 1 || s.requests[22] != 1 {
			t.Errorf("%v: epoch %d after %d requests for an ID", forgot, s.p.identity.epoch, s.requests[22])
		}
	}
}

// forgetful is a leader that knows nothing of the producer: numbers begin at 0.
func forgetful(forgot *kerr.Error) func(*asked) kmsg.Response {
	strict := sequenced()
	return func(a *asked) kmsg.Response {
		resp := strict(a).(*kmsg.ProduceResponse)
		for i := range resp.Topics {
			for j := range resp.Topics[i].Partitions {
				if p := &resp.Topics[i].Partitions[j]; p.ErrorCode == kerr.OutOfOrderSequenceNumber.Code {
					p.ErrorCode = forgot.Code
				}
			}
		}
		return resp
	}
}

func TestEpochsRunOut(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll, Idempotent: true})
	s.send(0, 1)
	s.settle()
	s.p.identity.epoch = 32767
	s.send(0, 1)
	s.settle()
	s.answers[0] = forgetful(kerr.UnknownProducerID)
	s.send(0, 2)
	s.settle()
	if s.p.identity.id != 1002 || s.p.identity.epoch != 0 || s.values(0) != numbers(4) {
		t.Errorf("%+v, %s", s.p.identity, s.values(0))
	}
}
