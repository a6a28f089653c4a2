package registry

// MemberConfig says how an instance keeps itself listed.
type MemberConfig struct {
	Service  string
	Instance Instance
	// LeaseMicros is the lease that is asked for, BeatMicros the time between
	// two heartbeats: a third of the lease survives the loss of two.
	LeaseMicros, BeatMicros int64
	// RetryMicros is the time between two tries to register or to leave.
	RetryMicros int64
}

// Member is an instance's side: it registers, sends heartbeats, and registers
// again when the registry has forgotten it.
type Member struct {
	config   MemberConfig
	standing Standing
	requests requests
	since    uint64 // the first request of this standing: earlier answers are about the past
	until    int64  // when the lease ends, as far as is known
	due      int64  // of the next message
	events   []MemberEvent
	output   [][]byte
}

// MemberEvent is a change of standing.
type MemberEvent struct {
	From, To Standing
	// Refusal, if not nil, is why the registry does not list the instance;
	// From and To are then both Asking.
	Refusal *Refusal
}

// NewMember makes an instance that is away. It panics for a configuration
// that could not be registered: see Instance.Check.
func NewMember(config MemberConfig) *Member {
	m := registerMessage{Service: config.Service, Instance: config.Instance, Lease: config.LeaseMicros}
	if err := m.check(); err != nil {
		panic("registry: NewMember: " + err.Error())
	}
	if config.BeatMicros < 1 || config.RetryMicros < 1 {
		panic("registry: NewMember: BeatMicros and RetryMicros must be positive")
	}
	return &Member{config: config, due: Never, until: Never}
}

// Open asks to be listed.
func (m *Member) Open(now int64) { m.step(now, opened) }

// Close asks to be taken off the list.
func (m *Member) Close(now int64) { m.step(now, closed) }

// Standing is how the instance stands to the registry.
func (m *Member) Standing() Standing { return m.standing }

// Until is when the lease ends, as far as the instance knows; Never without one.
func (m *Member) Until() int64 { return m.until }

// Poll returns the next change of standing.
func (m *Member) Poll() (MemberEvent, bool) { return take(&m.events) }

// Output returns the next message to the registry, nil if there is none.
func (m *Member) Output() []byte {
	b, _ := take(&m.output)
	return b
}

// Deadline is when Tick is due.
func (m *Member) Deadline() int64 { return min(m.due, m.until) }

// Tick sends what is due, and notices the end of the lease.
func (m *Member) Tick(now int64) {
	if m.until <= now {
		m.until = Never
		m.step(now, outlast)
	}
	if m.due <= now {
		m.send(now)
	}
}

// Receive takes a message from the registry. An error is the registry's: the
// message was dropped.
func (m *Member) Receive(now int64, b []byte) error {
	m.Tick(now)
	message, err := decode(b)
	if err != nil {
		return err
	}
	switch a := message.(type) {
	case *grantedMessage:
		// The lease lasts from when the registry got the question: from when it
		// was asked is on the safe side.
		if at, ok := m.asked(a.Request); ok {
			if m.standing != Leaving && m.standing != Gone {
				m.until = at + a.Lease
			}
			m.step(now, granted)
		}
	case *plainMessage:
		if _, ok := m.asked(a.Request); ok {
			m.step(now, [letters]standingInput{Unknown: forgotten, Removed: removed}[a.Type])
		}
	case *refusedMessage:
		if _, ok := m.asked(a.Request); ok && m.standing == Asking {
			m.events = append(m.events, MemberEvent{Asking, Asking, &a.Refusal})
		}
	default:
		return &Unexpected{Letter(b[1]), "granted, unknown, removed or refused"}
	}
	return nil
}

func (m *Member) asked(request uint64) (int64, bool) {
	at, ok := m.requests.asked(request)
	return at, ok && request >= m.since
}

// step takes an input to the table, and acts on a new standing.
func (m *Member) step(now int64, input standingInput) {
	next := standingTransitions[m.standing][input]
	if next == m.standing {
		return
	}
	m.events = append(m.events, MemberEvent{From: m.standing, To: next})
	doubt := m.standing == Listed && next == Doubtful || m.standing == Doubtful && next == Listed
	m.standing = next
	if !doubt { // heartbeats go on, and any answer to one is welcome
		m.since = m.requests.last + 1
	}
	switch next {
	case Asking:
		m.until = Never
		m.send(now)
	case Leaving:
		m.send(now)
	case Listed:
		if !doubt {
			m.due = now + m.config.BeatMicros
		}
	case Gone:
		m.due, m.until = Never, Never
	}
}

// send says what the standing has to say, and sets the time of the next.
func (m *Member) send(now int64) {
	c := &m.config
	request := m.requests.next(now)
	var message any
	switch m.standing {
	case Asking:
		message = registerMessage{Type: Register, Request: request, Service: c.Service, Instance: c.Instance, Lease: c.LeaseMicros}
		m.due = now + c.RetryMicros
	case Listed, Doubtful:
		message = aboutMessage{Type: Heartbeat, Request: request, Service: c.Service, ID: c.Instance.ID, Life: c.Instance.Life}
		m.due = now + c.BeatMicros
	case Leaving:
		message = aboutMessage{Type: Deregister, Request: request, Service: c.Service, ID: c.Instance.ID, Life: c.Instance.Life}
		m.due = now + c.RetryMicros
		if m.until == Never { // the registration under way may still be granted
			m.until = now + c.LeaseMicros
		}
	default:
		panic("registry: nothing to send when " + m.standing.String())
	}
	m.output = append(m.output, wire.Must(message))
}
