package rpc

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"grapevine/wasm/sim"
)

// A burst on a free core takes the switch and itself; the same thread's next
// one needs no switch; two threads on one core take turns, a slice each.
func TestProcessorTakesTurns(t *testing.T) {
	p := newProcessor(1, 10, 3)
	a, b := p.spawn(), p.spawn()
	p.run(0, a, 25)
	p.run(0, b, 12)
	// a 3-13, b 16-26, a 29-39, b 42-44 done, a 47-52 done.
	var got []string
	for now := p.next(); now < sim.Forever; now = p.next() {
		for x, ok := p.advance(now); ok; x, ok = p.advance(now) {
			got = append(got, fmt.Sprintf("%d at %d", x, now))
			p.block(now, x)
		}
	}
	if want := []string{"1 at 44", "0 at 52"}; !slices.Equal(got, want) {
		t.Errorf("done: %v, expected %v", got, want)
	}
	if p.switches != 5 || p.switched != 15 || p.worked != 37 {
		t.Errorf("%d switches took %v, work %v; expected 5, 15us, 37us", p.switches, p.switched, p.worked)
	}
	p.run(60, a, 7)
	if p.next() != 67 || p.switches != 5 {
		t.Errorf("the thread that ran last begins again at once: done at %v after %d switches", p.next(), p.switches)
	}
}

// plodder is the processor's dumb twin: it goes through every microsecond and
// counts down.
type plodder struct {
	slice, toll int
	on, last    []int // by core
	wait, left  []int // by core: of the switch, of the slice
	need        map[int]int
	queue       []int
	done        []string
}

// tick lets one microsecond pass for every core, and then ends what is over.
// again says whether a thread that is done goes on with another burst.
func (p *plodder) tick(now int, again func(t, now int) int) {
	for i, t := range p.on {
		switch {
		case t == nobody:
		case p.wait[i] > 0:
			p.wait[i]--
		default:
			p.need[t]--
			p.left[i]--
		}
	}
	for i := range p.on {
		p.settle(i, now, again)
	}
}

func (p *plodder) settle(i, now int, again func(t, now int) int) {
	for {
		t := p.on[i]
		if t == nobody || p.wait[i] > 0 || p.need[t] > 0 && p.left[i] > 0 {
			return
		}
		if p.need[t] == 0 {
			p.done = append(p.done, fmt.Sprintf("%d at %d", t, now))
			if p.need[t] = again(t, now); p.need[t] == 0 {
				p.on[i] = nobody
				p.fill(i)
				continue
			}
		}
		if p.left[i] == 0 {
			p.left[i] = p.slice
			if len(p.queue) > 0 {
				p.queue = append(p.queue, t)
				p.on[i] = nobody
				p.fill(i)
			}
		}
	}
}

func (p *plodder) fill(i int) {
	if len(p.queue) == 0 {
		return
	}
	p.place(i, p.queue[0])
	p.queue = p.queue[1:]
}

func (p *plodder) place(i, t int) {
	p.on[i], p.left[i], p.wait[i] = t, p.slice, 0
	if p.last[i] != t {
		p.wait[i], p.last[i] = p.toll, t
	}
}

func (p *plodder) run(t, need int) {
	p.need[t] = need
	idle := nobody
	for i := range p.on {
		if p.on[i] == nobody && (idle == nobody || p.last[i] == t) {
			idle = i
		}
	}
	if idle == nobody {
		p.queue = append(p.queue, t)
	} else {
		p.place(idle, t)
	}
}

// The processor does what its dumb twin does, whatever comes.
func TestProcessorAgainstTwin(t *testing.T) {
	for seed := range int64(300) {
		luck := rand.New(rand.NewSource(seed))
		cores, slice, toll, threads := 1+luck.Intn(3), 1+luck.Intn(20), luck.Intn(4), 1+luck.Intn(8)
		// What happens is decided beforehand: work that arrives, and, by thread and
		// time, whether a burst is followed by another.
		goesOn := func(t, now int) int {
			if h := (t*7919 + now*104729) % 11; h < 4 {
				return 1 + h*3
			}
			return 0
		}
		type arrival struct{ at, thread, need int }
		var arrivals []arrival
		for at := 0; at < 600; at += luck.Intn(12) {
			arrivals = append(arrivals, arrival{at, luck.Intn(threads), 1 + luck.Intn(40)})
		}

		twin := &plodder{slice: slice, toll: toll, need: map[int]int{}}
		p := newProcessor(cores, sim.Time(slice), sim.Time(toll))
		for range cores {
			twin.on, twin.last = append(twin.on, nobody), append(twin.last, nobody)
			twin.wait, twin.left = append(twin.wait, 0), append(twin.left, 0)
		}
		for range threads {
			p.spawn()
		}
		var done []string
		next := 0
		for now := range 5000 {
			if now > 0 {
				twin.tick(now, goesOn)
			}
			if p.next() <= sim.Time(now) {
				for x, ok := p.advance(sim.Time(now)); ok; x, ok = p.advance(sim.Time(now)) {
					done = append(done, fmt.Sprintf("%d at %d", x, now))
					if more := goesOn(x, now); more > 0 {
						p.run(sim.Time(now), x, sim.Time(more))
					} else {
						p.block(sim.Time(now), x)
					}
				}
			}
			for ; next < len(arrivals) && arrivals[next].at == now; next++ {
				a := arrivals[next]
				if p.threads[a.thread].state == threadBlocked {
					twin.run(a.thread, a.need)
					p.run(sim.Time(now), a.thread, sim.Time(a.need))
				}
			}
		}
		if !slices.Equal(done, twin.done) {
			t.Fatalf("seed %d, %d cores, slice %d, switch %d: done\n%v\nits twin\n%v", seed, cores, slice, toll, done, twin.done)
		}
	}
}
