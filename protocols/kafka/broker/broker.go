package broker

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/controller"
	"grapevine/protocols/kafka/group"
	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/timers"
	"grapevine/protocols/kafka/txn"
	"grapevine/protocols/kafka/wire"
)

// Conn names a connection of a broker. Those that were accepted and those that
// the broker dialled have different names, and none is used twice.
type Conn = wire.Conn

// Broker is a node of a Kafka cluster.
type Broker struct {
	config   Config
	static   []meta.Setting
	clientID string
	disk     log.Disk
	now      int64 // of the latest call
	events   []Event
	told     int // of events
	stats    Stats

	node   *controller.Node
	image  *meta.Image
	groups *group.Coordinator
	txns   *txn.Coordinator
	// How many partitions their topics have, as they were told.
	offsetsPartitions, txnPartitions int32
	timers                           timers.Heap[alarm]

	// Its life: lifecycle.go.
	epoch       int64 // of this life; -1: not registered
	formerEpoch int64
	incarnation [16]byte
	active      bool // the image knows this life
	leaving     bool
	down        bool
	fenced      bool
	fenceTold   bool
	open        bool // to clients

	// Connections: conn.go, link.go, forward.go, own.go.
	conns      map[Conn]*conn
	held       int // bytes of accepted ones: of requests, begun or not, and of answers
	lastConn   Conn
	accepted   int
	dirtyConns []*conn
	links      map[linkKey]*link
	failed     []asked // whose asker has not been told yet
	pending    map[uint64]pending
	lastToken  uint64
	forwards   []*forward
	own        [ownKinds]ownAsk
	creating   []string // topics
	needIDs    bool

	// Replicas: partition.go, replicate.go, insync.go.
	partitions      map[meta.PartitionID]*partition
	sorted          []*partition // by topic and number
	dirtyPartitions []*partition
	fetchers        map[int32]*fetcher
	dirtyFetchers   []*fetcher
	woken           []*fetchWait
	altering        []*partition // whose in-sync set is to be another
	alterAsked      []*partition // and that the controller was asked about
	watermarksMoved bool
	checkpointed    map[string]int64 // high watermarks of the former life, by directory
	checkpointer    checkpointer
	keeper          keeper
	reader          batch.Reader // of what is produced
}

// New makes a broker from what is on its disk: an empty one joins the cluster
// as a new broker, another one as the broker it was. The error is the disk's,
// or the caller's fault in the Config.
func New(now int64, config Config, disk log.Disk) (*Broker, error) {
	static := config.static()
	config.fill()
	switch {
	case len(config.Voters) == 0 || config.ClusterID == "" || len(config.Listeners) == 0:
		return nil, errors.New("broker: Voters, ClusterID and Listeners are required")
	case config.Rand == nil || config.Wall == nil:
		return nil, errors.New("broker: Rand and Wall are required")
	}
	b := &Broker{
		config: config, static: static, clientID: clientPrefix + strconv.Itoa(int(config.ID)), disk: disk, now: now,
		epoch: -1, conns: map[Conn]*conn{}, links: map[linkKey]*link{}, pending: map[uint64]pending{},
		partitions: map[meta.PartitionID]*partition{}, fetchers: map[int32]*fetcher{},
	}
	for kind := range b.own {
		b.own[kind].kind = ownKind(kind)
		b.own[kind].timer.Of = &b.own[kind]
	}
	b.checkpointer.timer.Of, b.keeper.timer.Of = &b.checkpointer, &b.keeper
	b.incarnation = b.uuid()
	var err error
	if b.formerEpoch, err = b.formerLife(now); err != nil {
		return nil, err
	}
	if err = b.readCheckpoint(now); err != nil {
		return nil, err
	}
	s := &config.Settings
	b.node, err = controller.New(now, controller.Config{
		Self: config.ID, Voters: config.Voters, ClusterID: config.ClusterID, Rand: config.Rand, Wall: config.Wall,
		ElectionMicros: s.ElectionMicros, FetchMicros: s.QuorumFetchMicros, SessionMicros: s.SessionMicros, HeartbeatMicros: s.HeartbeatMicros,
		FromFirst: config.FromFirst, Static: b.static,
	}, disk)
	if err != nil {
		return nil, err
	}
	b.image = b.node.Image()
	b.groups = group.New(group.Config{
		Rand: config.Rand, Wall: config.Wall, Partitions: s.OffsetsPartitions, Exists: b.exists,
		InitialDelayMicros: s.GroupInitialDelayMicros, MinSessionMicros: s.GroupMinSessionMicros,
	})
	b.offsetsPartitions, b.txnPartitions = s.OffsetsPartitions, s.TxnPartitions
	b.txns = txn.New(txn.Config{Wall: config.Wall, Partitions: s.TxnPartitions, OffsetsPartitions: s.OffsetsPartitions, Exists: b.exists})
	b.timers.Set(&b.keeper.timer, now+min(compactMicros, s.RetentionCheckMicros))
	b.keeper.retention = now + s.RetentionCheckMicros
	b.settle(now)
	return b, nil
}

