package pipeline

// Message is what one handler passes to the next: bytes near the head, a value
// (a *rpc.Frame) near the business. Both are valid until the next Poll.
type Message struct {
	Bytes []byte
	Value any
}

// Handler is one member of the chain. It is Inbound, Outbound or both.
type Handler interface {
	// Name is for people: "frame decoder".
	Name() string
}

// Inbound is a handler of what comes in.
type Inbound interface {
	Handler
	// Read takes a message from the handler before it, or from the head.
	Read(c Context, m Message)
}

// Outbound is a handler of what goes out.
type Outbound interface {
	Handler
	// Write takes a message from the handler after it.
	Write(c Context, m Message)
}

// Holder is a handler that keeps bytes until there are enough of them.
type Holder interface {
	// Held returns how many bytes wait and how many it takes to go on.
	Held() (have, want int)
}

// Context is a handler's place in its pipeline. It may be kept: a handler that
// answers later writes through it then.
type Context struct {
	p  *Pipeline
	at int
}

// Fire passes a message on to the next inbound handler.
func (c Context) Fire(m Message) { c.p.fire(c.at+1, m) }

// Again calls this handler's Read once more, with an empty message, when what it
// fired so far has gone all the way.
func (c Context) Again() { c.p.made = append(c.p.made, task{at: c.at}) }

// Write passes a message on to the next outbound handler, towards the head.
func (c Context) Write(m Message) { c.p.write(c.at-1, m) }

// Fail breaks the pipeline.
func (c Context) Fail(err error) { c.p.fail(err) }
