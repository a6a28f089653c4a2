package client

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/wire"
)

// Theory of operation
//
// A link is a connection to one broker for one user (a producer, a consumer,
// or the client itself) and one lane, since a broker answers a connection's
// requests in order: what waits at the broker, a long poll or a JoinGroup,
// would hold up all that comes behind it.
//
//	resting   not connected; calls may be waiting for the pause after a failure
//	dialling  the caller was told to Dial
//	asking    connected, ApiVersions is out
//	open      versions are agreed on; requests go out as they come
//
// However a link ends (closed by either side, no answer in time, an answer
// that makes no sense), all its calls fail, and whoever made them decides
// what then. The pause before the next dial belongs to the broker and not to
// the link: it grows with each failure until something is answered.
type linkState uint8

const (
	resting linkState = iota
	dialling
	asking
	open
	linkStates
)

// linkInput is what can happen to a link.
type linkInput uint8

const (
	wanted linkInput = iota // a call waits, and the pause is over
	opened
	agreed // ApiVersions was answered
	cut
	linkInputs
)

// linkMoves is every change of state; what is not listed is ignored.
var linkMoves = [linkStates][linkInputs]linkState{
	resting:  {wanted: dialling, opened: resting, agreed: resting, cut: resting},
	dialling: {wanted: dialling, opened: asking, agreed: dialling, cut: resting},
	asking:   {wanted: asking, opened: asking, agreed: open, cut: resting},
	open:     {wanted: open, opened: open, agreed: open, cut: resting},
}

// lane is what a link is for.
type lane uint8

const (
	mainLane    lane = iota // answered at once
	produceLane             // Produce, which waits for replicas
	fetchLane               // Fetch, which waits for records
	joinLane                // JoinGroup and SyncGroup, which wait for other members
)

type link struct {
	client *Client
	state  linkState
	conn   Conn
	node   *node
	user   int
	lane   lane

	dialBy   int64 // when dialling
	versions versions
	reader   wire.Reader
	out      []byte
	taken    []byte // what Output gave last; its room is used again
	told     bool   // the event Send is on its way
	number   int32  // the last correlation ID
	waiting  []*call
	flying   []*call // in the order of their answers
}

// call is a request and what is to be done with its answer.
type call struct {
	body        kmsg.Request
	correlation int32
	by          int64 // when it has timed out
	noReply     bool
	done        func(kmsg.Response, error)
}

// move changes the state, and says whether it did.
func (l *link) move(in linkInput) bool {
	next := linkMoves[l.state][in]
	changed := next != l.state
	l.state = next
	return changed
}

// link returns the link for a node, user and lane, made now if need be.
func (c *Client) link(n *node, user int, lane lane) *link {
	for _, l := range c.links {
		if l.node == n && l.user == user && l.lane == lane {
			return l
		}
	}
	l := &link{client: c, node: n, user: user, lane: lane}
	c.links = append(c.links, l)
	return l
}

// enqueue takes a call; its answer, or error, comes later.
func (l *link) enqueue(k *call) {
	if l.state == open {
		l.send(k)
		return
	}
	l.waiting = append(l.waiting, k)
	l.dial()
}

// dial dials if something waits and the broker's pause is over.
func (l *link) dial() {
	c := l.client
	if len(l.waiting) == 0 || l.node.pauseUntil > c.now || !l.move(wanted) {
		return
	}
	c.lastConn++
	l.conn = c.lastConn
	l.dialBy = c.now + c.config.DialTimeoutMicros
	c.emit(Event{Kind: Dial, Conn: l.conn, Node: max(l.node.id, -1), Host: l.node.host, Port: l.node.port})
}

func (l *link) opened() {
	if !l.move(opened) {
		return
	}
	l.reader = wire.Reader{MaxFrameBytes: l.client.config.MaxFrameBytes}
	l.ask(3)
}

// ask asks for the versions. A broker that does not know this version of
// ApiVersions says so in version 0 (KIP-511), and is asked in that.
func (l *link) ask(version int16) {
	req := kmsg.NewPtrApiVersionsRequest()
	req.Version = version
	req.ClientSoftwareName, req.ClientSoftwareVersion = "grapevine", "1"
	l.write(&call{body: req, by: l.client.now + l.client.config.RequestTimeoutMicros, done: func(r kmsg.Response, err error) {
		resp, ok := r.(*kmsg.ApiVersionsResponse)
		switch {
		case err != nil || !ok:
		case resp.ErrorCode == kerr.UnsupportedVersion.Code && version > 0:
			l.ask(0)
		case resp.ErrorCode != 0:
			l.end(kerr.ErrorForCode(resp.ErrorCode))
		default:
			l.agreed(l.client.agree(resp.ApiKeys))
		}
	}})
}

