package session

import (
	"fmt"
	"math"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// verbs carries out each command. A command before the first Open, other
// than Open, does nothing.
var verbs = map[api.Verb]func(*Session, api.Command) error{
	api.Open:    (*Session).open,
	api.Play:    (*Session).doPlay,
	api.Pause:   (*Session).doPause,
	api.Speed:   (*Session).doSpeed,
	api.Step:    (*Session).doStep,
	api.Seek:    (*Session).doSeek,
	api.Act:     (*Session).doAct,
	api.Inspect: (*Session).doInspect,
	api.Follow:  (*Session).doFollow,
	api.Watch:   (*Session).doWatch,
	api.Painted: (*Session).doPainted,
}

// Message carries out a command as it came from the page. Call Slice soon after.
func (s *Session) Message(message []byte) {
	c, err := api.UnmarshalCommand(message)
	if err != nil {
		s.problem(err)
		return
	}
	s.Command(c)
}

// Command carries out a command. What cannot be done is answered with a
// Problem and changes nothing.
func (s *Session) Command(c api.Command) {
	do := verbs[c.Verb]
	if do == nil {
		s.problem(fmt.Errorf("there is no command %q", c.Verb))
		return
	}
	if s.play == nil && c.Verb != api.Open {
		return
	}
	if err := do(s, c); err != nil {
		s.problem(err)
	}
	if c.Verb != api.Painted { // the next slice has something new to show
		s.answer()
	}
}

// answer shows what a command did. A seek shows nothing until its first slice:
// it begins at some instant before its target, which nobody asked to see.
func (s *Session) answer() {
	if !s.seeking {
		s.report()
	}
}

func (s *Session) doPainted(api.Command) error {
	s.nextPicture = min(s.nextPicture, s.soonest)
	return nil
}

func (s *Session) doPlay(api.Command) error {
	if s.play.Finished() {
		// Playing on from the end means playing again.
		if err := s.seek(0); err != nil {
			return err
		}
	}
	s.playing = true
	s.rebase()
	s.touch()
	return nil
}

// doPause stops at the end of a microsecond, never in the middle of one: the
// time it shows then says where the run is, and a link can name it.
func (s *Session) doPause(api.Command) error {
	s.playing = false
	s.touch()
	if s.seeking || s.play.Finished() || s.advance(s.play.Now(), s.config.Clock()) != sim.Budget {
		return nil
	}
	return s.seek(s.play.Now())
}

func (s *Session) doSpeed(c api.Command) error {
	if math.IsNaN(c.Speed) || c.Speed < 0 || c.Speed > 1e6 {
		return fmt.Errorf("speed %v: expected 0 (as fast as it goes) to 1000000 virtual seconds a second", c.Speed)
	}
	s.speed = c.Speed
	s.rebase()
	s.touch()
	return nil
}

// doStep makes one event happen. After the end it is the first one of the run:
// in one whose delays are all zero nothing else leads between its events.
func (s *Session) doStep(api.Command) error {
	s.playing = false
	s.touch()
	if s.seeking {
		return nil
	}
	if s.play.Finished() {
		// From one that is over at 0 as from a later instant: back it must be.
		if err := s.play.SeekFrom(min(0, s.play.Now()-1)); err != nil {
			return err
		}
	}
	s.play.Step()
	return nil
}

func (s *Session) doSeek(c api.Command) error { return s.seek(sim.Time(c.At)) }

func (s *Session) seek(t sim.Time) error {
	s.target = min(max(t, 0), s.play.World.End)
	if err := s.play.SeekFrom(s.target); err != nil {
		return err
	}
	s.seeking = true
	s.touch()
	return nil
}

func (s *Session) doAct(c api.Command) error {
	if s.seeking {
		return lab.Say("%q: wait until the run has arrived at %v", "%q：请等运行到达 %v 再操作", c.Do, s.target)
	}
	if err := s.play.Act(c.Do); err != nil {
		return err
	}
	if !s.playing {
		// Show the deed at once: it is the first thing of the next microsecond,
		// after what a visitor who steps has not seen yet of this one.
		for now := s.play.Now(); s.play.Now() == now && s.play.Step() == sim.Budget; {
		}
	}
	s.sentSamples = 0
	s.scout.send(s)
	s.touch()
	return nil
}

func (s *Session) doInspect(c api.Command) error {
	if c.Node < -1 || c.Node >= s.play.World.Net.Nodes() {
		return lab.Say("node %d: this run has the nodes 0 to %d", "没有 %d 号节点：这次运行的节点是 0 到 %d 号", c.Node, s.play.World.Net.Nodes()-1)
	}
	s.node = c.Node
	s.keepJournal(s.play.World.Net)
	s.touch()
	return nil
}

func (s *Session) doFollow(c api.Command) error {
	s.packet = c.Packet
	s.bytesInFlight = nil
	if b, ok := s.play.World.Net.Payload(sim.EventID(c.Packet)); ok {
		s.bytesInFlight = append([]byte{}, b...)
	}
	s.touch()
	return nil
}

func (s *Session) doWatch(c api.Command) error {
	if c.Span < 0 {
		return fmt.Errorf("span %d: expected microseconds, 0 for none", c.Span)
	}
	s.watch = 0
	if s.play.World.Net.Nodes() <= lab.MaxCardNodes {
		s.watch = min(sim.Time(c.Span), s.play.World.End)
	}
	s.touch()
	return nil
}

// maxFullJournal is the size up to which every event of a run is kept; above it
// only those of the inspected node are.
const maxFullJournal = 2000

func (s *Session) keepJournal(n *sim.Network) {
	switch {
	case n.Nodes() <= maxFullJournal:
		n.Journal.Keep(sim.All)
	case s.node >= 0:
		n.Journal.Keep(sim.Follow, sim.NodeID(s.node))
	default:
		n.Journal.Keep(sim.Count)
	}
}

// OpenLink opens the run that a link names and plays it, or waits at the
// link's instant. A link that cannot be read opens the nearest lab. Call Slice
// soon after: it shows the first picture of a run that plays, one that moves.
func (s *Session) OpenLink(link string) {
	l := api.Link{Run: api.Run{Lab: s.config.Labs[0].ID, Seed: 1}}
	var notices []api.Text
	if link != "" && link != "#" {
		var err error
		if l, err = api.ParseLink(link); err != nil {
			notices = append(notices, unreadable(err))
		}
	}
	if err := s.openRun(l.Run, l.At, !l.Wait, notices); err != nil {
		s.problem(err)
	}
	if !s.playing {
		s.answer()
	}
}

func (s *Session) open(c api.Command) error {
	if c.Run == nil {
		return fmt.Errorf("open: expected a run")
	}
	return s.openRun(*c.Run, c.At, c.Play, nil)
}

func (s *Session) openRun(r api.Run, at int64, play bool, notices []api.Text) error {
	l, more := nearest(s.config.Labs, r)
	notices = append(notices, more...)
	if l.ID != r.Lab {
		r = api.Run{Seed: r.Seed} // its parameters were meant for another lab
	}
	p, faults, err := lab.Open(runOf(l, r))
	if err != nil && s.play == nil {
		// There is nothing else to show yet: the lab as it is by itself.
		notices = append(notices, unbuildable(err))
		p, faults, err = lab.Open(lab.Run{Lab: l, Seed: r.Seed})
	}
	if err != nil {
		return err
	}
	for _, f := range faults {
		notices = append(notices, leftOut(f))
	}
	s.play, s.cards = p, nil
	s.node, s.packet, s.watch, s.sentSamples = -1, 0, 0, 0
	s.speed = float64(l.SpeedPermille) / 1000
	s.seeking = false
	p.Reconfigure(s.keepJournal)
	s.scout = scout{}
	s.scout.send(s)
	s.send(s.opened(notices))
	s.sendBulk(s.scene())
	s.playing = play
	s.rebase()
	s.touch()
	if at > 0 {
		return s.seek(sim.Time(at))
	}
	return nil
}
