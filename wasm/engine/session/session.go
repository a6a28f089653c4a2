package session

import (
	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Config is what a session is made of.
type Config struct {
	Labs []*lab.Lab
	// Send takes each frame as one message; the bytes are reused after it returns.
	Send func(message []byte)
	// Clock returns real time in microseconds from any beginning.
	Clock func() int64

	_ struct{}
}

// Real time in microseconds: how long a slice works, and how often the page hears of it.
const (
	sliceMicros = 8_000
	// A picture is made when the page has painted the one before, so that each
	// refresh of the screen has one of its own. A page that does not say so, as
	// one in a hidden tab, gets one now and then.
	pictureMicros = 6_000
	unseenMicros  = 100_000
	// hastyMicros is between two pictures at full speed: who wants to be at
	// the end soon gets the machine, and still sees where the run is.
	hastyMicros  = 50_000
	statusMicros = 100_000
	seriesMicros = 100_000
	watchMicros  = 100_000
	chunkSteps   = 2_000 // between two looks at the clock
	// pictureShare keeps pictures of huge populations from eating the time
	// of the run: one is made when the last has had this many times its own cost.
	pictureShare = 6
)

// Idle is what Slice returns when nothing will happen until a command comes.
const Idle = int64(-1)

// Session plays one run for one page.
type Session struct {
	config Config
	play   *lab.Play // nil before the first Open
	scout  scout
	buffer []byte      // the bulk frames' own, reused
	column api.Uint8s  // the last picture's states, reused
	last   api.Picture // its columns are reused
	cards  []lab.Card  // as the page has them; nil before the first

	playing bool
	speed   float64 // virtual seconds per real second; 0: as fast as it goes
	// At real time realZero the virtual clock stood at zero.
	realZero int64
	zero     sim.Time
	seeking  bool
	target   sim.Time // where the seek goes

	node   int      // inspected, -1 for none
	packet uint64   // followed, 0 for none
	watch  sim.Time // the sequence view's window, 0 for none

	dirty         bool  // something changed since the last picture
	soonest       int64 // the next picture's time, once the last is painted
	nextPicture   int64
	nextStatus    int64
	nextSeries    int64
	nextSequence  int64
	sentSamples   int      // of the curves, as the page has them
	sentUntil     sim.Time // their last instant
	bytesInFlight []byte   // of the followed packet
	dissected     dissection
}

// New makes a session without a run.
func New(c Config) *Session { return &Session{config: c, node: -1} }

// Slice works for a few milliseconds and returns after how many microseconds
// of real time it wants to be called again, or Idle.
func (s *Session) Slice() int64 {
	if s.play == nil {
		return Idle
	}
	begin := s.config.Clock()
	wait := Idle
	switch {
	case s.seeking:
		wait = s.sliceSeek(begin)
	case s.playing:
		wait = s.slicePlay(begin)
	}
	// What is to be seen goes first: to the machine a scout is work too, most of
	// all in a tab just opened, where it runs code that was never run before.
	s.report()
	if s.scout.slice(s.config.Clock) {
		s.sentSamples = 0 // the chart's scale has changed
		s.touch()
		s.report()
	}
	if wait == Idle && s.scout.busy() {
		wait = 0
	}
	return wait
}

// sliceSeek replays towards the target.
func (s *Session) sliceSeek(begin int64) int64 {
	if s.advance(s.target, begin) == sim.Budget {
		return 0
	}
	s.seeking = false
	s.rebase()
	s.touch()
	if s.playing {
		return 0
	}
	return Idle
}

// slicePlay follows the real clock at the speed asked for.
func (s *Session) slicePlay(begin int64) int64 {
	target := sim.Forever
	if s.speed > 0 {
		target = s.zero + sim.Time(float64(begin-s.realZero)*s.speed)
	}
	halt := s.advance(target, begin)
	s.dirty = true
	switch halt {
	case sim.Finished:
		s.playing = false
		s.touch()
		return Idle
	case sim.Budget:
		if s.speed > 0 {
			s.rebase() // too slow for this speed: do not run after the debt
		}
		return 0
	}
	return max(s.nextPicture-s.config.Clock(), 1000)
}

// advance plays to the target, for the time of a slice at most.
func (s *Session) advance(target sim.Time, begin int64) sim.Halt {
	for {
		if halt := s.play.Advance(target, chunkSteps); halt != sim.Budget {
			return halt
		}
		if s.config.Clock()-begin >= sliceMicros {
			return sim.Budget
		}
	}
}

// rebase says that the virtual clock belongs to the real time now.
func (s *Session) rebase() {
	s.realZero = s.config.Clock()
	s.zero = s.play.Now()
}

// touch asks for every frame with the next report.
func (s *Session) touch() {
	s.dirty = true
	s.nextPicture, s.nextStatus, s.nextSeries, s.nextSequence = 0, 0, 0, 0
}

// report sends the frames that are due.
func (s *Session) report() {
	if !s.dirty || s.play == nil {
		return
	}
	now := s.config.Clock()
	if now >= s.nextPicture {
		s.sendCards()
		s.sendBulk(s.picture())
		cost := s.config.Clock() - now
		least := int64(pictureMicros)
		if s.playing && s.speed == 0 {
			least = hastyMicros
		}
		s.soonest = now + max(least, pictureShare*cost)
		s.nextPicture = max(s.soonest, now+unseenMicros)
		s.dirty = s.playing || s.seeking
	}
	if now >= s.nextStatus {
		s.send(s.status())
		if s.node >= 0 || s.packet != 0 {
			s.send(s.inspection())
		}
		s.nextStatus = now + statusMicros
	}
	if s.watch > 0 && now >= s.nextSequence {
		s.sendBulk(s.sequence())
		s.nextSequence = now + watchMicros
	}
	if now >= s.nextSeries {
		s.sendSeries()
		s.nextSeries = now + seriesMicros
	}
}

// send sends one of the small frames.
func (s *Session) send(frame any) { s.config.Send(api.MarshalFrame(frame)) }

// sendBulk sends one of the frames whose columns the renderer views.
func (s *Session) sendBulk(frame any) {
	s.buffer = api.AppendBulk(s.buffer[:0], frame)
	s.config.Send(s.buffer)
}