func (l *link) agreed(v versions) {
	l.versions = v
	l.move(agreed)
	waiting := l.waiting
	l.waiting = nil
	for _, k := range waiting {
		l.send(k)
	}
}

// send writes a call in the version agreed on.
func (l *link) send(k *call) {
	version := l.versions.of(k.body.Key())
	if version < 0 {
		l.client.later(k, kerr.UnsupportedVersion)
		return
	}
	k.body.SetVersion(version)
	l.write(k)
	if k.noReply {
		l.client.later(k, nil)
	}
}

func (l *link) write(k *call) {
	l.number++
	k.correlation = l.number
	l.out = wire.AppendRequest(l.out, k.correlation, l.client.config.ClientID, k.body)
	if !k.noReply {
		l.flying = append(l.flying, k)
	}
	if !l.told {
		l.told = true
		l.client.emit(Event{Kind: Send, Conn: l.conn, Node: max(l.node.id, -1)})
	}
}

// receive takes bytes. Whatever makes no sense ends the link.
func (l *link) receive(b []byte) {
	conn := l.conn
	l.reader.Receive(b)
	for l.state >= asking && l.conn == conn {
		frame, ok, err := l.reader.Next()
		if err != nil {
			l.end(err)
		}
		if err != nil || !ok {
			return
		}
		l.answered(frame)
	}
}

func (l *link) answered(frame []byte) {
	if len(l.flying) == 0 {
		l.end(&BadAnswer{Node: l.node.id, Text: "nothing was asked"})
		return
	}
	k := l.flying[0]
	resp, err := parse(frame, k)
	if err != nil {
		l.end(&BadAnswer{Node: l.node.id, Text: err.Error()})
		return
	}
	l.flying = slices.Delete(l.flying, 0, 1)
	l.node.failures = 0
	k.done(resp, nil)
}

func parse(frame []byte, k *call) (kmsg.Response, error) {
	number, ok := wire.Correlation(frame)
	if !ok || number != k.correlation {
		return nil, &BadAnswer{Text: "its correlation ID is not that of the oldest request"}
	}
	_, resp, err := wire.ParseResponse(frame, k.body)
	return resp, err
}

// end hangs up, if there is a connection, and has all calls fail.
func (l *link) end(err error) {
	if l.state != resting {
		l.client.emit(Event{Kind: Hangup, Conn: l.conn, Node: max(l.node.id, -1)})
	}
	l.closed(err)
}

// closed is end without the hanging up.
func (l *link) closed(err error) {
	c := l.client
	if l.move(cut) {
		l.conn, l.out, l.told = 0, nil, false
		l.node.failed(c)
	}
	calls := append(l.flying, l.waiting...)
	l.flying, l.waiting = nil, nil
	for _, k := range calls {
		c.later(k, err)
	}
}

// deadline is when tick has something to do.
func (l *link) deadline() int64 {
	at := int64(math.MaxInt64)
	switch {
	case l.state == dialling:
		at = l.dialBy
	case l.state == resting && len(l.waiting) > 0:
		at = l.node.pauseUntil
	}
	for _, k := range l.flying {
		at = min(at, k.by)
	}
	for _, k := range l.waiting {
		at = min(at, k.by)
	}
	return at
}

func (l *link) tick() {
	c := l.client
	if l.state == dialling && l.dialBy <= c.now {
		l.end(ErrTimeout)
		return
	}
	for _, k := range l.flying {
		if k.by <= c.now { // the connection goes with it: what would the answer to the next be worth?
			l.end(ErrTimeout)
			return
		}
	}
	late := slices.IndexFunc(l.waiting, func(k *call) bool { return k.by <= c.now })
	if late >= 0 { // those behind it fail with it: nothing may overtake it
		for _, k := range l.waiting[late:] {
			c.later(k, ErrTimeout)
		}
		l.waiting = slices.Delete(l.waiting, late, len(l.waiting))
	}
	l.dial()
}
