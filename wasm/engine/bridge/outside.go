package bridge

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// roleName is the role of the nodes that stand for the outside.
const roleName = "outside"

// hosts is the role of the outside: member i dials listener i.
type hosts = *sim.Hosts[*outside]

// outside is the virtual end of the connections to one listener.
type outside struct{ sim.Idle }

// connOf is the connection that a stream of ours belongs to.
func connOf(s *sim.Stream) *conn { return s.User.(*conn) }

// Start keeps one timer waiting, so that a network in which nothing happens is
// not over: something may come from outside.
func (*outside) Start(h *sim.Host) { h.After(sim.Forever, 0) }

func (*outside) Data(_ *sim.Host, s *sim.Stream)     { connOf(s).drain() }
func (*outside) Writable(_ *sim.Host, s *sim.Stream) { connOf(s).fill() }
func (*outside) Closed(_ *sim.Host, s *sim.Stream)   { connOf(s).over(s.Err()) }

// Room of the outside's streams, in bytes. A segment may be as long as a packet
// can: the lab's own nodes keep to their own limits.
const (
	segmentBytes = 32 << 10
	streamBytes  = 256 << 10
)

// withOutside is the lab with the outside as one role more, and without an end.
func withOutside(l *lab.Lab, made *hosts) *lab.Lab {
	open := *l
	open.Build = func(v lab.Values, seed uint64) (*lab.World, error) {
		w, err := l.Build(v, seed)
		if err != nil || len(w.Listeners) == 0 {
			return w, err
		}
		h := sim.NewHosts(len(w.Listeners), func(int) *outside { return &outside{} })
		h.Limits.SegmentBytes, h.Limits.SendBytes, h.Limits.ReceiveBytes = segmentBytes, streamBytes, streamBytes
		*made = h
		roles := w.Net.Roles()
		id := w.Net.AddRole(roleName, len(w.Listeners), h)
		for r := range roles {
			w.Net.Connect(id, sim.RoleID(r), sim.Link{})
			w.Net.Connect(sim.RoleID(r), id, sim.Link{})
		}
		w.Net.Finished, w.End = nil, sim.Forever
		return w, nil
	}
	return &open
}
