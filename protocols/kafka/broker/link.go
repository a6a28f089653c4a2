package broker

import (
	"strings"

	"grapevine/protocols/kafka/timers"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Connections to other brokers
//
// Behaviour: there is a connection for each purpose, since answers come in
// order and a Fetch that waits would hold up what is behind it. It is dialled
// when there is something to ask, and again after a pause that doubles, until
// an answer comes. What was asked on a connection that ended fails, and so does
// all of a connection whose oldest request has waited for too long: an answer
// after that could not be told from another's.

type purpose uint8

const (
	forControl  purpose = iota // the active controller: heartbeats, in-sync sets, what clients want of it
	forVotes                   // the quorum's elections
	forMetadata                // fetching the metadata log
	forReplicas                // fetching partitions
	forMarkers                 // transaction markers
	forTxns                    // asking coordinators what is in a transaction
	purposes
)

const (
	minRedialMicros = 50_000
	maxRedialMicros = 1_000_000
	maxAsked        = 1000 // requests of a link that wait for an answer
)

// clientPrefix begins the client id of brokers. A request of such a client is
// never forwarded: the broker that sent it is the one to ask elsewhere.
const clientPrefix = "grapevine-broker-"

func ofBroker(client string) bool { return strings.HasPrefix(client, clientPrefix) }

// errand says what an answer of another broker is for.
type errand struct {
	what    errandKind
	id      uint64 // of what asked
	fetcher *fetcher
	forward *forward
	verify  *verification
}

type errandKind uint8

const (
	errandNode    errandKind = iota // id is the controller's
	errandForward                   // for a client
	errandOwn                       // id is Broker.own's turn: see lifecycle.go
	errandFetch                     // for a fetcher
	errandMarkers                   // id is of the transaction
	errandVerify                    // for a Produce
)

// link is a connection to another broker for one purpose.
type link struct {
	node    int32
	purpose purpose
	conn    *conn // nil: not dialled
	asked   []asked
	count   int32 // correlation id of the latest request
	backoff int64
	timer   timers.Timer[alarm] // the time to dial, or when the oldest request has waited too long
}

type asked struct {
	errand      errand
	request     kmsg.Request
	correlation int32 // 0: not sent yet
	timeout     int64 // in microseconds from when it is sent: a pause before the dial does not count
	deadline    int64
}

// ask sends a request to another broker. Its answer, nil if there is none,
// comes to answered, and never within ask.
func (b *Broker) ask(now int64, node int32, p purpose, e errand, request kmsg.Request, timeout int64) {
	request.SetVersion(wire.Find(request.Key()).Max)
	b.askAs(now, node, p, e, request, timeout)
}

// askAs is ask for a request that keeps its version.
func (b *Broker) askAs(now int64, node int32, p purpose, e errand, request kmsg.Request, timeout int64) {
	l := b.link(node, p)
	if len(l.asked) >= maxAsked {
		b.failed = append(b.failed, asked{errand: e, request: request})
		return
	}
	l.asked = append(l.asked, asked{errand: e, request: request, timeout: timeout})
	if l.conn != nil {
		l.send(b, now, len(l.asked)-1)
		if len(l.asked) == 1 {
			b.timers.Set(&l.timer, l.asked[0].deadline)
		}
	} else if !l.timer.IsSet() {
		l.dial(b, now)
	}
}

// link finds the link, or makes it.
func (b *Broker) link(node int32, p purpose) *link {
	key := linkKey{node, p}
	l := b.links[key]
	if l == nil {
		l = &link{node: node, purpose: p}
		l.timer.Of = l
		b.links[key] = l
	}
	return l
}

type linkKey struct {
	node    int32
	purpose purpose
}

func (l *link) dial(b *Broker, now int64) {
	l.conn = b.newConn(0, l)
	b.tell(Event{Kind: Dial, Conn: l.conn.id, Node: l.node})
	for i := range l.asked {
		l.send(b, now, i)
	}
	b.timers.Set(&l.timer, l.asked[0].deadline)
}

func (l *link) send(b *Broker, now int64, i int) {
	l.count++
	if l.count <= 0 {
		l.count = 1
	}
	a := &l.asked[i]
	a.correlation, a.deadline = l.count, now+a.timeout
	l.conn.out = wire.AppendRequest(l.conn.out, a.correlation, b.clientID, a.request)
	b.soil(l.conn)
}

// ring is called when the timer is due.
func (l *link) ring(b *Broker, now int64) {
	switch {
	case l.conn != nil:
		b.hangup(now, l.conn)
	case len(l.asked) > 0:
		l.dial(b, now)
	}
}

// giveUp stops waiting for another broker to do its part in transactions, if
// the image says that it is down: it leads nothing any more. A machine that lost
// its power closes no connection; the transactions would wait until the request
// has waited for too long.
func (b *Broker) giveUp(now int64, node int32) {
	if other := b.image.Broker(node); other != nil && !other.Fenced {
		return
	}
	for _, p := range []purpose{forMarkers, forTxns} {
		if l := b.links[linkKey{node, p}]; l != nil && l.conn != nil {
			b.hangup(now, l.conn)
		}
	}
}

// readAnswers takes answers from a connection that we dialled.
func (b *Broker) readAnswers(now int64, c *conn) {
	l := c.link
	for !c.closed {
		frame, ok, err := c.in.Next()
		if err == nil && !ok {
			return
		}
		if err != nil || len(l.asked) == 0 {
			b.hangup(now, c)
			return
		}
		a := l.asked[0]
		correlation, answer, err := wire.ParseResponse(frame, a.request)
		if err != nil || correlation != a.correlation {
			b.hangup(now, c)
			return
		}
		l.asked = l.asked[:copy(l.asked, l.asked[1:])]
		l.backoff = 0
		if len(l.asked) > 0 {
			b.timers.Set(&l.timer, l.asked[0].deadline)
		} else {
			b.timers.Stop(&l.timer)
		}
		b.answered(now, a.errand, a.request, answer)
	}
}

// linkClosed is called when the connection is over.
func (b *Broker) linkClosed(now int64, l *link) {
	l.conn = nil
	b.failed = append(b.failed, l.asked...)
	clear(l.asked)
	l.asked = l.asked[:0]
	l.backoff = min(max(2*l.backoff, minRedialMicros), maxRedialMicros)
	b.timers.Set(&l.timer, now+l.backoff)
}

// answered hands an answer, or nil, to whom it concerns.
func (b *Broker) answered(now int64, e errand, request kmsg.Request, answer kmsg.Response) {
	switch e.what {
	case errandNode:
		b.node.Received(now, e.id, answer)
	case errandForward:
		b.forwarded(now, e.forward, e.id, answer)
	case errandOwn:
		b.ownAnswered(now, e.id, request, answer)
	case errandFetch:
		response, _ := answer.(*kmsg.FetchResponse)
		e.fetcher.received(b, now, request.(*kmsg.FetchRequest), response)
	case errandMarkers:
		response, _ := answer.(*kmsg.WriteTxnMarkersResponse)
		b.marked(now, e.id, request.(*kmsg.WriteTxnMarkersRequest), response)
	case errandVerify:
		b.verified(now, e.verify, answer)
	}
}
