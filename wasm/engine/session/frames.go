package session

import (
	"math"
	"slices"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Limits of one picture.
const (
	maxFlights   = 10_000
	maxCuts      = 2_000
	maxEdges     = 20_000
	maxFlyNodes  = 50_000  // with more nodes packets are too small to be drawn
	maxFlyLooked = 400_000 // with more in flight even looking costs too much
)

func (s *Session) roles() []api.Role {
	n := s.play.World.Net
	var out []api.Role
	for i := range n.Roles() {
		name, span := n.Role(sim.RoleID(i))
		out = append(out, api.Role{Name: name, First: int(span.First), Count: int(span.Count)})
	}
	return out
}

func (s *Session) opened(notices []api.Text) api.Opened {
	run := Run(s.play)
	states, kinds := s.looks()
	return api.Opened{
		Frame: "opened", Run: run, Link: run.Link(), Lab: run.Lab, Values: settings(s.play.Values.Settings(true)),
		Notices: notices, Nodes: s.play.World.Net.Nodes(), Roles: s.roles(), States: states, Kinds: kinds,
		EndMicros: int64(s.play.World.End), StartSpeed: float64(s.play.Lab.SpeedPermille) / 1000,
	}
}

func (s *Session) looks() (states []api.State, kinds []api.Kind) {
	l, used := s.play.Lab, s.play.World.Kinds
	for _, st := range l.States {
		states = append(states, api.State{ID: st.ID, Label: text(st.Label), Shape: st.Shape, Color: st.Color})
	}
	for i, k := range l.Kinds {
		kinds = append(kinds, api.Kind{ID: k.ID, Label: text(k.Label), Mark: k.Mark, Color: k.Color,
			Unused: used != nil && !slices.Contains(used, uint8(i))})
	}
	return states, kinds
}

func (s *Session) scene() *api.Scene {
	w := s.play.World
	sc := &api.Scene{Frame: "scene", Nodes: w.Net.Nodes(), Roles: s.roles(), Layout: s.play.Lab.Layout}
	if w.Layout != "" {
		sc.Layout = w.Layout
	}
	sc.States, sc.Kinds = s.looks()
	if w.Edges != nil {
		for _, e := range w.Edges() {
			if len(sc.EdgeFrom) == maxEdges {
				break
			}
			sc.EdgeFrom = append(sc.EdgeFrom, uint32(e[0]))
			sc.EdgeTo = append(sc.EdgeTo, uint32(e[1]))
		}
	}
	return sc
}

// picture is the present instant, valid until it is asked for again.
func (s *Session) picture() *api.Picture {
	w := s.play.World
	n := w.Net
	p := &s.last
	*p = api.Picture{Frame: "picture", Now: float64(n.Now()), States: s.states(), ID: p.ID[:0], From: p.From[:0], To: p.To[:0],
		Sent: p.Sent[:0], Due: p.Due[:0], Kind: p.Kind[:0], Lost: p.Lost[:0], Copy: p.Copy[:0]}
	p.Hidden = n.InFlight()
	if n.Nodes() <= maxFlyNodes && n.InFlight() <= maxFlyLooked {
		n.Flights(func(f sim.Flight) bool {
			p.ID = append(p.ID, float64(f.ID))
			p.From = append(p.From, uint32(f.From))
			p.To = append(p.To, uint32(f.To))
			p.Sent = append(p.Sent, float64(f.Sent))
			p.Due = append(p.Due, float64(f.Due))
			p.Kind = append(p.Kind, f.Kind)
			lost := uint8(0)
			if f.Why != sim.Alive {
				lost = 1
			}
			p.Lost = append(p.Lost, lost)
			p.Copy = append(p.Copy, s.isCopy(f.ID))
			p.Hidden--
			return len(p.ID) < maxFlights
		})
	}
	addCuts(p, n.Rules())
	return p
}

// addCuts lists the pairs of nodes between which nothing gets through.
func addCuts(p *api.Picture, rules []sim.Rule) {
	for _, r := range rules {
		if r.Verdict.Drop == sim.Alive {
			continue
		}
		for i := range r.From.Count {
			if len(p.CutFrom) >= maxCuts {
				p.CutsHidden += int(uint64(r.From.Count-i) * uint64(r.To.Count))
				break
			}
			for j := range r.To.Count {
				from, to := r.From.First+sim.NodeID(i), r.To.First+sim.NodeID(j)
				if from == to {
					continue
				}
				if len(p.CutFrom) >= maxCuts {
					p.CutsHidden++
					continue
				}
				p.CutFrom = append(p.CutFrom, uint32(from))
				p.CutTo = append(p.CutTo, uint32(to))
			}
		}
	}
}

func (s *Session) status() api.Status {
	w := s.play.World
	n := w.Net
	run := Run(s.play)
	st := api.Status{
		Frame: "status", Now: int64(n.Now()), Playing: s.playing, Seeking: s.seeking, Finished: s.play.Finished(),
		End: int64(s.scout.end(n.Now(), w.End)), Speed: s.speed, Events: n.Journal.Total(), InFlight: n.InFlight(),
		Digest: n.Journal.Digest(), Link: run.Link(), Metrics: Metrics(w), Checks: Checks(s.play), Counts: s.counts(),
		Cut: slices.ContainsFunc(n.Rules(), func(r sim.Rule) bool { return r.Verdict.Drop != sim.Alive }),
	}
	if st.Finished {
		st.End = st.Now
		st.CutOff = n.Now() >= w.End && n.Finished != nil && !n.Finished()
	}
	steps, _ := s.play.Script()
	st.Script = actions(steps)
	return st
}

// states returns the byte of each node for a picture, valid until it is asked
// for again.
func (s *Session) states() api.Uint8s {
	w := s.play.World
	if len(s.column) != w.Net.Nodes() {
		s.column = make(api.Uint8s, w.Net.Nodes())
	}
	if w.States != nil {
		w.States(s.column)
	} else {
		for i := range s.column {
			s.column[i] = w.State(sim.NodeID(i)) & api.StateMask
		}
	}
	w.Net.Health(s.column, api.StateDown, api.StatePaused)
	return s.column
}

// counts says how many nodes are in each state, as of the last picture.
func (s *Session) counts() []api.Count {
	var nodes [256]int
	for _, b := range s.column {
		nodes[b]++
	}
	down := 0
	for b := range nodes {
		if b&api.StateDown != 0 {
			down += nodes[b]
		}
	}
	var out []api.Count
	for i, st := range s.play.Lab.States {
		out = append(out, api.Count{State: st.ID, Nodes: nodes[i] + nodes[i|api.StatePaused]})
	}
	return append(out, api.Count{State: "crashed", Nodes: down})
}

// Metrics are the measured numbers of a world.
func Metrics(w *lab.World) []api.Metric {
	var out []api.Metric
	if w.Metrics != nil {
		for _, m := range w.Metrics() {
			out = append(out, api.Metric{Name: m.Name, Label: text(m.Label), Value: m.Value, Unit: m.Unit})
		}
	}
	return out
}

// Checks are a play's checks as they stand.
func Checks(p *lab.Play) []api.Check {
	var out []api.Check
	for _, c := range p.Checks() {
		out = append(out, api.Check{Name: c.Check.Name, Kind: c.Check.Kind.String(), State: c.State.String(),
			Claim: text(c.Check.Claim), Detail: text(c.Detail), At: int64(c.At)})
	}
	return out
}

// top is the top of the curves' scale: theirs, or the next quarter above it
// when a curve has grown beyond what was expected.
func top(expected int64, values [][]int64) int64 {
	highest := int64(0)
	for _, row := range values {
		highest = max(highest, slices.Max(row))
	}
	if highest <= expected {
		return expected
	}
	quarter := max(1, expected/4)
	return (highest + quarter - 1) / quarter * quarter
}

// sendSeries sends the curves if they have grown.
func (s *Session) sendSeries() {
	w := s.play.World
	at, values := s.samples()
	if len(w.Curves) == 0 || len(at) == 0 || len(at) == s.sentSamples && at[len(at)-1] == s.sentUntil {
		return
	}
	s.sentSamples, s.sentUntil = len(at), at[len(at)-1]
	out := &api.Series{Frame: "series", XUnit: "us", XMicros: 1, YMax: float64(top(w.CurveMax, values))}
	if w.Cycle > 0 {
		out.XUnit, out.XMicros = "cycles", float64(w.Cycle)
	}
	// Theory is drawn ahead of what has been measured, to the run's end as far as it is known.
	times := at[:len(at):len(at)]
	if regular, _ := s.play.Samples(); !s.play.Finished() && len(regular) > 1 {
		for t := regular[len(regular)-1] + regular[1]; t <= s.scout.end(s.play.Now(), w.End); t += regular[1] {
			times = append(times, t)
		}
	}
	for _, t := range times {
		out.X = append(out.X, float64(t)/out.XMicros)
	}
	for i := range w.Curves {
		c := &w.Curves[i]
		curve := api.Curve{ID: c.ID, Label: text(c.Label), Color: c.Color, Theory: c.Theory != nil, Y: make(api.Float64s, len(times))}
		for j, t := range times {
			switch {
			case c.Theory != nil:
				curve.Y[j] = c.Theory(t)
			case j < len(at):
				curve.Y[j] = float64(values[j][i])
			default:
				curve.Y[j] = math.NaN()
			}
		}
		out.Curves = append(out.Curves, curve)
	}
	s.sendBulk(out)
}

// samples are the play's, and one of the present if that is later: in a short
// run the curves would stay behind the clock.
func (s *Session) samples() (at []sim.Time, values [][]int64) {
	w := s.play.World
	at, values = s.play.Samples()
	now := s.play.Now()
	if len(at) == 0 || now <= at[len(at)-1] {
		return at, values
	}
	row := make([]int64, len(w.Curves))
	for i := range w.Curves {
		if w.Curves[i].Measure != nil {
			row[i] = w.Curves[i].Measure()
		}
	}
	return append(at[:len(at):len(at)], now), append(values[:len(values):len(values)], row)
}
