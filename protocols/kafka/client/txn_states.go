package client

// Theory of operation
//
// A transactional producer (KIP-98) is in one of these states:
//
//	initializing  it asks its coordinator for its ID and epoch; whoever had
//	              the same TransactionalID before is fenced by that
//	able          Begin may be called
//	within        records may be sent. Before a partition gets its first one,
//	              the coordinator is told, so that it will know where to put the markers
//	committing    Commit was called: all records have to be acknowledged, then
//	              the coordinator is told to commit
//	broken        something failed that cannot be made good; Abort must be called
//	aborting      Abort was called: what is on the wire has to be answered, then
//	              the coordinator is told to abort, if it knows of anything
//	bumping       after an abort that leaves sequence numbers in doubt: asks for
//	              a new epoch (KIP-360)
//	over          fenced, or refused for good
//
// One request to a coordinator is under way at a time: which one is next
// follows from the state (txn.proceed).
type txnState uint8

const (
	initializing txnState = iota
	able
	within
	committing
	broken
	aborting
	bumping
	over
	txnStates
)

var txnNames = [txnStates]string{"initializing", "able", "within", "committing", "broken", "aborting", "bumping", "over"}

func (s txnState) String() string { return txnNames[s] }

// txnInput is what can happen to a transaction.
type txnInput uint8

const (
	gotIdentity txnInput = iota
	begin
	commit
	abort
	failed // it can only be aborted
	ended  // the coordinator's word, or nothing to tell it
	doubt  // as ended, and sequence numbers are in doubt
	fenced
	txnInputs
)

// no is the entry of what must not happen: a Misuse if it is the caller's.
const no = txnStates

var txnMoves = [txnStates][txnInputs]txnState{
	initializing: {gotIdentity: able, begin: no, commit: no, abort: no, failed: initializing, ended: no, doubt: no, fenced: over},
	able:         {gotIdentity: no, begin: within, commit: no, abort: no, failed: able, ended: no, doubt: no, fenced: over},
	within:       {gotIdentity: no, begin: no, commit: committing, abort: aborting, failed: broken, ended: no, doubt: no, fenced: over},
	committing:   {gotIdentity: no, begin: no, commit: no, abort: no, failed: broken, ended: able, doubt: no, fenced: over},
	broken:       {gotIdentity: no, begin: no, commit: no, abort: aborting, failed: broken, ended: no, doubt: no, fenced: over},
	aborting:     {gotIdentity: no, begin: no, commit: no, abort: no, failed: aborting, ended: able, doubt: bumping, fenced: over},
	bumping:      {gotIdentity: able, begin: no, commit: no, abort: no, failed: bumping, ended: no, doubt: no, fenced: over},
	over:         {gotIdentity: over, begin: no, commit: no, abort: no, failed: over, ended: over, doubt: over, fenced: over},
}
