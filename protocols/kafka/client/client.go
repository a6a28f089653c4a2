package client

// Conn names a connection of a Client; 0 is none.
type Conn uint32

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
	config Config
}

// New returns a client that has not dialled yet.
func New(config Config) *Client { return &Client{config: config} }

// Opened says that a connection is there.
func (c *Client) Opened(now int64, conn Conn) { panic("not built yet") }

// Receive takes bytes that came on a connection, in any pieces.
func (c *Client) Receive(now int64, conn Conn, b []byte) { panic("not built yet") }

// Closed says that a connection ended or could not be made.
func (c *Client) Closed(now int64, conn Conn) { panic("not built yet") }

// Output takes away what is to be written to a connection; nil: nothing. It is
// valid until the next call that takes the time.
func (c *Client) Output(conn Conn) []byte { panic("not built yet") }

// Poll returns what is to be done next.
func (c *Client) Poll() (Event, bool) { panic("not built yet") }

// Deadline is when Tick has something to do; math.MaxInt64: not before
// something else has happened.
func (c *Client) Deadline() int64 { panic("not built yet") }

// Tick does what is due.
func (c *Client) Tick(now int64) { panic("not built yet") }
