package group

import "github.com/twmb/franz-go/pkg/kerr"

// Theory of operation
//
// A group is always in one of five states:
//
//	Empty                nobody is in it; perhaps it has committed offsets
//	PreparingRebalance   who is in it has to join (again); the group waits for all of them
//	CompletingRebalance  a new generation has begun; the group waits for the leader's assignment
//	Stable               everybody has an assignment, or gets it when asking
//	Dead                 being deleted, or deleted
//
// A rebalance begins when somebody comes, leaves or falls silent, when a member
// changes what it says about itself, or when the leader wants one. Members
// learn of it by their next heartbeat, and join again. It is over when all have
// done so, or when the longest rebalance timeout of all members has passed:
// those who did not come are then out, except static ones (KIP-345), who are
// expected back within their session. The first rebalance of an empty group is
// different: it always waits a little (InitialDelayMicros), and as long again
// for each who comes in that time, up to the rebalance timeout, so that a
// service that starts with ten consumers does not rebalance ten times (KIP-134).
//
// With each rebalance the generation goes up by one. What a member says with an
// older generation is refused: it acts for an assignment that is no more.
// Who does not send SyncGroup within the rebalance timeout after its JoinGroup
// was answered is out, too.
//
// A member is watched by its session, except while it waits for the answer to a
// JoinGroup or SyncGroup: it cannot send heartbeats then. A new member is
// watched while it waits for its first JoinGroup, for newMemberMicros: it may
// be gone, and does not know yet what it is called.
//
// Only assignments and offsets are written down, and the end of the last
// member. A group that is loaded is Stable with the members of its last
// assignment, whose sessions begin anew, or Empty.

// State is the state of a group.
type State uint8

const (
	Empty State = iota
	PreparingRebalance
	CompletingRebalance
	Stable
	Dead
	states
)

// stateNames are what DescribeGroups and ListGroups call them.
var stateNames = [states]string{"Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"}

func (s State) String() string { return stateNames[s] }

// input is what can happen to a group.
type input uint8

const (
	disturbed   input = iota // a member came, left or changed: all have to join again
	gathered                 // all have joined, or time is up; some are there
	deserted                 // the same, but nobody is there
	assigned                 // the leader's assignment is replicated
	deleting                 // DeleteGroups, or nothing is left to keep: the tombstone is on its way
	undeletable              // the tombstone could not be written
	inputs
)

// never marks what cannot happen.
const never = states

// moves is every change of state. Unloading a partition forgets its groups in any state.
var moves = [states][inputs]State{
	//                    disturbed           gathered             deserted assigned deleting undeletable
	Empty:               {PreparingRebalance, never, never, never, Dead, never},
	PreparingRebalance:  {PreparingRebalance, CompletingRebalance, Empty, never, never, never},
	CompletingRebalance: {PreparingRebalance, never, never, Stable, never, never},
	Stable:              {PreparingRebalance, never, never, never, never, never},
	Dead:                {never, never, never, never, Dead, Empty},
}

// What a member is told when all that it says is right, but not what it asks
// for now. nil: it gets what it asks for.
var (
	// (A member that syncs in CompletingRebalance waits for the leader.)
	syncAnswers = [states]*kerr.Error{Empty: kerr.UnknownMemberID, PreparingRebalance: kerr.RebalanceInProgress, Dead: kerr.CoordinatorNotAvailable}

	heartbeatAnswers = [states]*kerr.Error{Empty: kerr.UnknownMemberID, PreparingRebalance: kerr.RebalanceInProgress, Dead: kerr.CoordinatorNotAvailable}

	// While members are called together they may still commit what they have
	// read. Once the next generation has begun, what they had is another's.
	commitAnswers = [states]*kerr.Error{CompletingRebalance: kerr.RebalanceInProgress, Dead: kerr.CoordinatorNotAvailable}
)
