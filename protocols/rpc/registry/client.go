package registry

import (
	"cmp"
	"slices"
)

// ClientConfig says how a client keeps its lists; zeros are the defaults.
type ClientConfig struct {
	// Watch has the registry tell changes as they happen. Without it the
	// client only asks, every RefreshMicros.
	Watch bool
	// RefreshMicros is the time between two lookups, or between two renewals
	// of a watch; default 10 s.
	RefreshMicros int64
	// RetryMicros is when an unanswered question is asked again; default 1 s.
	RetryMicros int64
	// StaleMicros is how old a confirmation may be before the list counts as
	// stale; default RefreshMicros + 2 RetryMicros.
	StaleMicros int64
	// BelieveYoung takes a registry that has just begun by its word, even if
	// it knows nobody. Without it, instances that such a registry does not list
	// are kept until it has come of age.
	BelieveYoung bool
}

// Client keeps the lists of the services it follows.
type Client struct {
	config   ClientConfig
	requests requests
	follows  []follow // in order of their services
	events   []ClientEvent
	output   [][]byte
}

// follow is one service's list.
type follow struct {
	service   string
	knowledge Knowledge
	instances []Instance // in order of their IDs
	version   Version
	young     bool
	confirmed int64 // the list was true then
	due       int64 // of the next question
	silence   int64 // when the list counts as stale
}

// ClientEvent is a change of a list, or of how well it is known.
type ClientEvent struct {
	Service  string
	From, To Knowledge
	// Version is that of the list now. Count is its length.
	Version Version
	Count   int
	// Missed is how many changes were found missing, if any.
	Missed uint64
}

// View is a list as the client has it.
type View struct {
	Knowledge Knowledge
	Instances []Instance // in order of their IDs; not to be changed
	Version   Version
	Young     bool
	// AgeMicros is how long ago this was true for certain.
	AgeMicros int64
}

// NewClient makes a client that follows nothing.
func NewClient(config ClientConfig) *Client {
	config.RefreshMicros = cmp.Or(config.RefreshMicros, 10_000_000)
	config.RetryMicros = cmp.Or(config.RetryMicros, 1_000_000)
	config.StaleMicros = cmp.Or(config.StaleMicros, config.RefreshMicros+2*config.RetryMicros)
	return &Client{config: config}
}

// Follow asks for a service's list and keeps it up to date from now on. It
// fails for a name that is none.
func (c *Client) Follow(now int64, service string) error {
	if err := checkName("a service", service); err != nil {
		return err
	}
	i, found := c.find(service)
	if !found {
		c.follows = slices.Insert(c.follows, i, follow{service: service, silence: Never})
		c.ask(now, &c.follows[i])
	}
	return nil
}

// View returns a service's list, as it is known; false if it is not followed.
func (c *Client) View(now int64, service string) (View, bool) {
	i, found := c.find(service)
	if !found {
		return View{}, false
	}
	f := &c.follows[i]
	v := View{Knowledge: f.knowledge, Instances: f.instances, Version: f.version, Young: f.young}
	if f.knowledge != Ignorant {
		v.AgeMicros = now - f.confirmed
	}
	return v, true
}

// Poll returns the next change.
func (c *Client) Poll() (ClientEvent, bool) { return take(&c.events) }

// Output returns the next message to the registry, nil if there is none.
func (c *Client) Output() []byte {
	b, _ := take(&c.output)
	return b
}

// Deadline is when Tick is due.
func (c *Client) Deadline() int64 {
	next := Never
	for i := range c.follows {
		next = min(next, c.follows[i].due, c.follows[i].silence)
	}
	return next
}

// Tick asks what is due to be asked, and notices silence.
func (c *Client) Tick(now int64) {
	for i := range c.follows {
		f := &c.follows[i]
		if f.silence <= now {
			f.silence = Never
			c.step(f, silent, 0)
		}
		if f.due <= now {
			c.ask(now, f)
		}
	}
}

