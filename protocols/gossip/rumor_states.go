package gossip

// Theory of operation
//
// One update is abroad: the news, or rumour. A site that has not heard it is
// susceptible; one that has and passes it on is infective; one that has and
// has lost interest is removed. (The words are those of epidemiology, which
// Demers et al. 1987 took over.)
//
// With push, an infective site sends the news to a partner once a period. With
// pull, every site asks a partner for news once a period, and an infective one
// answers. Push-pull does the one or the other: who is infective pushes, who
// is not asks.
//
// What makes a site lose interest is the stop rule:
//
//	never    nothing does: the simple epidemic, SI. With a View of peers to walk
//	         through, a site is done when it has sent to each.
//	coin     after a contact that counts, with probability 1/K
//	counter  after K contacts that count, without one that was needed in between
//
// and what counts is the memory rule:
//
//	blind     every contact counts; nobody answers
//	feedback  the partner answers whether it needed the news; only contacts
//	          that were not needed count
//
// With a connection limit, a site takes only so many callers in a period. A
// caller therefore knocks first, and pushes or asks when it is let in. Turned
// away, it may hunt for another partner. Who takes one caller, and hunts
// without end, makes a permutation of each period's contacts.
//
// Two clocks. On the asynchronous clock every contact is judged when it
// happens. With Cycles, all sites act together at the start of a period and
// what they do in it is judged on the state in which it began: a site that
// hears the news acts, answers and counts as one that knows only from the next
// cycle on. There, too, the contacts of a site that is asked are summed up
// when the cycle is over: any that was needed, and the counter starts anew;
// none, and they count as one (the footnote of the paper's table 3).
//
// Everything above that changes a site's state is in the table below.

// State is how a site stands to the news.
type State uint8

// The states.
const (
	Susceptible State = iota // has not heard
	Infective                // has heard and passes it on
	Removed                  // has heard and has lost interest
	states
)

// String names the state in lower case.
func (s State) String() string { return [...]string{"susceptible", "infective", "removed"}[s] }

// input is what can change a site's state.
type input uint8

const (
	told   input = iota // the news arrives
	enough              // the stop rule says so, or there is nobody left to tell
	inputs
)

// transitions is every change of state there is.
var transitions = [states][inputs]State{
	Susceptible: {told: Infective, enough: Susceptible},
	Infective:   {told: Infective, enough: Removed},
	Removed:     {told: Removed, enough: Removed},
}
