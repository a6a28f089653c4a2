package queue

import (
	"fmt"
	"slices"

	"grapevine/protocols/kafka/client"
	"grapevine/wasm/sim"
)

// reader is a node with a consumer: a program that takes records and works on
// them, one after the other.
type reader struct {
	wires
	w        *cluster
	member   int
	group    int // in the ledger
	client   *client.Client
	consumer *client.Consumer // nil: it has not joined yet
	taken    client.Records   // what it works on: one record, if the work takes time
	value    []byte           // of that record: what Take gives is only valid for a while
	began    sim.Time         // of that work
	busy     bool
	mine     bool            // what it works on is still this member's to commit
	leader   bool            // of its group, in this generation
	seen     []glimpse       // the last records it has worked on, for its card
	reads    int             // how many there were
	owed     []client.Offset // still to be committed: while one commit is under way, the next gather
	commits  int             // under way
	why      error           // why the consumer is of no more use
}

const (
	timerJoin = timersOwn + iota
	timerWorked
)

func (r *reader) Start(h *sim.Host) {
	r.client = client.New(r.w.clientConfig(clientID(r.member), h))
	r.wires = clientWires(r.client, r.w.kinds(h.Self()), r.settle)
	if joins := r.w.plan.joins; joins != nil && joins(r.member) > h.Now() {
		h.After(joins(r.member)-h.Now(), timerJoin)
		return
	}
	r.join(h)
}

// join begins to read.
func (r *reader) join(h *sim.Host) {
	if !r.w.open() {
		h.After(openPause, timerJoin)
		return
	}
	config := r.w.plan.consume
	config.Group = r.w.plan.group(r.member)
	if config.Group != "" {
		config.Topics = r.w.topicsOf(r.member)
	} else {
		config.Assign = r.w.partitionsOf(r.member)
	}
	if fresh := r.w.plan.fresh; fresh != nil && fresh(r.member) {
		config.Reset = client.ResetLatest
	}
	if r.w.plan.static {
		config.InstanceID = clientID(r.member)
	}
	k, err := r.client.NewConsumer(int64(h.Now()), config)
	if err != nil {
		panic("queue: " + err.Error()) // the plan contradicts itself
	}
	r.consumer = k
	r.settle(h)
}

// settle hands on what the machine says, until it says nothing more.
func (r *reader) settle(h *sim.Host) {
	for {
		r.w.drain(h, &r.wires, r.client)
		if r.consumer == nil {
			break
		}
		e, ok := r.consumer.Poll()
		if ok {
			r.heard(h, e)
			continue
		}
		took := r.take(h)
		if len(r.owed) > 0 && r.commits <= 0 {
			r.sendCommit(h)
		} else if !took {
			break
		}
	}
	r.arm(h)
}

func (r *reader) heard(h *sim.Host, e client.ConsumerEvent) {
	switch e.Kind {
	case client.Joined:
		r.leader = e.Leader
		h.Note(noteJoined, int64(e.Generation))
	case client.Assigned:
		r.w.ledger.changed = h.Now() // there may be something to read now
		for _, p := range e.Partitions {
			r.w.ledger.own(r.group, r.w.topic(p.Topic), p.Partition, r.member, r.consumer.Group().Generation)
			h.Note(noteAssigned, note(r.w.topic(p.Topic), p.Partition, 0))
		}
		if len(e.Partitions) == 0 && len(r.consumer.Positions()) == 0 {
			h.Note(noteIdle, 0)
		}
	case client.Revoked, client.Lost:
		code := noteRevoked
		if e.Kind == client.Lost {
			code, r.owed = noteLost, r.owed[:0]
		}
		r.sendCommit(h) // it still counts
		for _, p := range e.Partitions {
			r.giveUp(h, code, p.Topic, p.Partition)
		}
	case client.Left:
		r.consumer, r.commits = nil, 0
		h.Note(noteLeft, 0)
	case client.CommitFailed:
		r.commits--
	case client.Committed:
		r.commits--
		for _, o := range e.Offsets {
			h.Note(noteCommitted, note(r.w.topic(o.Topic), o.Partition, o.Offset))
		}
	case client.ConsumerFatal:
		r.why = e.Err
	}
}

// giveUp takes note that a partition is no longer this member's.
func (r *reader) giveUp(h *sim.Host, code uint16, topic string, partition int32) {
	r.w.ledger.disown(r.group, r.w.topic(topic), partition, r.member)
	h.Note(code, note(r.w.topic(topic), partition, 0))
	if r.taken.Topic == topic && r.taken.Partition == partition {
		r.mine = false
	}
}

