package kafkatest

import (
	"cmp"
	"errors"

	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Raw is a connection of a client that is a test: it writes requests and reads
// answers one by one.
type Raw struct {
	cluster *Cluster
	node    *node
	in      wire.Reader
	sent    []kmsg.Request
	first   int32 // correlation id of the first of sent
	closed  bool
	answers []Answer
}

// Answer is an answer with its request.
type Answer struct {
	Request kmsg.Request
	Answer  kmsg.Response
}

// Dial opens a connection to a broker.
func (c *Cluster) Dial(broker int) *Raw {
	r := &Raw{cluster: c, first: 1}
	r.node = &node{number: len(c.nodes), raw: r, pipes: map[uint32]*pipe{}}
	c.nodes = append(c.nodes, r.node)
	c.dial(r.node, 1, broker)
	return r
}

// Send sends a request in a version; -1: the newest that clients are told of.
func (r *Raw) Send(request kmsg.Request, version int16) {
	if version < 0 {
		api := wire.Find(request.Key())
		version = cmp.Or(api.Told, api.Max)
	}
	request.SetVersion(version)
	r.cluster.send(r.node, 1, wire.AppendRequest(nil, r.first+int32(len(r.sent)), "kafkatest", request))
	r.sent = append(r.sent, request)
}

// Close closes the connection.
func (r *Raw) Close() { r.closed = true; r.cluster.hangup(r.node, 1) }

// Closed reports whether the connection is over.
func (r *Raw) Closed() bool { return r.closed }

func (r *Raw) receive(b []byte) {
	r.in.Receive(b)
	for !r.closed {
		frame, ok, err := r.in.Next()
		if err == nil && !ok {
			return
		}
		if err != nil || len(r.sent) == 0 {
			r.Close()
			return
		}
		request := r.sent[0]
		correlation, answer, err := wire.ParseResponse(append([]byte(nil), frame...), request)
		if err != nil || correlation != r.first {
			r.Close()
			return
		}
		r.sent = r.sent[1:]
		r.first++
		r.answers = append(r.answers, Answer{request, answer})
	}
}

// Next takes an answer that has come.
func (r *Raw) Next() (Answer, bool) {
	if len(r.answers) == 0 {
		return Answer{}, false
	}
	a := r.answers[0]
	r.answers = r.answers[1:]
	return a, true
}

// Waiting is how many requests are not answered.
func (r *Raw) Waiting() int { return len(r.sent) }

// ErrNoAnswer says that a broker did not answer within a minute, or hung up.
var ErrNoAnswer = errors.New("kafkatest: no answer")

// Ask sends a request over the connection and lets the time pass until the answer.
func (r *Raw) Ask(request kmsg.Request) (kmsg.Response, error) { return r.AskAs(request, -1) }

// AskAs is Ask in a version.
func (r *Raw) AskAs(request kmsg.Request, version int16) (kmsg.Response, error) {
	r.Send(request, version)
	r.cluster.Until(r.cluster.Now+60*Second, func() bool { return r.closed || len(r.answers) > 0 })
	if a, ok := r.Next(); ok {
		return a.Answer, nil
	}
	return nil, ErrNoAnswer
}

// Ask asks a broker over a connection of its own.
func (c *Cluster) Ask(broker int, request kmsg.Request) (kmsg.Response, error) {
	r := c.Dial(broker)
	defer r.Close()
	return r.Ask(request)
}
