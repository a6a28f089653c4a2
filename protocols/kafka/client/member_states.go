package client

// Theory of operation
//
// A consumer with Topics is a member of a group. The group has a coordinator,
// a broker, and goes from generation to generation: whenever a member comes,
// leaves or is not heard of, all have to join again, one of them (the leader)
// says who reads what, and the coordinator passes that on.
//
//	alone      not of a group: the partitions are those that were given
//	joining    JoinGroup is out: it is answered once all members have sent theirs
//	assigning  we are the leader and wait for the metadata of all topics
//	syncing    SyncGroup is out: it is answered once the leader has sent the assignment
//	stable     has partitions, and sends heartbeats
//	preparing  has to join again: first the work on what was taken has to end, be
//	           committed, and partitions be given back (eager: all of them;
//	           cooperative: those that another member is to have, KIP-429)
//	outside    left because the work took too long; joins at the next Take
//	leaving    Close was called
//	gone       left
//
// Who is expelled (the coordinator does not know the member, or its generation
// is over) has lost its partitions already, and joins as somebody new.
type memberState uint8

const (
	alone memberState = iota
	joining
	assigning
	syncing
	stable
	preparing
	outside
	leaving
	gone
	memberStates
)

var memberNames = [memberStates]string{"alone", "joining", "assigning", "syncing", "stable", "preparing", "outside", "leaving", "gone"}

func (s memberState) String() string { return memberNames[s] }

// memberInput is what can happen to a member.
type memberInput uint8

const (
	enrol     memberInput = iota // it has Topics
	joined                       // as a follower
	elected                      // joined as the leader
	assigned                     // by us, the leader
	synced                       // the assignment came
	rebalance                    // everybody has to join again
	released                     // nothing is left to be done before that
	expelled
	tooSlow
	rested // Take was called: the work is over
	closing
	hasLeft
	memberInputs
)

// stay is the entry of what changes nothing.
const stay = memberStates

var memberMoves = [memberStates][memberInputs]memberState{
	alone:     {joining, stay, stay, stay, stay, stay, stay, stay, stay, stay, leaving, stay},
	joining:   {stay, syncing, assigning, stay, stay, stay, stay, stay, stay, stay, leaving, stay},
	assigning: {stay, stay, stay, syncing, stay, joining, stay, joining, stay, stay, leaving, stay},
	syncing:   {stay, stay, stay, stay, stable, joining, stay, joining, stay, stay, leaving, stay},
	stable:    {stay, stay, stay, stay, stay, preparing, stay, joining, outside, stay, leaving, stay},
	preparing: {stay, stay, stay, stay, stay, stay, joining, joining, outside, stay, leaving, stay},
	outside:   {stay, stay, stay, stay, stay, stay, stay, stay, stay, joining, leaving, stay},
	leaving:   {stay, stay, stay, stay, stay, stay, stay, stay, stay, stay, stay, gone},
	gone:      {stay, stay, stay, stay, stay, stay, stay, stay, stay, stay, stay, stay},
}
