package gossip

import (
	"fmt"
)

// Luck is where a site's random choices come from.
type Luck interface {
	// Intn returns a number in [0, n), for n > 0.
	Intn(n int) int
}

// Mode says who sends to whom.
type Mode uint8

// The modes.
const (
	Push     Mode = iota // infective sites send to partners
	Pull                 // every site asks partners
	PushPull             // infective sites send, the others ask
)

// Memory says which contacts count for the stop rule.
type Memory uint8

// The memories.
const (
	Blind    Memory = iota // every one
	Feedback               // those that the partner did not need
)

// Stop says when a site loses interest.
type Stop uint8

// The stop rules.
const (
	Never   Stop = iota // SI: not at all
	Coin                // with probability 1/K after a contact that counts
	Counter             // after K contacts that count in a row
)

// Limits of a RumorConfig.
const (
	MaxRumorFanout = 16
	MaxRumorK      = 255
	MaxRumorLimit  = 255
	MaxRumorHunt   = 7
)

// RumorConfig is one variant of the epidemic, the same for all sites.
type RumorConfig struct {
	Sites        int // 2 at least
	Mode         Mode
	Memory       Memory // matters only if Stop is not Never
	Stop         Stop
	K            int   // 1 to MaxRumorK, unless Stop is Never
	Fanout       int   // partners a period, 1 to MaxRumorFanout
	PeriodMicros int64 // at least 1
	// Cycles makes all sites act together at the multiples of the period.
	// Legs messages one after the other must fit in less than a period.
	Cycles bool
	// Limit, if not 0, is how many callers a site takes in a period. Then a
	// site knocks before it pushes or asks, and when it is turned away it
	// hunts: it tries another partner, up to Hunt times a period. Not with a View.
	Limit int // at most MaxRumorLimit
	Hunt  int // at most MaxRumorHunt
	// View, if not nil, is whom the sites push to, each at most once and never
	// the one it heard from. Otherwise partners are drawn from all other
	// sites, always anew, different ones within a period.
	View *View
	News string // at most MaxNewsBytes of UTF-8
}

// Site is one site's memory: a row without pointers, 16 bytes, so that a
// million of them are 16 MB. The zero Site has not heard.
type Site struct {
	Hops   uint16 // how many passed the news on to here; 65535 means at least that
	status uint8  // state in the low two bits, then the flags below, then its hunts in this period
	Count  uint8  // contacts that counted since one was needed
	Source uint32 // from whom it heard
	Sent   uint32 // how far it has walked along its View; with a Limit: see admit
	Heard  uint32 // the number of the period, from 1, in which it heard; 0: it is the origin
}

const (
	stateBits uint8 = 3
	awaits    uint8 = 1 << 2 // a deadline has been given out
	asked     uint8 = 1 << 3 // Cycles: had a contact in this cycle
	wanted    uint8 = 1 << 4 // Cycles: one of them was needed
	hunted    uint8 = 1 << 5 // one hunt: the three bits from here on count them
)

// State is how the site stands to the news.
func (s *Site) State() State { return State(s.status & stateBits) }

// Rumor is the machine that a whole population shares: it holds the variant
// and the output of the site it ran last. Each of Start, Tick and Receive
// mutates one site once; the caller then drains Output, Poll and Deadline
// before the next. See the theory of operation in rumor_states.go.
type Rumor struct {
	cfg    RumorConfig
	news   []byte // cfg.News
	sumsUp bool   // contacts of a cycle count together, when it is over

	out      []RumorOut
	outDone  int
	buf      []byte // of out's messages
	event    RumorEvent
	deadline int64 // -1: none
}

// RumorOut is a message to send. Bytes are valid until the next mutation.
type RumorOut struct {
	To    int
	Type  RumorType
	Bytes []byte
}

// RumorEvent is what happened to the site that ran last.
type RumorEvent uint8

// The events.
const (
	NoEvent      RumorEvent = iota
	HeardNews               // it knows now
	LostInterest            // it will not pass the news on any more
)

// NewRumor makes the machine. It panics for a config outside its limits:
// checking what people type is the caller's duty.
func NewRumor(cfg RumorConfig) *Rumor {
	if cfg.Sites < 2 || cfg.Fanout < 1 || cfg.Fanout > MaxRumorFanout || cfg.PeriodMicros < 1 || len(cfg.News) > MaxNewsBytes ||
		cfg.Stop != Never && (cfg.K < 1 || cfg.K > MaxRumorK) ||
		cfg.Limit < 0 || cfg.Limit > MaxRumorLimit || cfg.Hunt < 0 || cfg.Hunt > MaxRumorHunt || cfg.Limit > 0 && cfg.View != nil {
		panic(fmt.Sprintf("gossip: impossible RumorConfig %+v", cfg))
	}
	return &Rumor{cfg: cfg, news: []byte(cfg.News), sumsUp: cfg.Cycles && cfg.Mode != Push, deadline: -1}
}

