package client

import (
	"math"
	"slices"

	"grapevine/protocols/kafka/wire"
)

// Conn names a connection of a Client; 0 is none.
type Conn = wire.Conn

// Address is where a broker listens.
type Address struct {
	Host string
	Port int32
}

// Config is what a Client is made with. Of the numbers, 0 means the default.
type Config struct {
	ClientID  string    // told to brokers; "grapevine"
	Bootstrap []Address // whom to ask first; at least one
	// Rand is the luck that spreads retries and chooses partitions; nil: none.
	Rand func() uint64
	// Wall turns the time into a record's timestamp; nil: milliseconds since 0.
	Wall func(now int64) (ms int64)
	// MaxVersion, if any, caps the versions: by it, a new client speaks as an
	// old one. A negative number means that the API must not be used.
	MaxVersion func(key int16) int16

	RequestTimeoutMicros   int64 // a request without an answer for so long ends its connection; 30 s
	DialTimeoutMicros      int64 // 10 s
	RedialBackoffMicros    int64 // doubled with each failure, spread by a fifth; 50 ms
	MaxRedialBackoffMicros int64 // 1 s
	RetryBackoffMicros     int64 // doubled with each failure of the same request (KIP-580), spread by a fifth; 100 ms
	MaxRetryBackoffMicros  int64 // 1 s
	MetadataMaxAgeMicros   int64 // 5 min
	MaxFrameBytes          int   // the longest answer that is read; 100 MiB
}

// EventKind says what an Event asks of the caller.
type EventKind uint8

// Events of a Client.
const (
	Dial   EventKind = iota + 1 // connect Conn to Host:Port, then say Opened or Closed
	Send                        // Output(Conn) has bytes
	Hangup                      // close Conn; nothing more of it is wanted
)

// Event is what the caller has to do for a Client.
type Event struct {
	Kind EventKind
	Conn Conn
	Node int32 // the broker's ID; -1 for a bootstrap address
	Host string
	Port int32
}

// Misuse is an error of the caller's: a call that made no sense or came at a
// wrong time. Nothing has changed.
type Misuse struct{ Text string }

func (m *Misuse) Error() string { return "client: " + m.Text }

// Client joins producers and consumers to a cluster. Make one with New.
type Client struct {
	config       Config
	now          int64
	brokers      []*node // by ID
	bootstrap    []*node
	links        []*link // as they were first needed
	lastConn     Conn
	users        []user // producers and consumers
	lastUser     int
	topics       map[string]*topic
	sorted       []*topic // by name
	metadata     metadata
	coordinators []*coordinator
	endings      []ending
	events       queue[Event]
}

// user is a Producer or a Consumer, as a Client sees it.
type user interface {
	refreshed()      // the metadata came
	tick()           // does what is due
	deadline() int64 // when tick has something to do
	flush()          // makes requests of what the caller left
}

// New returns a client that has not dialled yet.
func New(config Config) *Client {
	c := &Client{config: config.withDefaults(), topics: map[string]*topic{}}
	for i, a := range config.Bootstrap {
		c.bootstrap = append(c.bootstrap, &node{id: int32(-1 - i), host: a.Host, port: a.Port})
	}
	c.metadata.next = math.MaxInt64
	return c
}

func (c Config) withDefaults() Config {
	if len(c.Bootstrap) == 0 {
		c.Bootstrap = []Address{{"localhost", 9092}}
	}
	orString(&c.ClientID, "grapevine")
	orNumber(&c.RequestTimeoutMicros, 30_000_000)
	orNumber(&c.DialTimeoutMicros, 10_000_000)
	orNumber(&c.RedialBackoffMicros, 50_000)
	orNumber(&c.MaxRedialBackoffMicros, 1_000_000)
	orNumber(&c.RetryBackoffMicros, 100_000)
	orNumber(&c.MaxRetryBackoffMicros, 1_000_000)
	orNumber(&c.MetadataMaxAgeMicros, 300_000_000)
	orNumber(&c.MaxFrameBytes, 100<<20)
	if c.Wall == nil {
		c.Wall = func(now int64) int64 { return now / 1000 }
	}
	return c
}

func orNumber[N int | int32 | int64](n *N, def N) {
	if *n == 0 {
		*n = def
	}
}

func orString(s *string, def string) {
	if *s == "" {
		*s = def
	}
}

// enter begins what a caller or the time has to say.
func (c *Client) enter(now int64) { c.now = max(c.now, now) }

// leave ends it: the calls that will have no answer are told so.
func (c *Client) leave() {
	for len(c.endings) > 0 {
		endings := c.endings
		c.endings = nil
		for _, e := range endings {
			e.call.done(nil, e.err)
		}
	}
}

// byConn returns the link that has a connection; nil: none has, any more.
func (c *Client) byConn(conn Conn) *link {
	for _, l := range c.links {
		if l.conn == conn && conn != 0 {
			return l
		}
	}
	return nil
}

// Opened says that a connection is there.
func (c *Client) Opened(now int64, conn Conn) {
	c.enter(now)
	if l := c.byConn(conn); l != nil {
		l.opened()
	}
	c.leave()
}

// Receive takes bytes that came on a connection, in any pieces.
func (c *Client) Receive(now int64, conn Conn, b []byte) {
	c.enter(now)
	if l := c.byConn(conn); l != nil {
		l.receive(b)
	}
	c.leave()
}

// Closed says that a connection ended or could not be made.
func (c *Client) Closed(now int64, conn Conn) {
	c.enter(now)
	if l := c.byConn(conn); l != nil {
		if l.lane == produceLane { // perhaps what was sent for no answer was refused: it is all that is said
			c.stale()
		}
		l.closed(ErrDisconnected)
	}
	c.leave()
}

// Output takes away what is to be written to a connection; nil: nothing. It is
// valid until the next call that takes the time.
func (c *Client) Output(conn Conn) []byte {
	l := c.byConn(conn)
	if l == nil || len(l.out) == 0 {
		return nil
	}
	l.out, l.taken, l.told = l.taken[:0], l.out, false
	return l.taken
}

// Poll returns what is to be done next.
func (c *Client) Poll() (Event, bool) {
	if c.events.empty() {
		for _, u := range c.users {
			u.flush()
		}
		c.leave()
	}
	return c.events.pop()
}

func (c *Client) emit(e Event) { c.events.push(e) }

// Deadline is when Tick has something to do; math.MaxInt64: not before
// something else has happened.
func (c *Client) Deadline() int64 {
	at := c.metadata.next
	for _, l := range c.links {
		at = min(at, l.deadline())
	}
	for _, u := range c.users {
		at = min(at, u.deadline())
	}
	return at
}

// Tick does what is due.
func (c *Client) Tick(now int64) {
	c.enter(now)
	for _, l := range c.links {
		l.tick()
	}
	c.leave()
	if c.metadata.next <= c.now {
		c.refresh()
	}
	for _, u := range c.users {
		if u.deadline() <= c.now {
			u.tick()
		}
	}
	c.leave()
}

// forget ends a producer or a consumer.
func (c *Client) forget(u user, number int) {
	c.users = slices.DeleteFunc(c.users, func(v user) bool { return u == v })
	for _, l := range c.links {
		if l.user == number {
			l.end(ErrClosed)
			l.node.failures, l.node.pauseUntil = 0, 0
		}
	}
	c.links = slices.DeleteFunc(c.links, func(l *link) bool { return l.user == number })
	c.leave()
}
