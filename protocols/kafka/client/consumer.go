package client

import (
	"math"
	"slices"

	"grapevine/protocols/kafka/batch"
)

// Reset says where to begin in a partition that has no valid position.
type Reset uint8

// The policies.
const (
	ResetLatest   Reset = iota // at its end
	ResetEarliest              // at its start
	ResetNone                  // nowhere: OutOfRange comes, and the caller must SeekTo
)

// TopicPartition names a partition.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// Offset is a position: of the next record, not of the last one.
type Offset struct {
	Topic       string
	Partition   int32
	Offset      int64
	LeaderEpoch int32  // of the record before it; -1: not known
	Metadata    string // kept beside a committed offset
}

// GroupMetadata says which member of which generation commits offsets (KIP-447).
type GroupMetadata struct {
	Group, Member, InstanceID string
	Generation                int32
}

// Assignor says who gets which partitions; see package assign.
type Assignor string

// The assignors, by their names on the wire.
const (
	Range             Assignor = "range"
	RoundRobinAssign  Assignor = "roundrobin"
	StickyAssign      Assignor = "sticky"
	CooperativeSticky Assignor = "cooperative-sticky" // moves partitions without stopping the others (KIP-429)
)

// ConsumerConfig is what a Consumer is made with. Of the numbers, 0 means the
// default. Say Group and Topics to share topics with the group's other
// members, or Assign to read those partitions alone (with Group, offsets are
// committed all the same).
type ConsumerConfig struct {
	Group      string
	InstanceID string // static membership (KIP-345): a restart is no rebalance
	Topics     []string
	Assign     []TopicPartition
	// Assignors, best first. All eager, or cooperative ones: not both. Range by default.
	Assignors []Assignor

	Reset              Reset
	ReadCommitted      bool  // skip what was aborted, and wait for what is open
	AutoCommitMicros   int64 // 0: the caller commits
	FetchMinBytes      int32 // 1
	FetchMaxBytes      int32 // of a Fetch; 50 MiB
	PartitionMaxBytes  int32 // of a Fetch, from one partition; 1 MiB
	FetchMaxWaitMicros int64 // how long the broker may wait for FetchMinBytes; 500 ms
	SessionMicros      int64 // without heartbeats for so long, a member is thought dead; 45 s
	HeartbeatMicros    int64 // 3 s
	RebalanceMicros    int64 // how long a rebalance waits for a member; MaxPollMicros
	MaxPollMicros      int64 // how long the work on what was taken may last; 5 min
}

// ConsumerEventKind says what happened.
type ConsumerEventKind uint8

// Events of a Consumer.
const (
	Assigned      ConsumerEventKind = iota + 1 // Partitions are ours now, besides those that were
	Revoked                                    // Partitions are no longer ours; a Commit before the next Tick still counts
	Lost                                       // as Revoked, but others may have them already: a commit is of no use
	Ready                                      // Take has something
	Committed                                  // Offsets
	CommitFailed                               // Err
	Truncated                                  // Partitions[0] lost records that were read: now at Offset, was at Was (KIP-320)
	OutOfRange                                 // Partitions[0] has no position, and Reset is ResetNone: SeekTo
	Corrupt                                    // Partitions[0] has at Offset what cannot be read: Err. It is fetched again
	Joined                                     // the group has a new generation; Leader: we assigned
	Left                                       // Close is done
	ConsumerFatal                              // Err: fenced, or refused for good; this consumer is of no more use
)

// ConsumerEvent is what happened at a Consumer.
type ConsumerEvent struct {
	Kind        ConsumerEventKind
	Partitions  []TopicPartition
	Offsets     []Offset
	Offset, Was int64
	Generation  int32
	Leader      bool
	Err         error
}

// Record is a record that was read.
type Record struct {
	Offset      int64
	Timestamp   int64 // ms
	LeaderEpoch int32
	Key, Value  []byte // nil: null
	Headers     []batch.RecordHeader
}

// Records are records of one partition, by offset. There may be gaps.
type Records struct {
	Topic     string
	Partition int32
	Records   []Record
}

// Position is what is known of a partition that is read.
type Position struct {
	Topic         string
	Partition     int32
	Offset        int64 // of the next record that Take gives; -1: not known yet
	Committed     int64 // -1: nothing
	HighWatermark int64 // as of the last fetch; -1: not known yet
	LastStable    int64
	Start         int64
	Bytes         int // fetched and not taken
	Paused        bool
}