// maxTake is how many records a consumer takes at once that needs no time for them.
const maxTake = 500

// take takes the next records, unless it is at work or there are none.
func (r *reader) take(h *sim.Host) bool {
	if r.busy || r.consumer == nil || r.why != nil {
		return false
	}
	each := r.w.plan.work(r.member)
	most := maxTake
	if each > 0 {
		most = 1
	}
	r.mine = true
	got, ok := r.consumer.Take(int64(h.Now()), most)
	if !ok || len(got.Records) == 0 {
		return false
	}
	if r.w.plan.commit == commitBefore {
		r.commit(h, got)
	}
	if each == 0 {
		r.worked(h, got)
		return true
	}
	r.value = append(r.value[:0], got.Records[0].Value...)
	record := client.Record{Offset: got.Records[0].Offset, LeaderEpoch: got.Records[0].LeaderEpoch, Value: r.value}
	r.taken = client.Records{Topic: got.Topic, Partition: got.Partition, Records: append(r.taken.Records[:0], record)}
	r.busy, r.began = true, h.Now()
	if number, ok := r.w.ledger.number(r.value); ok {
		h.Note(noteTaken, note(number, got.Partition, record.Offset))
	}
	h.After(each, timerWorked)
	return true
}

// worked says that the work on records is done.
func (r *reader) worked(h *sim.Host, got client.Records) {
	topic := r.w.topic(got.Topic)
	for i := range got.Records {
		record := &got.Records[i]
		if number, ok := r.w.ledger.number(record.Value); ok {
			r.see(number)
			r.w.ledger.take(h.Now(), number, r.group, topic, got.Partition, record.Offset)
			h.Note(noteRead, note(number, got.Partition, record.Offset))
		}
	}
	if r.w.plan.commit == commitAfter {
		r.commit(h, got)
	}
}

// glimpse is a record that was worked on.
type glimpse struct {
	number int
	copy   bool // the group had it before
}

// see keeps in mind what the card shows.
func (r *reader) see(number int) {
	r.reads++
	if len(r.seen) == shown {
		r.seen = append(r.seen[:0], r.seen[1:]...)
	}
	r.seen = append(r.seen, glimpse{number, r.w.ledger.orders[number].read[r.group] > 0})
}

// commit commits that records have been read, unless their partition is
// another's by now, who reads them again.
func (r *reader) commit(h *sim.Host, got client.Records) {
	if r.w.plan.group(r.member) == "" || r.consumer == nil || !r.mine {
		return
	}
	last := &got.Records[len(got.Records)-1]
	o := client.Offset{Topic: got.Topic, Partition: got.Partition, Offset: last.Offset + 1, LeaderEpoch: last.LeaderEpoch}
	if at := slices.IndexFunc(r.owed, func(b client.Offset) bool { return b.Topic == o.Topic && b.Partition == o.Partition }); at >= 0 {
		r.owed[at] = o
	} else {
		r.owed = append(r.owed, o)
	}
}

// sendCommit commits what is owed.
func (r *reader) sendCommit(h *sim.Host) {
	if len(r.owed) > 0 && r.consumer != nil && r.consumer.Commit(int64(h.Now()), r.owed) == nil {
		r.commits++
	}
	r.owed = r.owed[:0]
}

// What a visitor may order.
const (
	orderLeave = "leave" // the group, or the topic
	orderJoin  = "join"  // it, after that
)

func (*reader) Accepts(args []string) error {
	if len(args) == 1 && (args[0] == orderLeave || args[0] == orderJoin) {
		return nil
	}
	return fmt.Errorf("consumers take the orders %q and %q", orderLeave, orderJoin)
}

func (r *reader) Order(h *sim.Host, args []string) {
	switch k := r.consumer; {
	case args[0] == orderJoin && k == nil:
		r.join(h)
		return
	case args[0] == orderLeave && k != nil && r.why == nil:
		for _, p := range k.Positions() {
			r.giveUp(h, noteRevoked, p.Topic, p.Partition)
		}
		r.sendCommit(h)
		k.Close(int64(h.Now()))
	}
	r.settle(h)
}

func (r *reader) Wake(h *sim.Host, t sim.Timer) {
	switch t {
	case timerMachine:
		r.tick(h)
	case timerJoin:
		if r.consumer == nil {
			r.join(h)
		}
	case timerWorked:
		r.busy = false
		r.worked(h, r.taken)
	}
	r.settle(h)
}