// Config returns the variant.
func (r *Rumor) Config() RumorConfig { return r.cfg }

// Legs is how many messages of one contact follow one another at most.
func (c *RumorConfig) Legs() int {
	if c.Limit > 0 {
		return 5 + 2*c.Hunt
	}
	return 3
}

// Start begins a site's life; origin: it has news.
func (r *Rumor) Start(s *Site, self int, now int64, origin bool, luck Luck) {
	r.begin()
	*s = Site{}
	if origin {
		s.Source = uint32(self)
		r.change(s, told)
		r.awaken(s, now)
	} else if r.cfg.Mode != Push {
		r.awaken(s, r.first(now, luck))
	}
}

// Tick is the site's deadline.
func (r *Rumor) Tick(s *Site, self int, now int64, luck Luck) {
	r.begin()
	s.status &= stateBits | asked | wanted // no deadline, no hunts
	r.sumUp(s, luck)
	if typ, acts := r.purpose(s, now); acts && r.cfg.View != nil {
		r.walk(s, self)
	} else if acts {
		r.contact(s, self, typ, luck)
	}
	if r.cfg.Mode != Push || s.State() == Infective {
		r.awaken(s, r.after(now))
	}
}

// Receive takes a message. An error is the peer's fault and changes nothing.
func (r *Rumor) Receive(s *Site, self, from int, now int64, payload []byte, luck Luck) error {
	r.begin()
	m, fault := readRumor(payload)
	if fault != nil {
		return fault
	}
	switch m.typ {
	case RumorPush, RumorReply:
		if string(m.news) != r.cfg.News {
			return errOther
		}
		needed := !r.knows(s, now)
		if s.State() == Susceptible {
			r.hear(s, from, m.hops, now, luck)
		}
		if r.cfg.Memory == Feedback && r.cfg.Stop != Never {
			r.send(from, rumorMessage{typ: RumorFeedback, yes: needed})
		}
	case RumorPull:
		if s.State() == Infective && r.knows(s, now) {
			r.send(from, rumorMessage{typ: RumorReply, hops: s.Hops})
			if r.cfg.Memory == Blind {
				r.weigh(s, false, luck)
			}
		}
	case RumorFeedback:
		if s.State() == Infective {
			r.weigh(s, m.yes, luck)
		}
	case RumorKnock:
		r.send(from, rumorMessage{typ: RumorAnswer, yes: r.admit(s, now)})
	case RumorAnswer:
		typ, acts := r.purpose(s, now)
		switch {
		case !acts || r.cfg.Limit == 0: // nobody knocked
		case m.yes:
			r.say(s, from, typ, luck)
		case int(s.status/hunted) < r.cfg.Hunt:
			s.status += hunted
			r.send(draw(self, r.cfg.Sites-1, nil, luck), rumorMessage{typ: RumorKnock})
		}
	}
	return nil
}

// Output takes the next message to send.
func (r *Rumor) Output() (RumorOut, bool) {
	if r.outDone == len(r.out) {
		return RumorOut{}, false
	}
	r.outDone++
	return r.out[r.outDone-1], true
}

// Poll takes what happened.
func (r *Rumor) Poll() RumorEvent {
	e := r.event
	r.event = NoEvent
	return e
}

// Deadline takes the instant at which the site wants its next Tick, if it
// asked for one. A site has one deadline at most.
func (r *Rumor) Deadline() (at int64, ok bool) {
	at, r.deadline = r.deadline, -1
	return at, at >= 0
}

// begin starts a mutation. Output that nobody took is a bug of the caller.
func (r *Rumor) begin() {
	if r.outDone < len(r.out) || r.event != NoEvent || r.deadline >= 0 {
		panic("gossip: drain Output, Poll and Deadline before the next mutation")
	}
	r.out, r.outDone, r.buf = r.out[:0], 0, r.buf[:0]
}

// cycle numbers the periods from 1.
func (r *Rumor) cycle(now int64) uint32 { return uint32(now/r.cfg.PeriodMicros) + 1 }

// knows reports whether the site counts as one that has heard: with Cycles,
// whether it had when the cycle began.
func (r *Rumor) knows(s *Site, now int64) bool {
	return s.State() != Susceptible && (!r.cfg.Cycles || s.Heard < r.cycle(now))
}

func (r *Rumor) change(s *Site, in input) {
	was := s.State()
	is := transitions[was][in]
	s.status = s.status&^stateBits | uint8(is)
	switch {
	case was == Susceptible && is != was:
		r.event = HeardNews
	case was == Infective && is != was:
		r.event = LostInterest
	}
}

func (r *Rumor) hear(s *Site, from int, hops uint16, now int64, luck Luck) {
	s.Source, s.Heard = uint32(from), r.cycle(now)
	s.Hops = uint16(min(int(hops)+1, maxHops))
	r.change(s, told)
	if s.status&awaits == 0 {
		r.awaken(s, r.first(now, luck))
	}
}

