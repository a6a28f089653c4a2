package quorum

// Theory of operation
//
// Time is divided into epochs, which are numbered. In each a voter gives its
// vote to one candidate at most, and a candidate with a majority leads it: so
// an epoch has at most one leader. Votes and epochs are on the disk before
// anybody hears of them.
//
// A vote is given only to a candidate whose log is not behind the voter's: its
// last batch is of a later epoch, or of the same and it ends no earlier. What
// is committed is on a majority, each candidate needs a vote of that majority,
// so each leader has all that was committed. Followers throw away what the
// leader does not have: it was not committed. A leader counts copies only
// of its own epoch's batches (it begins with one, the LeaderChange, for that
// purpose): an older batch on a majority could still be overwritten by a
// leader that has never seen it.
//
// Two timers keep it going. A follower that has not had an answer from the
// leader for the fetch timeout asks the others whether they would vote for it
// (prospective): if not, because they have a leader or a longer log, no
// epoch is spent and nobody is disturbed. A leader from which a majority has
// not fetched for one and a half fetch timeouts resigns: others may have
// elected another, and it could not commit anything anyway.
//
// Observers move by the same table, but never time out to Prospective: without
// a leader they ask any voter, by Fetch, who leads.

// State is what a node is in its epoch.
type State uint8

// The states.
const (
	Unattached  State = iota // knows no leader; may have voted
	Follower                 // knows the leader, and fetches from it
	Prospective              // asks who would vote for it
	Candidate                // asks for votes, in an epoch of its own
	Leader
	Resigned // was the leader, and will not be again in this epoch
	states
)

// String names the state in lower case.
func (s State) String() string {
	return [...]string{"unattached", "follower", "prospective", "candidate", "leader", "resigned"}[s]
}

// move is what happens to a node.
type move uint8

const (
	timeOut   move = iota // the election or fetch timer ran out
	newEpoch              // a later epoch is known, but not its leader
	foundHead             // the leader of this or a later epoch is known
	grant                 // gave its vote to another in this epoch
	preWin                // a majority would vote for it
	win                   // a majority did
	resign                // gives up leadership
	headLeft              // the leader said that it gives up
	moves
)

// stays marks a move that a state does not have: nothing happens.
const stays = states

// transitions is every change of state there is. A node that is told of a
// later epoch makes the move whatever it is.
var transitions = [states][moves]State{
	Unattached:  {timeOut: Prospective, newEpoch: Unattached, foundHead: Follower, grant: Unattached, preWin: stays, win: stays, resign: stays, headLeft: stays},
	Follower:    {timeOut: Prospective, newEpoch: Unattached, foundHead: Follower, grant: stays, preWin: stays, win: stays, resign: stays, headLeft: Unattached},
	Prospective: {timeOut: Prospective, newEpoch: Unattached, foundHead: Follower, grant: Unattached, preWin: Candidate, win: stays, resign: stays, headLeft: stays},
	Candidate:   {timeOut: Prospective, newEpoch: Unattached, foundHead: Follower, grant: stays, preWin: stays, win: Leader, resign: stays, headLeft: stays},
	Leader:      {timeOut: Resigned, newEpoch: Unattached, foundHead: Follower, grant: stays, preWin: stays, win: stays, resign: Resigned, headLeft: stays},
	Resigned:    {timeOut: Prospective, newEpoch: Unattached, foundHead: Follower, grant: stays, preWin: stays, win: stays, resign: stays, headLeft: stays},
}
