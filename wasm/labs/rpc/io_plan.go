package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// ioModel is how a server shares its threads among connections.
type ioModel uint8

// The models.
const (
	ioThreads ioModel = iota // a thread for each connection
	ioPool                   // a fixed number of threads, each serves one connection to its end
	ioLoop                   // one thread, or a few, and a list of what is ready
	ioModels
)

// ioRoles are the names of the servers' roles, by model.
var ioRoles = [ioModels]string{"threads", "pool", "loop"}

const (
	ioPort       uint16 = 7000
	ioConnBytes         = 16 << 10        // of memory for a connection, whoever serves it
	ioHalfWait          = 2 * sim.Second  // what a slow sender waits in the middle of a frame
	ioSweepEvery        = sim.Second / 2  // how often clients look for answers that are late
	ioPatience          = 60 * sim.Second // bounds the run beyond its last answer
	ioToldUpTo          = 64              // connections, up to which servers tell what they do
)

// Purposes of sim.NewLuck in rpc/io: one stream for each connection's clients.
const luckIO = 7 << 32

// ioPlan is the parameters of a run of rpc/io.
type ioPlan struct {
	models []ioModel

	connections int
	ramp, stop  sim.Time // until all are there; until the clients stop asking
	think       sim.Time
	requests    int // on one connection, 0 for any number
	idle, slow  sim.PPM

	cpu, wait, step sim.Time
	blocking        bool // the event loop waits for the database itself

	cores         int
	slice, toll   sim.Time
	pool, backlog int
	loops         int
	stack, memory int64 // bytes
	limit         sim.Time
	seed          uint64
	tells         bool
	question      []byte // the arguments of every call
}

func newIOPlan(v lab.Values, seed uint64) (*ioPlan, error) {
	p := &ioPlan{
		connections: v.Int("n"), ramp: v.Time("ramp"), stop: v.Time("ramp") + v.Time("hold"), think: v.Time("think"),
		requests: v.Int("requests"), idle: v.Ratio("idle"), slow: v.Ratio("slow"),
		cpu: v.Time("cpu"), wait: v.Time("wait"), step: v.Time("step"), blocking: v.Bool("blocking"),
		cores: v.Int("cores"), slice: v.Time("slice"), toll: v.Time("switch"),
		pool: v.Int("pool"), backlog: v.Int("backlog"), loops: v.Int("loops"),
		stack: int64(v.Int("stack")) << 10, memory: int64(v.Int("memory")) << 20, limit: v.Time("limit"), seed: seed,
	}
	p.tells = p.connections <= ioToldUpTo
	question, err := rpc.Marshal([]string{"Is anybody there?"})
	if err != nil {
		return nil, err
	}
	p.question = question
	switch v.Choice("model") {
	case "threads":
		p.models = []ioModel{ioThreads}
	case "pool":
		p.models = []ioModel{ioPool}
	case "loop":
		p.models = []ioModel{ioLoop}
	default:
		p.models = []ioModel{ioThreads, ioPool, ioLoop}
	}
	for _, m := range p.models {
		if n := p.threadsAtFirst(m); int64(n)*p.stack > p.memory {
			return nil, lab.Say("the stacks with which the server begins (threads: %d, each %d KB) are more than its memory of %d MB; choose fewer threads, a smaller stack or more memory",
				"服务器一开始就有 %d 个线程，每个线程的栈占 %d KB，合起来超过了内存上限 %d MB；请减少线程、缩小栈或增加内存", n, p.stack>>10, p.memory>>20)
		}
	}
	return p, nil
}

// threadsAtFirst is how many threads a server begins with: one that accepts
// connections, and the pool; or the loops.
func (p *ioPlan) threadsAtFirst(m ioModel) int {
	switch m {
	case ioPool:
		return 1 + p.pool
	case ioLoop:
		return p.loops
	}
	return 1
}

// machines is how many share the clients' connections: as many as there is
// room for on the stage.
func (p *ioPlan) machines() int {
	if len(p.models) > 1 {
		return min(2, p.connections)
	}
	return min(4, p.connections)
}

// begins is when a connection is to be dialled first: one after the other,
// evenly, so that the time of the run is the number of connections.
func (p *ioPlan) begins(k int) sim.Time { return p.ramp * sim.Time(k) / sim.Time(p.connections) }
