package broker

// PartitionState is what a card or a check wants to know of a replica.
type PartitionState struct {
	Topic string
	Part  int32

	Leader         int32 // -1: none
	LeaderEpoch    int32
	PartitionEpoch int32
	Leads          bool // this broker is the leader, and has taken office
	Replicas       []int32
	InSync         []int32 // as the controller last said; not to be changed

	Start         int64 // log start offset
	HighWatermark int64 // what consumers may read is below
	LastStable    int64 // what consumers of committed transactions may read is below
	End           int64 // log end offset
	Durable       int64 // what counts as written is below; End unless FlushEach
	Bytes         int64
	Followers     []FollowerState // of a leader, in order of Replicas, without itself
}

// FollowerState is what a leader knows of a follower.
type FollowerState struct {
	ID         int32
	End        int64 // its log end offset as of its last Fetch; -1: it has not come yet
	CaughtUpAt int64 // when it last had everything, in microseconds of the run
}

// Stats are totals since the broker was made.
type Stats struct {
	Requests        int64 // begun
	RequestsByKey   [128]int32
	BytesIn         int64 // of connections
	BytesOut        int64
	RecordsIn       int64 // appended by producers
	RecordsCopied   int64 // by following
	FetchesWaiting  int   // long polls, now
	ProducesWaiting int   // for replicas, now
	HeldBytes       int   // of requests and answers, for connections that others opened, now
}

func (p *partition) state(b *Broker) PartitionState {
	s := PartitionState{
		Topic: p.topic, Part: p.id.Partition, Leader: p.leader, LeaderEpoch: p.leaderEpoch, PartitionEpoch: p.partitionEpoch,
		Leads: p.role == leading, Replicas: p.replicas, InSync: p.isr,
	}
	if p.log == nil {
		return s
	}
	s.Start, s.HighWatermark, s.LastStable, s.End = p.log.Start(), p.highWatermark, p.log.LastStable(p.highWatermark), p.log.End()
	s.Durable, s.Bytes = p.log.PeekDurable(), p.log.Bytes()
	for i := range p.followers {
		f := &p.followers[i]
		s.Followers = append(s.Followers, FollowerState{ID: f.id, End: f.end, CaughtUpAt: f.caughtUpAt})
	}
	return s
}
