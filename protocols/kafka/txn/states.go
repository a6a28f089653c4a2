package txn

import "github.com/twmb/franz-go/pkg/kerr"

// Theory of operation
//
// A transactional id is always in one of seven states. What it is in is what
// was last written to __transaction_state, so that another coordinator finds it
// where this one left it:
//
//	Empty           a producer has its id and epoch, and no transaction yet
//	Ongoing         a transaction has touched partitions
//	PrepareCommit   it is committed; not all of its partitions have the marker
//	PrepareAbort    it is aborted; not all of its partitions have the marker
//	CompleteCommit  all have it; the next transaction may begin
//	CompleteAbort   the same
//	Dead            not used for RetainMicros: the tombstone is on its way
//
// PrepareCommit and PrepareAbort are the points of no return. There is one
// write at a time: while a change of state is on its way into the log, all
// requests but reads are answered CONCURRENT_TRANSACTIONS, which lets the
// client wait and ask again.
//
// A producer is known by its id and epoch. InitProducerID raises the epoch, so
// that an older life of the same transactional id, a zombie, is told
// PRODUCER_FENCED from then on, by the coordinator and (since markers carry the
// epoch) by the partitions. If the older life has left a transaction Ongoing,
// it is aborted with an epoch of its own that nobody is ever given; the new
// life is told to ask again, and gets the next epoch. The same happens when a
// transaction is Ongoing for longer than its producer said it would be. When
// the epochs of an id are used up, there is a new id.
//
// A producer that names its id and epoch in InitProducerID (KIP-360) recovers
// from an error: it gets the next epoch if it is still the latest, the same
// answer again if its first one got lost, and otherwise is fenced.

// State is the state of a transactional id. The numbers are those in the log.
type State int8

const (
	Empty State = iota
	Ongoing
	PrepareCommit
	PrepareAbort
	CompleteCommit
	CompleteAbort
	Dead
	states
)

// stateNames are what DescribeTransactions and ListTransactions call them.
var stateNames = [states]string{"Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "Dead"}

func (s State) String() string { return stateNames[s] }

// input is what can happen to a transactional id.
type input uint8

const (
	initialized input = iota // a producer gets an id and epoch
	added                    // partitions
	committed                // by EndTxn
	aborted                  // by EndTxn, because a new life fences the old one, or by timeout
	marked                   // all partitions have the marker, or are no more
	unused                   // for RetainMicros
	inputs
)

// never marks what cannot happen: it is refused, or answered without a change.
const never = states

// moves is every change of state.
var moves = [states][inputs]State{
	//              initialized added committed  aborted  marked  unused
	Empty:          {Empty, Ongoing, never, never, never, Dead},
	Ongoing:        {never, Ongoing, PrepareCommit, PrepareAbort, never, never},
	PrepareCommit:  {never, never, never, never, CompleteCommit, never},
	PrepareAbort:   {never, never, never, never, CompleteAbort, never},
	CompleteCommit: {Empty, Ongoing, never, never, never, Dead},
	CompleteAbort:  {Empty, Ongoing, never, never, never, Dead},
	Dead:           {never, never, never, never, never, never},
}

// endAnswers say what EndTxn is told where it changes nothing; the first is for
// an abort, the second for a commit. nil: done already, its first answer got lost.
var endAnswers = [states][2]*kerr.Error{
	Empty:          {kerr.InvalidTxnState, kerr.InvalidTxnState},
	PrepareCommit:  {kerr.InvalidTxnState, kerr.ConcurrentTransactions},
	PrepareAbort:   {kerr.ConcurrentTransactions, kerr.InvalidTxnState},
	CompleteCommit: {kerr.InvalidTxnState, nil},
	CompleteAbort:  {nil, kerr.InvalidTxnState},
	Dead:           {kerr.InvalidProducerIDMapping, kerr.InvalidProducerIDMapping},
}
