package rpc

// ServerConfig is what a server is made with. Zero values mean the defaults.
type ServerConfig struct {
	// Boot numbers the lives of this server, from 1, ever greater.
	Boot uint64
	// Table leads from Call IDs to functions; keyed ByID.
	Table     *Table
	Semantics Semantics
	// TrustTables leaves out the comparison of the signature in a request with
	// that in the table. Where the tables disagree, the wrong function is then called.
	TrustTables bool
	// MaxRunning is how many calls may be in execution at once (default 1024).
	MaxRunning int
	// MaxFrameBytes is the largest frame sent or taken (default 65,536).
	MaxFrameBytes int
	// Duplicates limits the duplicate table, for semantics that keep one.
	Duplicates DuplicateLimits
	// Steps tells every step of a call, not only those that matter to the program.
	Steps bool
}

// DuplicateLimits bound the duplicate table. Zero values mean the defaults.
type DuplicateLimits struct {
	MaxEntries int // default 1024; calls in execution count too
	MaxBytes   int // of stored replies; default 1 MiB
	// ExpiryMicros is how long a reply is kept (default 60 s). It must be longer than a
	// client's attempts take in all, and a packet's longest delay.
	ExpiryMicros int64
	// WhenFull says what a new call meets when the table is full.
	WhenFull WhenFull
}

// WhenFull is what happens to a new call when the duplicate table is full.
type WhenFull uint8

// The policies.
const (
	FullRefuses WhenFull = iota // the call is refused with Busy: safe, and slow
	FullForgets                 // the oldest reply makes room: its duplicates are then executed again
)

// Server is the server's network service: it takes calls, asks for their
// execution, sends and remembers replies.
//
// At the event Execute the caller executes the call: at once, with Execute and
// the generated stub; or later (a thread is busy, the function waits for
// another), with a copy of the event whose Body is copied as well; or piece by
// piece, calling Stub.Invoke and, when the result is to go out, Reply.
type Server struct{ config ServerConfig }

// Stub is a generated server stub: it calls the server's method.
type Stub interface {
	// Invoke reads the arguments, calls the function and returns its result,
	// for Marshal. The error is an *Error, BadArguments or what the method returned.
	Invoke(function string, arguments []byte) (result any, err error)
}

// NewServer makes a server. It panics without a Table keyed ByID.
func NewServer(c ServerConfig) *Server { return &Server{c} }

// Receive takes one frame from a peer.
func (s *Server) Receive(now int64, from Peer, frame []byte) {}

// Execute has the stub execute the call of an Execute event, and replies.
func (s *Server) Execute(now int64, e Event, stub Stub) {}

// Reply answers an execution with its result or error; an error other than an
// *Error is sent as an Application error. It returns false, and does nothing, if the call was stopped meanwhile.
func (s *Server) Reply(now int64, execution uint64, result any, err error) bool { return false }

// Poll returns the next event.
func (s *Server) Poll() (Event, bool) { return Event{}, false }

// Output returns the next frame to send, and to whom. An empty frame answers a slot that has nothing else to say.
func (s *Server) Output() (to Peer, frame []byte, ok bool) { return Peer{}, nil, false }

// Deadline returns when Tick is due next; 0: not at all.
func (s *Server) Deadline() int64 { return 0 }

// Tick stops calls that are past their deadline and forgets replies that expired.
func (s *Server) Tick(now int64) {}

// Running returns how many calls are in execution.
func (s *Server) Running() int { return 0 }

// Executions returns how many executions were asked for.
func (s *Server) Executions() uint64 { return 0 }

// Remembered is an entry of the duplicate table, for a picture.
type Remembered struct {
	Call    CallKey
	Running bool
	Bytes   int   // of the stored reply
	Expires int64 // 0: while running
}

// Remembered returns up to max entries of the duplicate table, oldest first.
func (s *Server) Remembered(max int) []Remembered { return nil }

// RememberedBytes returns how many bytes of replies the duplicate table holds.
func (s *Server) RememberedBytes() int { return 0 }

// Save appends the duplicate table's finished entries to b, to be kept on a disk.
func (s *Server) Save(b []byte) []byte { return b }

// Load takes what Save wrote into the table of a new server. It fails, with nothing loaded, when
// the bytes are not Save's or exceed the limits.
func (s *Server) Load(now int64, b []byte) error { return nil }

// SetTable gives a running server another table, for calls that come from now on.
func (s *Server) SetTable(t *Table) {}