// Consumer reads records. Make one with Client.NewConsumer.
type Consumer struct {
	client *Client
	config ConsumerConfig
	user   int
	closed bool
	fatal  error
	events queue[ConsumerEvent]
	dirty  bool // something may have to be asked

	sources []*source // by topic and partition
	turn    int       // where Take looks first
	taken   *source   // what was taken last and is being worked on
	workBy  int64     // when that work must be over
	readers []*reader // a broker each, by ID
	asking  bool      // for committed offsets
	retryAt int64     // when something that failed may be asked again
	tries   int
	out     []Record
	opener  batch.Reader

	coordinator *coordinator
	member      member
	commits     commits
}

// NewConsumer returns a consumer. Errors: *Misuse, for a configuration that
// contradicts itself.
func (c *Client) NewConsumer(now int64, config ConsumerConfig) (*Consumer, error) {
	config = config.withDefaults()
	if text := config.wrong(); text != "" {
		return nil, &Misuse{text}
	}
	c.enter(now)
	c.lastUser++
	k := &Consumer{client: c, config: config, user: c.lastUser, opener: batch.Reader{Limits: batch.DefaultLimits}, retryAt: math.MaxInt64, workBy: math.MaxInt64}
	c.users = append(c.users, k)
	if config.Group != "" {
		k.coordinator = c.coordinator(groupCoordinator, config.Group)
	}
	k.commits.init(k)
	k.member.init(k)
	for _, name := range config.Topics {
		c.topic(name)
	}
	if len(config.Assign) > 0 {
		k.own(config.Assign)
	}
	return k, nil
}

func (c ConsumerConfig) withDefaults() ConsumerConfig {
	if len(c.Assignors) == 0 {
		c.Assignors = []Assignor{Range}
	}
	c.Topics = slices.Clone(c.Topics)
	slices.Sort(c.Topics)
	c.Topics = slices.Compact(c.Topics)
	orNumber(&c.FetchMinBytes, 1)
	orNumber(&c.FetchMaxBytes, 50<<20)
	orNumber(&c.PartitionMaxBytes, 1<<20)
	orNumber(&c.FetchMaxWaitMicros, 500_000)
	orNumber(&c.SessionMicros, 45_000_000)
	orNumber(&c.HeartbeatMicros, 3_000_000)
	orNumber(&c.MaxPollMicros, 300_000_000)
	orNumber(&c.RebalanceMicros, c.MaxPollMicros)
	return c
}

// wrong says what contradicts itself; "" if nothing does.
func (c ConsumerConfig) wrong() string {
	cooperative := 0
	for _, a := range c.Assignors {
		if a == CooperativeSticky {
			cooperative++
		} else if a != Range && a != RoundRobinAssign && a != StickyAssign {
			return "there is no assignor " + string(a)
		}
	}
	switch {
	case (len(c.Topics) > 0) == (len(c.Assign) > 0):
		return "a consumer needs either Topics to share or partitions to Assign"
	case len(c.Topics) > 0 && c.Group == "":
		return "Topics are shared by a Group: give it a name, or Assign partitions"
	case c.AutoCommitMicros != 0 && c.Group == "":
		return "offsets are committed for a Group: give it a name"
	case cooperative > 0 && cooperative < len(c.Assignors):
		return "eager and cooperative assignors do not mix: some members would keep what others were given"
	case c.HeartbeatMicros >= c.SessionMicros:
		return "HeartbeatMicros must be less than SessionMicros"
	}
	return ""
}

// Take returns up to maxRecords of one partition. It says that all that was
// taken before has been worked on. False: nothing is there, and the consumer
// is idle.
func (k *Consumer) Take(now int64, maxRecords int) (Records, bool) {
	k.client.enter(now)
	k.rest()
	if k.closed || k.fatal != nil || maxRecords <= 0 {
		return Records{}, false
	}
	for range k.sources {
		k.turn = (k.turn + 1) % len(k.sources)
		s := k.sources[k.turn]
		if s.paused || s.state != reading {
			continue
		}
		full := !s.wantsMore(k)
		var err error
		if k.out, err = s.take(k.out[:0], maxRecords, k); err != nil {
			k.spoilt(s, err)
		}
		k.dirty = k.dirty || full && s.wantsMore(k)
		if len(k.out) > 0 {
			k.turn = (k.turn + len(k.sources) - 1) % len(k.sources) // all of one before the next
			k.taken = s
			k.workBy = now + k.config.MaxPollMicros
			return Records{Topic: s.topic.name, Partition: s.partition, Records: k.out}, true
		}
	}
	return Records{}, false
}

// spoilt is a source whose next batch nobody can read: it is fetched again.
func (k *Consumer) spoilt(s *source, err error) {
	s.retreat()
	k.pauseSource(s)
	k.emit(ConsumerEvent{Kind: Corrupt, Partitions: []TopicPartition{{s.topic.name, s.partition}}, Offset: s.next, Err: err})
}

