package rpc

import (
	"math/rand"
	"slices"
	"strconv"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// openIO opens a run with settings given as name, value, name, value.
func openIO(t *testing.T, seed uint64, settings ...string) (*lab.Play, *ioWorld) {
	t.Helper()
	v := IO.Defaults()
	for i := 0; i < len(settings); i += 2 {
		if err := v.Set(settings[i], settings[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := newIOPlan(v, seed)
	if err != nil {
		t.Fatal(err)
	}
	w := &ioWorld{plan: plan, net: sim.New(seed), way: lab.Physics(v)}
	w.build()
	p, faults, err := lab.Open(lab.Run{Lab: &lab.Lab{ID: "io", Params: IO.Params, Build: func(lab.Values, uint64) (*lab.World, error) { return w.world(), nil }}, Seed: seed})
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return p, w
}

// sound says what is wrong with a server at this instant, "" if nothing is.
func (s *ioServer) sound() string {
	if want := int64(s.cpu.living)*s.plan.stack + int64(len(s.conns))*ioConnBytes; s.memory != want {
		return "its memory is " + strconv.FormatInt(s.memory, 10) + ", expected " + strconv.FormatInt(want, 10)
	}
	if s.memory > s.plan.memory {
		return "it uses more memory than it may"
	}
	for i := range s.cpu.cores {
		if s.cpu.cores[i].thread == nobody && s.cpu.ready.len() > 0 {
			return "a core is idle, and threads are ready"
		}
	}
	// Nobody sleeps while there is something to do for him.
	for t := range s.workers {
		w := &s.workers[t]
		if s.cpu.threads[t].state != threadBlocked {
			continue
		}
		switch {
		case w.job == ioAccepts && s.incoming.len() > 0, w.job == ioServes && w.conn == nil && s.queue.len() > 0,
			w.job == ioLoops && w.wait == ioForWork && w.ready.len() > 0:
			return "thread " + strconv.Itoa(t) + " sleeps, and somebody waits for it"
		case w.conn != nil && w.conn.next() != taskNone:
			return "thread " + strconv.Itoa(t) + " sleeps, and its connection has something to do"
		}
	}
	for number := 1; number <= s.numbered; number++ {
		c := s.conns[number]
		if c == nil || s.model != ioLoop || c.phase == ioQuerying || c.listed || s.workers[c.worker].conn == c {
			continue
		}
		if c.next() != taskNone {
			return "connection " + strconv.Itoa(number) + " has something to do and is on no list"
		}
	}
	return ""
}

// Whatever happens, no thread misses its call, and the books are right.
func TestIOServersMissNothing(t *testing.T) {
	for seed := range int64(60) {
		luck := rand.New(rand.NewSource(seed))
		pick := func(from ...string) string { return from[luck.Intn(len(from))] }
		p, w := openIO(t, uint64(seed+1), "n", pick("1", "5", "12"), "ramp", pick("0s", "2s"), "hold", "4s", "think", pick("1ms", "100ms", "1s"),
			"requests", pick("0", "1", "3"), "idle", pick("0%", "30%"), "slow", pick("0%", "50%"), "cpu", pick("0s", "5ms", "80ms"),
			"wait", pick("0s", "30ms"), "step", pick("0s", "1ms"), "blocking", pick("false", "true"), "cores", pick("1", "3"),
			"switch", pick("0s", "2ms"), "slice", pick("1ms", "20ms"), "pool", pick("1", "4"), "backlog", pick("0", "2", "100"),
			"loops", pick("1", "2"), "memory", pick("5", "8", "64"), "loss", pick("0%", "10%"), "duplicate", pick("0%", "10%"), "delay", pick("1ms", "20ms"))
		for range luck.Intn(5) {
			do := pick("crash ", "restart ", "pause ", "resume ", "cut ", "heal ") + pick("threads/0", "pool/0", "loop/0", "client/0")
			a, err := w.net.ParseAction(sim.Time(luck.Intn(5_000_000)), do)
			if err == nil {
				err = w.net.Schedule(a)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for steps := 0; p.Step() != sim.Finished && steps < 20_000; steps++ {
			for i := range w.servers {
				if s := w.servers[i].Member(0); s != nil && w.net.Up(sim.NodeID(w.count+i)) {
					if wrong := s.sound(); wrong != "" {
						t.Fatalf("seed %d, %v, %s/0: %s", seed, p.Now(), ioRoles[s.model], wrong)
					}
				}
			}
		}
	}
}

// All three servers get the same work from the same clients and, with room for
// everybody, get it done.
func TestIOSameWork(t *testing.T) {
	p, w := openIO(t, 3, "n", "20", "hold", "10s", "requests", "0")
	p.Advance(sim.Forever, 1<<30)
	first := w.tallies[0]
	for _, x := range w.tallies {
		if x.answered != x.asked || x.refused+x.late > 0 {
			t.Errorf("%s: %d asked, %d answered, %d late, %d refused", ioRoles[x.model], x.asked, x.answered, x.late, x.refused)
		}
		if x.answered < first.answered-2 || x.answered > first.answered+2 {
			t.Errorf("%s answered %d, %s %d", ioRoles[x.model], x.answered, ioRoles[first.model], first.answered)
		}
		// A read, four handlers beside the business, and a write at least.
		if least := sim.Time(x.answered) * (w.plan.cpu + 6*w.plan.step); x.costs().worked < least {
			t.Errorf("%s worked for %v, expected %v at least", ioRoles[x.model], x.costs().worked, least)
		}
	}
}

// What the field knows comes out of the model, for numbers that it was not
// made for.
func TestIOKnowledge(t *testing.T) {
	run := func(settings ...string) *ioTally {
		p, w := openIO(t, 1, append([]string{"hold", "10s", "slow", "0%", "requests", "0"}, settings...)...)
		p.Advance(sim.Forever, 1<<30)
		return w.tallies[0]
	}
	// A thread that waits costs no time: as fast as a loop.
	threads, loop := run("model", "threads"), run("model", "loop")
	if a, b := threads.all.percentile(99), loop.all.percentile(99); a > b*11/10 || b > a*11/10 {
		t.Errorf("at 48 connections 99%% are answered within %v by threads, %v by a loop", a, b)
	}
	if threads.threadsMax != 49 || loop.threadsMax != 1 {
		t.Errorf("%d and %d threads, expected 49 and 1", threads.threadsMax, loop.threadsMax)
	}
	// A loop that waits 100 ms for each does ten a second.
	if x := run("model", "loop", "blocking", "true", "wait", "100ms", "ramp", "0s"); x.last.count > 10 || x.answered < 90 {
		t.Errorf("a loop that waits 100 ms answered %d in the last second, %d in all", x.last.count, x.answered)
	}
	// With k threads and a wait, a pool does at most k/wait.
	if x := run("model", "pool", "pool", "5", "wait", "500ms", "think", "1ms", "ramp", "0s"); x.last.count > 10 || x.answered < 80 {
		t.Errorf("5 threads that each wait 0.5 s answered %d in the last second, %d in all", x.last.count, x.answered)
	}
	// Loops use as many cores as there are loops, threads all of them.
	busy := []string{"wait", "0s", "think", "1ms", "ramp", "0s", "cpu", "50ms", "cores", "4", "delay", "1ms"}
	one, four := run(append(busy, "model", "loop")...), run(append(busy, "model", "loop", "loops", "4")...)
	all := run(append(busy, "model", "threads")...)
	if four.answered < 3*one.answered || all.answered < 3*one.answered {
		t.Errorf("on 4 cores one loop answers %d, four loops %d, threads %d", one.answered, four.answered, all.answered)
	}
	// Switches are lost time: half of it when one costs as much as the work.
	if x := run(append(busy, "model", "threads", "cores", "1", "cpu", "8ms", "switch", "10ms")...); x.costs().switched < x.costs().worked {
		t.Errorf("switches took %v, work %v", x.costs().switched, x.costs().worked)
	}
}

func TestIOPercentiles(t *testing.T) {
	luck := rand.New(rand.NewSource(1))
	for range 200 {
		var times ioTimes
		var all []sim.Time
		for range 1 + luck.Intn(300) {
			took := sim.Time(luck.Int63n(1 << luck.Intn(33)))
			times.add(took)
			all = append(all, took)
		}
		slices.Sort(all)
		for _, percent := range []int{1, 50, 99, 100} {
			exact := all[(len(all)*percent+99)/100-1]
			if got := times.percentile(percent); got < exact || got > exact+exact/16+1 {
				t.Fatalf("%d%% of %d: %v, exactly %v", percent, len(all), got, exact)
			}
		}
	}
}
