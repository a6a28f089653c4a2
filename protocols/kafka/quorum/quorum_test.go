package quorum

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/wire"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// elected is a world of so many voters that have agreed on a leader.
func elected(t *testing.T, voters, observers int) (*world, *member) {
	w := newWorld(t, 1, voters, observers)
	w.Run(10_000_000)
	m := w.leader()
	if m == nil {
		t.Fatal("no leader after 10 s")
	}
	return w, m
}

func TestFirstElection(t *testing.T) {
	w, m := elected(t, 3, 2)
	if _, epoch := m.node.Leader(); epoch != 1 {
		t.Errorf("epoch %d: pre-votes should keep it to 1", epoch)
	}
	w.propose()
	w.Run(w.Now + 100_000)
	for _, m := range w.nodes {
		if m.next != 2 { // the LeaderChange and the value
			t.Errorf("node %d knows %d batches 100 ms later", m.id, m.next)
		}
	}
}

// A follower that was cut off comes back without disturbing anybody: its
// pre-votes have cost no epoch (KIP-996).
func TestPreVote(t *testing.T) {
	w, m := elected(t, 3, 0)
	_, before := m.node.Leader()
	lone := w.nodes[m.id%3]
	for _, o := range w.nodes {
		w.cut[[2]int32{lone.id, o.id}], w.cut[[2]int32{o.id, lone.id}] = true, true
	}
	w.Run(w.Now + 30_000_000)
	if s := lone.node.State(); s != Prospective {
		t.Errorf("cut off for 30 s, it is %v", s)
	}
	clear(w.cut)
	w.Run(w.Now + 10_000_000)
	if leader, epoch := m.node.Leader(); leader != m.id || epoch != before {
		t.Errorf("leader %d, epoch %d, were %d, %d", leader, epoch, m.id, before)
	}
	if w.leader() != m {
		t.Error("not all follow the leader again")
	}
}

// A leader that a majority does not fetch from resigns; the others elect another.
func TestCheckQuorum(t *testing.T) {
	w, m := elected(t, 3, 0)
	for _, o := range w.nodes {
		w.cut[[2]int32{m.id, o.id}], w.cut[[2]int32{o.id, m.id}] = true, true
	}
	w.Run(w.Now + 4_000_000)
	if s := m.node.State(); s == Leader {
		t.Error("it still leads after 4 s alone")
	}
	if _, err := m.node.Propose(w.Now, [][]byte{{1}}); err != kerr.NotLeaderForPartition {
		t.Errorf("Propose: %v", err)
	}
	w.Run(w.Now + 4_000_000)
	if len(w.leaders) != 2 {
		t.Errorf("leaders %v", w.leaders)
	}
	w.settles()
}

// A leader that resigns is followed at once, by one who has all.
func TestResign(t *testing.T) {
	w, m := elected(t, 3, 0)
	w.propose()
	w.Run(w.Now + 500_000)
	m.node.Resign(w.Now)
	w.drain(m)
	w.Run(w.Now + 500_000)
	if l := w.leader(); l == nil || l == m {
		t.Error("no other leader half a second later")
	}
}

// A leader that crashes and restarts at once does not make the others wait.
func TestRestart(t *testing.T) {
	w, m := elected(t, 3, 0)
	w.crash(m)
	w.start(m, 3)
	w.Run(w.Now + 1_500_000)
	if w.leader() == nil {
		t.Error("no leader 1.5 s later")
	}
}

func TestDescribe(t *testing.T) {
	w, m := elected(t, 3, 1)
	r := kmsg.NewPtrDescribeQuorumRequest()
	r.Version = 1
	r.Topics = []kmsg.DescribeQuorumRequestTopic{{Topic: Topic, Partitions: []kmsg.DescribeQuorumRequestTopicPartition{{}}}}
	ask := func(n *Node) *kmsg.DescribeQuorumResponseTopicPartition {
		n.Handle(w.Now, 7, r)
		for e, ok := n.Poll(); ok; e, ok = n.Poll() {
			if e.Kind == Reply && e.Token == 7 {
				return &e.Response.(*kmsg.DescribeQuorumResponse).Topics[0].Partitions[0]
			}
		}
		return nil
	}
	p := ask(m.node)
	if p == nil || p.LeaderID != m.id || len(p.CurrentVoters) != 3 || len(p.Observers) != 1 || p.HighWatermark != m.node.HighWatermark() {
		t.Fatalf("%+v", p)
	}
	for _, v := range append(p.CurrentVoters, p.Observers...) {
		if v.LogEndOffset != m.node.End() || v.LastCaughtUpTimestamp <= 0 {
			t.Errorf("%+v", v)
		}
	}
	if p := ask(w.nodes[m.id%3].node); p.ErrorCode != kerr.NotLeaderForPartition.Code {
		t.Errorf("a follower says %+v", p)
	}
}