func (b *Broker) exists(topic string, partition int32) bool {
	t := b.image.Topic(topic)
	return t != nil && partition >= 0 && int(partition) < len(t.Partitions)
}

// tell adds an event.
func (b *Broker) tell(e Event) { b.events = append(b.events, e) }

// Poll returns the next event, until there is none.
func (b *Broker) Poll() (Event, bool) {
	if b.told == len(b.events) {
		clear(b.events)
		b.events, b.told = b.events[:0], 0
		return Event{}, false
	}
	e := b.events[b.told]
	b.told++
	return e, true
}

// Deadline returns when Tick is due next; math.MaxInt64: never.
func (b *Broker) Deadline() int64 {
	if b.down {
		return math.MaxInt64
	}
	if len(b.dirtyConns) > 0 {
		return b.now
	}
	return min(b.timers.Deadline(), b.node.Deadline(), b.groups.Deadline(), b.txns.Deadline())
}

// Tick does what is due. It costs nothing when nothing is due.
func (b *Broker) Tick(now int64) {
	b.now = now
	if b.down || b.Deadline() > now {
		return
	}
	for t, ok := b.timers.Due(now); ok; t, ok = b.timers.Due(now) {
		t.Of.ring(b, now)
	}
	if b.node.Deadline() <= now {
		b.node.Tick(now)
	}
	if b.groups.Deadline() <= now {
		b.groups.Tick(now)
	}
	if b.txns.Deadline() <= now {
		b.txns.Tick(now)
	}
	b.settle(now)
}

// settle draws all consequences of a call. What many things may cause is done
// once, behind them: one look at a partition for all that was appended to it,
// one Fetch for all that has to be fetched.
func (b *Broker) settle(now int64) {
	b.now = now
	for again := true; again; {
		again = b.drainNode(now)
		again = b.drainCoordinators(now) || again
		for len(b.dirtyPartitions) > 0 {
			p := shift(&b.dirtyPartitions)
			p.progress(b, now)
			again = true
		}
		for len(b.woken) > 0 {
			w := shift(&b.woken)
			if !w.call.done {
				b.answerFetch(now, w, false)
			}
		}
		for len(b.dirtyConns) > 0 {
			c := shift(&b.dirtyConns)
			c.dirty = false
			if !c.closed {
				b.flush(now, c)
			}
			again = true
		}
		for len(b.failed) > 0 {
			a := shift(&b.failed)
			b.answered(now, a.errand, a.request, nil)
			again = true
		}
		if !again {
			for len(b.dirtyFetchers) > 0 {
				shift(&b.dirtyFetchers).send(b, now)
				again = true
			}
			if len(b.altering) > 0 && !b.own[ownAlter].busy && !b.own[ownAlter].timer.IsSet() {
				b.attend(now, ownAlter)
				again = again || b.own[ownAlter].busy
			}
		}
	}
	if b.watermarksMoved {
		b.watermarksMoved = false
		b.checkpointDue(now)
	}
}

// shift takes the first of a list whose order is that of what happened.
func shift[T any](list *[]T) T {
	first := (*list)[0]
	*list = slices.Delete(*list, 0, 1)
	return first
}

// Partitions returns the state of every replica on this broker, by topic and partition.
func (b *Broker) Partitions() []PartitionState {
	states := make([]PartitionState, len(b.sorted))
	for i, p := range b.sorted {
		states[i] = p.state(b)
	}
	return states
}

// Partition returns the state of one.
func (b *Broker) Partition(topic string, partition int32) (PartitionState, bool) {
	if p := b.lookup(topic, meta.ID{}, partition); p != nil {
		return p.state(b), true
	}
	return PartitionState{}, false
}

// Log returns the log of a replica, to look at; nil: there is none here.
func (b *Broker) Log(topic string, partition int32) *log.Log {
	if p := b.lookup(topic, meta.ID{}, partition); p != nil {
		return p.log
	}
	return nil
}

// Controller returns the active controller as this node knows it, -1: none, and its epoch.
func (b *Broker) Controller() (node, epoch int32) { return b.node.Leader() }

// Image returns what this node knows of the cluster, to look at.
func (b *Broker) Image() *meta.Image { return b.image }

// Groups returns the consumer groups that this broker coordinates, to look at.
func (b *Broker) Groups() []group.Look { return b.groups.Looks() }

// Committed returns the offset that a group which this broker coordinates has
// committed for a partition; -1: none.
func (b *Broker) Committed(group, topic string, partition int32) int64 {
	return b.groups.Committed(group, topic, partition)
}

// Stats returns totals.
func (b *Broker) Stats() Stats {
	b.stats.HeldBytes = b.held
	return b.stats
}