// purpose is what the site contacts others for: it pushes, it asks, or it does not.
func (r *Rumor) purpose(s *Site, now int64) (typ RumorType, acts bool) {
	if r.cfg.Mode != Pull && s.State() == Infective && r.knows(s, now) {
		return RumorPush, true
	}
	return RumorPull, r.cfg.Mode != Push
}

// contact turns to as many partners as the fan-out says.
func (r *Rumor) contact(s *Site, self int, typ RumorType, luck Luck) {
	var chosen [MaxRumorFanout]int
	others := r.cfg.Sites - 1
	for i := range min(r.cfg.Fanout, others) {
		chosen[i] = draw(self, others, chosen[:i], luck)
		if r.cfg.Limit > 0 {
			r.send(chosen[i], rumorMessage{typ: RumorKnock})
		} else if r.say(s, chosen[i], typ, luck); typ == RumorPush && s.State() != Infective {
			return
		}
	}
}

// say pushes to a partner, or asks it.
func (r *Rumor) say(s *Site, partner int, typ RumorType, luck Luck) {
	if typ == RumorPull {
		r.send(partner, rumorMessage{typ: RumorPull})
		return
	}
	r.send(partner, rumorMessage{typ: RumorPush, hops: s.Hops})
	if r.cfg.Memory == Blind {
		r.weigh(s, false, luck)
	}
}

// admit takes one more caller, if the limit allows it. Sent holds the number
// of the period, and in its low eight bits the callers taken in it.
func (r *Rumor) admit(s *Site, now int64) bool {
	if r.cfg.Limit == 0 {
		return true
	}
	if period := r.cycle(now) << 8; s.Sent&^0xff != period {
		s.Sent = period
	}
	if int(s.Sent&0xff) == r.cfg.Limit {
		return false
	}
	s.Sent++
	return true
}

// draw picks a site other than self and those chosen already.
func draw(self, others int, chosen []int, luck Luck) int {
again:
	partner := luck.Intn(others)
	if partner >= self {
		partner++
	}
	for _, c := range chosen {
		if c == partner {
			goto again
		}
	}
	return partner
}

// walk sends to the next peers of the site's view, and is done at its end.
func (r *Rumor) walk(s *Site, self int) {
	degree := r.cfg.View.Degree()
	for sent := 0; sent < r.cfg.Fanout && int(s.Sent) < degree; s.Sent++ {
		if peer := r.cfg.View.Peer(self, int(s.Sent)); peer != int(s.Source) {
			r.send(peer, rumorMessage{typ: RumorPush, hops: s.Hops})
			sent++
		}
	}
	if int(s.Sent) == degree {
		r.change(s, enough)
	}
}

// weigh takes a contact into account, now or with the others of its cycle.
func (r *Rumor) weigh(s *Site, needed bool, luck Luck) {
	if !r.sumsUp {
		r.judge(s, needed, luck)
		return
	}
	s.status |= asked
	if needed {
		s.status |= wanted
	}
}

func (r *Rumor) sumUp(s *Site, luck Luck) {
	if s.status&asked != 0 && s.State() == Infective {
		r.judge(s, s.status&wanted != 0, luck)
	}
	s.status &^= asked | wanted
}

// judge applies the stop rule to one contact.
func (r *Rumor) judge(s *Site, needed bool, luck Luck) {
	switch {
	case needed:
		s.Count = 0
	case r.cfg.Stop == Coin && luck.Intn(r.cfg.K) == 0:
		r.change(s, enough)
	case r.cfg.Stop == Counter:
		if s.Count++; int(s.Count) >= r.cfg.K {
			r.change(s, enough)
		}
	}
}

// first is when a site that has nothing to do yet acts first: at the start of
// a cycle, or at an instant of its own within a period from now.
func (r *Rumor) first(now int64, luck Luck) int64 {
	p := r.cfg.PeriodMicros
	if r.cfg.Cycles {
		return (now + p - 1) / p * p
	}
	return now + int64(luck.Intn(int(p)))
}

// after is when a site that acts now acts next.
func (r *Rumor) after(now int64) int64 {
	p := r.cfg.PeriodMicros
	if r.cfg.Cycles {
		return (now/p + 1) * p
	}
	return now + p
}

func (r *Rumor) awaken(s *Site, at int64) {
	s.status |= awaits
	r.deadline = at
}

func (r *Rumor) send(to int, m rumorMessage) {
	if m.typ == RumorPush || m.typ == RumorReply {
		m.news = r.news
	}
	start := len(r.buf)
	r.buf = appendRumor(r.buf, m)
	r.out = append(r.out, RumorOut{to, m.typ, r.buf[start:len(r.buf):len(r.buf)]})
}