// The tail reads as a list of batches does.
func TestTail(t *testing.T) {
	luck := prototest.NewRand(1)
	var tl tail
	tl.reset(0)
	var all [][]byte // the twin
	var firsts []int64
	end := int64(0)
	for i := range 4000 {
		if luck.Below(20) == 0 && len(all) > 0 {
			cut := len(all) - 1 - luck.Below(min(len(all), 5))
			end = firsts[cut]
			all, firsts = all[:cut], firsts[:cut]
			tl.truncate(end)
		}
		var b batch.Builder
		n := 1 + luck.Below(4)
		for range n {
			b.Add(0, nil, make([]byte, luck.Below(300)), nil)
		}
		bytes_ := b.Append(nil, batch.NoProducer)
		batch.SetOffset(bytes_, end, int32(i))
		tl.add(bytes_)
		all, firsts = append(all, bytes_), append(firsts, end)
		end += int64(n)

		from := luck.Below(len(all))
		to := int64(luck.Below(int(end) + 1))
		got, ok := tl.read(firsts[from], to, 2000)
		if !ok {
			if firsts[from] >= tl.start {
				t.Fatalf("nothing from %d, it starts at %d", firsts[from], tl.start)
			}
			continue
		}
		var want []byte
		for j := from; j < len(all); j++ {
			next := end
			if j+1 < len(all) {
				next = firsts[j+1]
			}
			if next > to || len(want) > 0 && len(want)+len(all[j]) > 2000 {
				break
			}
			want = append(want, all[j]...)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("step %d: read from %d to %d: %d bytes, want %d", i, firsts[from], to, len(got), len(want))
		}
		if len(tl.b) > 3*maxTailBytes {
			t.Fatalf("the tail has %d bytes", len(tl.b))
		}
	}
}

// Each state makes every move or stays, and nobody but a candidate wins.
func TestTransitions(t *testing.T) {
	for s := range states {
		if transitions[s][newEpoch] != Unattached || transitions[s][foundHead] != Follower {
			t.Errorf("%v does not obey a later epoch", s)
		}
		if (transitions[s][win] == Leader) != (s == Candidate) || (transitions[s][preWin] == Candidate) != (s == Prospective) {
			t.Errorf("%v wins", s)
		}
	}
}

// A damaged state file is an error, not a forgotten vote.
func TestStateFile(t *testing.T) {
	w, m := elected(t, 1, 0)
	b := m.disk.Contents(stateFile)
	for i := range b {
		bad := log.NewMemory()
		damaged := bytes.Clone(b)
		damaged[i] ^= 1
		bad.Put(stateFile, damaged)
		if _, err := New(w.Now, w.config(1, 1), bad); err == nil {
			t.Errorf("byte %d is wrong, and that is fine", i)
		}
	}
}

// Whatever comes in, a node answers each request once and does not panic.
func FuzzHandle(f *testing.F) {
	n := fuzzNode(3)
	n.found(1, 2)
	n.settle()
	fetch, _ := n.Poll()
	for e := fetch; e.Kind != 0; e, _ = n.Poll() {
		fetch = e // the last
	}
	for _, r := range []kmsg.Request{n.voteRequest(2), n.beginRequest(2), n.endRequest(), kmsg.NewPtrDescribeQuorumRequest(), fetch.Request} {
		f.Add(uint8(r.Key()), r.GetVersion(), r.AppendTo(nil), uint16(3))
	}
	f.Fuzz(func(t *testing.T, key uint8, version int16, b []byte, steps uint16) {
		for _, voters := range []int{1, 3} {
			n := fuzzNode(voters)
			api := wire.Find(int16(key))
			if api == nil || version < api.Min || version > api.Max {
				return
			}
			answers := 0
			for step := range 1 + int64(steps%64) {
				frame := wire.AppendRequest(nil, 0, "", api.New())[4:12] // key, version, correlation
				binary.BigEndian.PutUint16(frame[2:], uint16(version))
				in, err := wire.ParseRequest(append(append(frame, 0xff, 0xff, 0), b...)) // no client, no tags
				if err != nil {
					return
				}
				r := in.Body
				switch r.(type) {
				case *kmsg.VoteRequest, *kmsg.BeginQuorumEpochRequest, *kmsg.EndQuorumEpochRequest, *kmsg.FetchRequest, *kmsg.DescribeQuorumRequest:
				default:
					return
				}
				now := step * 700_000
				n.Tick(now)
				n.Handle(now, uint64(step), r)
				given := 0
				for e, ok := n.Poll(); ok; e, ok = n.Poll() {
					switch e.Kind {
					case Request: // its answer may be anything too
						_, resp, err := wire.ParseResponse(append([]byte{0, 0, 0, 0, 0}, b...), e.Request)
						if given++; given < 20 && err == nil {
							n.Received(now, e.ID, resp)
						}
					case Reply:
						answers++
						e.Response.AppendTo(nil)
					}
				}
			}
			n.Tick(1 << 40)
			for e, ok := n.Poll(); ok; e, ok = n.Poll() {
				if e.Kind == Reply {
					answers++
				}
			}
			if want := 1 + int(steps%64); answers != want {
				t.Fatalf("%d answers to %d requests", answers, want)
			}
		}
	})
}