// Receive takes a message from the registry. An error is the registry's: the
// message was dropped.
func (c *Client) Receive(now int64, b []byte) error {
	c.Tick(now)
	message, err := decode(b)
	if err != nil {
		return err
	}
	switch m := message.(type) {
	case *listingMessage:
		if f, at := c.answered(m.Service, m.Request); f != nil && !f.version.After(m.Version) {
			c.replace(f, m)
			c.confirm(now, f, at)
		}
	case *sameMessage:
		if f, at := c.answered(m.Service, m.Request); f != nil && f.version == m.Version {
			f.young = m.Young
			c.confirm(now, f, at)
		}
	case *upMessage:
		c.change(now, m.Service, m.Version, func(f *follow) { f.put(m.Instance) })
	case *downMessage:
		c.change(now, m.Service, m.Version, func(f *follow) { f.remove(m.ID) })
	case *refusedMessage: // too many watches: what is left is to ask
	default:
		return &Unexpected{Letter(b[1]), "listing, same, up, down or refused"}
	}
	return nil
}

// answered finds what was asked, and when.
func (c *Client) answered(service string, request uint64) (*follow, int64) {
	i, found := c.find(service)
	at, asked := c.requests.asked(request)
	if !found || !asked {
		return nil, 0
	}
	return &c.follows[i], at
}

// replace puts a new list in place of what was known. The list of a young
// registry is only added to it.
func (c *Client) replace(f *follow, m *listingMessage) {
	if m.Young && !c.config.BelieveYoung {
		for _, i := range m.Instances {
			f.put(i)
		}
	} else {
		f.instances = m.Instances
	}
	f.version, f.young = m.Version, m.Young
}

// confirm notes that the list was true at an instant.
func (c *Client) confirm(now int64, f *follow, at int64) {
	f.confirmed = max(f.confirmed, at)
	f.silence = f.confirmed + c.config.StaleMicros
	f.due = now + c.config.RefreshMicros
	c.step(f, told, 0)
}

// change applies one change if it follows on what is known; if it leads
// further, something was missed in between.
func (c *Client) change(now int64, service string, v Version, apply func(*follow)) {
	i, found := c.find(service)
	if !found || c.follows[i].knowledge == Ignorant || !v.After(c.follows[i].version) {
		return
	}
	f := &c.follows[i]
	if v.Epoch == f.version.Epoch && v.Counter == f.version.Counter+1 {
		apply(f)
		f.version = v
		c.report(f, f.knowledge, 0)
		return
	}
	gap := uint64(1)
	if v.Epoch == f.version.Epoch {
		gap = v.Counter - f.version.Counter - 1
	}
	if f.knowledge != Behind { // else the question is under way
		c.step(f, missed, gap)
		c.ask(now, f)
	}
}

// ask sends a question and sets the time of the next.
func (c *Client) ask(now int64, f *follow) {
	request := c.requests.next(now)
	f.due = now + c.config.RetryMicros
	has := f.version
	if f.young { // only a whole list will say who of those that were kept is gone
		has = Version{}
	}
	if c.config.Watch {
		// Half as long again as the time to the renewal: a renewal may be late.
		lease := min(c.config.RefreshMicros+c.config.RefreshMicros/2+c.config.RetryMicros, MaxLeaseMicros)
		c.output = append(c.output, wire.Must(watchMessage{Type: Watch, Request: request, Service: f.service, Version: has, Lease: lease}))
		return
	}
	c.output = append(c.output, wire.Must(lookupMessage{Type: Lookup, Request: request, Service: f.service, Version: has}))
}

// step takes an input to the table.
func (c *Client) step(f *follow, input knowledgeInput, gap uint64) {
	from := f.knowledge
	f.knowledge = knowledgeTransitions[from][input]
	c.report(f, from, gap)
}

func (c *Client) report(f *follow, from Knowledge, gap uint64) {
	c.events = append(c.events, ClientEvent{Service: f.service, From: from, To: f.knowledge, Version: f.version, Count: len(f.instances), Missed: gap})
}

func (c *Client) find(service string) (int, bool) {
	return slices.BinarySearchFunc(c.follows, service, func(f follow, name string) int { return cmp.Compare(f.service, name) })
}

func (f *follow) find(id string) (int, bool) {
	return slices.BinarySearchFunc(f.instances, id, func(i Instance, id string) int { return cmp.Compare(i.ID, id) })
}

// put lists an instance or replaces what was known of it.
func (f *follow) put(i Instance) {
	at, found := f.find(i.ID)
	f.instances = slices.Clone(f.instances) // a View may still show the old ones
	if found {
		f.instances[at] = i
	} else {
		f.instances = slices.Insert(f.instances, at, i)
	}
}

func (f *follow) remove(id string) {
	if at, found := f.find(id); found {
		f.instances = slices.Delete(slices.Clone(f.instances), at, at+1)
	}
}
