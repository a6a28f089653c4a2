package broker

// Kind says what an Event tells.
type Kind uint8

// Four kinds ask the caller to do something; the others tell what happened,
// for checks, counters and the stage.
const (
	_      Kind = iota
	Dial        // open Conn to listener 0 of Node
	Send        // Conn has Output
	Hangup      // close Conn
	Room        // Conn, which was full, may be read from again: see Window

	Registered // this broker is known to the controller; From is the broker epoch of this life
	Unfenced   // it may lead and be in in-sync sets
	Fenced     // it may not: the controller has not heard of it, or it has just registered
	Down       // the Shutdown is over: it leads nothing
	Controller // Node is the active controller in Epoch; -1: none is known. Of the quorum as this node sees it

	Leads      // this broker leads the partition from leader epoch Epoch; From is its log end offset, where the epoch begins; Replicas is the in-sync set
	Follows    // it follows Node (-1: there is no leader) in leader epoch Epoch
	Dropped    // it has no replica of the partition any more: its log is gone
	Repeated   // a producer sent what this broker's log has at offsets From to To once more: nothing was appended
	Refused    // the leader did not take what is to be acknowledged by all: Replicas, the in-sync set, are too few
	Commits    // the marker at offset From of this broker's log commits a transaction
	Aborts     // likewise, takes one back
	Appended   // offsets From to To (the last one) are in this broker's log; Leading says in which part; Count records
	Watermark  // the high watermark, as this broker knows it, moved from From to To; Leading likewise
	InSync     // the in-sync set is Replicas, as the controller says; told by the leader
	Truncated  // offsets from From up to, not including, To were cut off this broker's log
	Started    // the log start offset moved from From to To: retention, DeleteRecords
	Failed     // the partition's log cannot be used: Err says why
	Rebalanced // the group Group is in generation Epoch with Count members
)

// Event is what Poll gives. Fields that a Kind does not name are zero.
type Event struct {
	Kind     Kind
	Leading  bool
	Conn     Conn
	Node     int32
	Epoch    int32
	Count    int32
	Topic    string // those of partitions
	Part     int32
	From, To int64
	Replicas []int32 // not to be changed
	Group    string
	Err      error
}