func fuzzNode(voters int) *Node {
	c := Config{Self: 1, ClusterID: "c", Rand: func() uint64 { return 5 }}
	for i := range voters {
		c.Voters = append(c.Voters, int32(i+1))
	}
	n, err := New(0, c, log.NewMemory())
	if err != nil {
		panic(err)
	}
	return n
}

// Whatever a leader sends, a follower takes only what continues its log.
func FuzzFetched(f *testing.F) {
	one := func(base int64, epoch int32, values ...string) []byte {
		var b batch.Builder
		for _, v := range values {
			b.Add(0, nil, []byte(v), nil)
		}
		out := b.Append(nil, batch.NoProducer)
		batch.SetOffset(out, base, epoch)
		return out
	}
	f.Add(one(0, 1, "a", "b"), one(2, 1, "c"), int64(2), int32(-1), int64(-1))
	f.Add(one(0, 1, "a", "b"), one(1, 1, "c"), int64(9), int32(1), int64(1))
	f.Add(append(one(0, 1, "a"), one(1, 2, "b")...), []byte{1}, int64(1), int32(0), int64(0))
	f.Fuzz(func(t *testing.T, first, second []byte, hw int64, epoch int32, end int64) {
		n := fuzzNode(3)
		n.found(2, 2)
		n.settle()
		for i := range 4 {
			b := [][]byte{first, second}[i%2]
			now := int64(i+1) * 100_000
			n.Tick(now)
			resp := kmsg.NewPtrFetchResponse()
			p := kmsg.NewFetchResponseTopicPartition()
			p.RecordBatches, p.HighWatermark = b, hw
			if i == 2 {
				p.DivergingEpoch.Epoch, p.DivergingEpoch.EndOffset = epoch, end
			}
			resp.Topics = []kmsg.FetchResponseTopic{{TopicID: TopicID, Partitions: []kmsg.FetchResponseTopicPartition{p}}}
			given := 0
			for e, ok := n.Poll(); ok; e, ok = n.Poll() {
				if _, is := e.Request.(*kmsg.FetchRequest); is && given < 20 {
					given++
					n.Received(now, e.ID, resp)
				}
			}
			next := int64(0)
			for b, ok := n.Committed(now); ok; b, ok = n.Committed(now) {
				if len(b) == 0 {
					t.Fatal("nothing is committed, and said to be")
				}
			}
			if n.End() < next || n.HighWatermark() > n.End() || n.Err() != nil {
				t.Fatalf("end %d, high watermark %d, %v", n.End(), n.HighWatermark(), n.Err())
			}
		}
	})
}

func TestStateNames(t *testing.T) {
	for s := range states {
		if fmt.Sprint(s) == "" {
			t.Errorf("state %d has no name", s)
		}
	}
}

// A leader does not count copies of older epochs' batches: even on a majority
// they may be overwritten (Raft, section 5.4.2).
func TestOlderEpochs(t *testing.T) {
	n := fuzzNode(3)
	n.found(1, 2)
	var b batch.Builder
	b.Add(0, nil, []byte("old"), nil)
	old := b.Append(nil, batch.NoProducer)
	batch.SetOffset(old, 0, 1)
	if err := n.replicate(old); err != nil {
		t.Fatal(err)
	}
	now := int64(0)
	for n.State() != Leader {
		now += 500_000
		n.Tick(now)
		for e, ok := n.Poll(); ok; e, ok = n.Poll() {
			if r, is := e.Request.(*kmsg.VoteRequest); is && e.To == 3 {
				resp := r.ResponseKind().(*kmsg.VoteResponse)
				resp.Topics = []kmsg.VoteResponseTopic{{Topic: Topic, Partitions: []kmsg.VoteResponseTopicPartition{{LeaderID: -1, LeaderEpoch: r.Topics[0].Partitions[0].CandidateEpoch, VoteGranted: true}}}}
				n.Received(now, e.ID, resp)
			}
		}
		if now > 60_000_000 {
			t.Fatal("not elected")
		}
	}
	for _, c := range []struct {
		from int64
		last int32
		hw   int64
	}{{0, -1, 0}, {1, 1, 0}, {2, 2, 2}} {
		f := kmsg.NewPtrFetchRequest()
		f.Version, f.ReplicaState.ID = 17, 3
		p := kmsg.NewFetchRequestTopicPartition()
		p.CurrentLeaderEpoch, p.FetchOffset, p.LastFetchedEpoch, p.PartitionMaxBytes = n.epoch, c.from, c.last, 1000
		f.Topics = []kmsg.FetchRequestTopic{{TopicID: TopicID, Partitions: []kmsg.FetchRequestTopicPartition{p}}}
		n.Handle(now, 1, f)
		if n.HighWatermark() != c.hw {
			t.Errorf("fetched from %d: high watermark %d, want %d", c.from, n.HighWatermark(), c.hw)
		}
	}
}
