package lab

import (
	"slices"

	"grapevine/wasm/sim"
)

// Limits of the keyframes that a run keeps for seeking.
const (
	firstKeyframeSteps = 50_000
	maxKeyframeBytes   = 96 << 20
)

// keyframes are snapshots along the way, so that seeking replays at most the
// steps between two of them. When they get too big, every second is dropped
// and the distance doubled. A world whose roles cannot be saved has none and
// is replayed from its beginning.
type keyframes struct {
	frames []keyframe
	every  uint64 // steps between two
}

type keyframe struct {
	*sim.Snapshot
	checks []Standing
	bytes  int // about
}

func (k *keyframes) start(net *sim.Network, checks []Standing, none bool) {
	k.every = firstKeyframeSteps
	if none {
		return
	}
	if s := net.Save(); s != nil {
		k.frames = append(k.frames, keyframe{s, slices.Clone(checks), 0})
	}
}

// room is how many steps may be made before the next keyframe is due.
func (k *keyframes) room(steps uint64) int { return int(k.every - steps%k.every) }

// offer takes a keyframe if one is due.
func (k *keyframes) offer(net *sim.Network, checks []Standing) {
	n := len(k.frames)
	if n == 0 || net.Steps()%k.every != 0 || k.frames[n-1].Steps >= net.Steps() {
		return
	}
	// The kernel's part, and as much again for the roles.
	size := 2 * net.Footprint()
	if size > maxKeyframeBytes/2 {
		return
	}
	for k.bytes()+size > maxKeyframeBytes && len(k.frames) > 1 {
		k.thin()
	}
	if net.Steps()%k.every != 0 {
		return
	}
	k.frames = append(k.frames, keyframe{net.Save(), slices.Clone(checks), size})
}

func (k *keyframes) bytes() int {
	sum := 0
	for _, f := range k.frames {
		sum += f.bytes
	}
	return sum
}

// thin drops every second keyframe but the first.
func (k *keyframes) thin() {
	k.every *= 2
	k.frames = slices.DeleteFunc(k.frames, func(f keyframe) bool { return f.Steps%k.every != 0 })
}

// forgetAfter drops the keyframes of a future that will not come to pass.
func (k *keyframes) forgetAfter(t sim.Time) {
	k.frames = slices.DeleteFunc(k.frames, func(f keyframe) bool { return f.Now > t })
}

// before returns the latest keyframe at or before t.
func (k *keyframes) before(t sim.Time) *keyframe {
	for i := len(k.frames) - 1; i >= 0; i-- {
		if f := &k.frames[i]; f.Now <= t {
			return f
		}
	}
	return nil
}

// SeekFrom brings the play to the nearest instant at or before t from which
// Advance(t, ...) leads to t. It does not replay: that can take long, and is for the
// caller to do in slices.
func (p *Play) SeekFrom(t sim.Time) error {
	now := p.Now()
	key := p.keys.before(t)
	if t >= now && (key == nil || key.Now <= now) {
		return nil
	}
	p.finished = false
	if key != nil {
		p.World.Net.Load(key.Snapshot)
		p.checks = slices.Clone(key.checks)
	} else if err := p.rebuild(); err != nil {
		return err
	}
	p.curves.moveTo(p.Now(), p.World.Net.Steps() > 0)
	return nil
}

// rebuild makes the world anew and gives it the script as it now is.
func (p *Play) rebuild() error {
	script := p.World.Net.Script()
	if err := p.build(); err != nil {
		return err
	}
	for _, a := range script {
		if err := p.World.Net.Schedule(a); err != nil {
			return err
		}
	}
	return nil
}