// rest ends the work on what was taken last.
func (k *Consumer) rest() {
	if k.taken != nil {
		k.taken.done, k.taken.doneEpoch = k.taken.next, k.taken.epoch
	}
	k.taken, k.workBy = nil, math.MaxInt64
	k.member.rested()
}

// SeekTo goes to an offset of a partition that is assigned.
func (k *Consumer) SeekTo(now int64, topic string, partition int32, offset int64) error {
	k.client.enter(now)
	s := k.source(topic, partition)
	if s == nil || offset < 0 {
		return &Misuse{"SeekTo needs a partition that is assigned, and an offset of 0 or more"}
	}
	s.goTo(offset, -1)
	s.done, s.doneEpoch = offset, -1
	k.dirty = true
	return nil
}

// Pause stops the fetching of partitions, and keeps what was fetched.
func (k *Consumer) Pause(now int64, partitions ...TopicPartition) { k.pause(now, partitions, true) }

// Resume goes on.
func (k *Consumer) Resume(now int64, partitions ...TopicPartition) { k.pause(now, partitions, false) }

func (k *Consumer) pause(now int64, partitions []TopicPartition, paused bool) {
	k.client.enter(now)
	for _, tp := range partitions {
		if s := k.source(tp.Topic, tp.Partition); s != nil {
			s.paused = paused
			if !paused && len(s.chunks) > 0 {
				k.announce()
			}
		}
	}
	k.dirty = true
}

// announce says that Take has something.
func (k *Consumer) announce() {
	if k.taken == nil {
		k.emit(ConsumerEvent{Kind: Ready})
	}
}

// Close commits (with AutoCommitMicros), leaves the group (unless InstanceID
// is set) and ends: Left comes.
func (k *Consumer) Close(now int64) {
	k.client.enter(now)
	if !k.closed {
		k.rest()
		k.member.close()
	}
}

// Positions returns what is known of the partitions that are read, by topic
// and partition.
func (k *Consumer) Positions() []Position {
	positions := make([]Position, 0, len(k.sources))
	for _, s := range k.sources {
		positions = append(positions, Position{
			Topic: s.topic.name, Partition: s.partition, Offset: s.next, Committed: s.committed,
			HighWatermark: s.high, LastStable: s.stable, Start: s.start, Bytes: s.bytes, Paused: s.paused,
		})
	}
	return positions
}

// Group returns the membership, for Producer.SendOffsets.
func (k *Consumer) Group() GroupMetadata {
	return GroupMetadata{Group: k.config.Group, Member: k.member.id, InstanceID: k.config.InstanceID, Generation: k.member.generation}
}

// Membership is the state of the member, for people.
func (k *Consumer) Membership() string { return k.member.state.String() }

// Poll returns what happened next.
func (k *Consumer) Poll() (ConsumerEvent, bool) { return k.events.pop() }

func (k *Consumer) emit(e ConsumerEvent) { k.events.push(e) }

// stop is the end of a consumer that the cluster will have nothing more of.
func (k *Consumer) stop(err error) {
	if k.fatal == nil {
		k.fatal = err
		k.disown(k.owned(), Lost)
		k.member.halt()
		k.emit(ConsumerEvent{Kind: ConsumerFatal, Err: err})
	}
}

// end is the end after Close.
func (k *Consumer) end() {
	k.closed = true
	k.sources = nil
	k.emit(ConsumerEvent{Kind: Left})
	k.client.forget(k, k.user)
}

func (k *Consumer) deadline() int64 {
	if k.dirty && !k.closed && k.fatal == nil { // somebody forgot to call Client.Poll
		return k.client.now
	}
	return min(k.retryAt, k.member.deadline(), k.commits.deadline())
}

func (k *Consumer) tick() {
	if k.retryAt <= k.client.now {
		k.retryAt, k.dirty = math.MaxInt64, true
	}
	k.commits.tick()
	k.member.tick()
}

// refreshed goes on with what waited for the metadata.
func (k *Consumer) refreshed() {
	k.dirty = true
	for _, s := range k.sources {
		s.follow()
	}
	k.member.refreshed()
}

// flush asks for what is missing.
func (k *Consumer) flush() {
	if !k.dirty || k.closed || k.fatal != nil {
		return
	}
	k.dirty = false
	k.lookUp()
	k.reset()
	k.validate()
	k.fetch()
}

// retry has flush called again after a failure.
func (k *Consumer) retry() {
	k.retryAt = min(k.retryAt, k.client.now+k.client.retryPause(min(k.tries, 4)))
	k.tries++
}
