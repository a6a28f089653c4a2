package rpc

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *ioWorld) inspect(node sim.NodeID) []lab.Fact {
	if int(node) < w.count {
		return w.clients.Member(int(node)).facts(w.plan)
	}
	if s, t := w.server(node); s != nil {
		return s.facts(t)
	}
	return nil
}

func fact(en, zh string, n int) lab.Fact {
	return number(lab.Text{En: en, Zh: zh}, n)
}

// facts are the threads by what they do, the queues, and what it has cost.
func (s *ioServer) facts(t *ioTally) []lab.Fact {
	var runs, ready, works, bytes, database int
	for i := range s.workers {
		switch s.cpu.threads[i].state {
		case threadRunning, threadDecides:
			runs++
		case threadReady:
			ready++
		case threadBlocked:
			switch s.workers[i].wait {
			case ioForWork:
				works++
			case ioForDatabase:
				database++
			default:
				bytes++
			}
		}
	}
	costs := t.costs()
	threads := fact("threads", "线程", s.cpu.living)
	threads.Parts = []lab.Fact{
		fact("run", "正在运行", runs), fact("ready, in the run queue", "就绪，在运行队列里", ready),
		fact("wait for a client", "在等客户端", bytes), fact("wait for the database", "在等数据库", database),
		fact("have nothing to do", "没有事做", works),
	}
	facts := []lab.Fact{threads, fact("connections served or queued", "已接受的连接", len(s.conns)),
		fact("connections not yet accepted", "还没接受的连接", s.incoming.len())}
	switch s.model {
	case ioPool:
		facts = append(facts, fact("connections waiting for a thread", "排队等线程的连接", s.queue.len()))
	case ioLoop:
		ready := 0
		for i := range s.workers {
			ready += s.workers[i].ready.len()
		}
		facts = append(facts, fact("connections ready", "就绪的连接", ready))
	}
	return append(facts,
		fact("memory in KB", "内存（KB）", int(s.memory>>10)),
		fact("calls answered", "已应答的调用", t.answered),
		fact("switches", "线程切换次数", costs.switches),
		lab.Fact{Label: lab.Text{En: "CPU time of switches", Zh: "切换用掉的 CPU 时间"}, Value: lab.Plain(costs.switched.String())},
		lab.Fact{Label: lab.Text{En: "CPU time of work", Zh: "干活用掉的 CPU 时间"}, Value: lab.Plain(costs.worked.String())})
}

// facts are the callers by what they do, for each server.
func (c *ioClient) facts(plan *ioPlan) []lab.Fact {
	var facts []lab.Fact
	if c == nil {
		return nil
	}
	for j, model := range plan.models {
		var by [ioStopped + 1]int
		count := 0
		for i := j; i < len(c.calls); i += len(plan.models) {
			by[c.calls[i].state]++
			count++
		}
		f := fact("callers of "+ioRoles[model]+"/0", ioRoles[model]+"/0 的调用者", count)
		f.Parts = []lab.Fact{
			fact("not connected", "未连接", by[ioAbsent]+by[ioDialling]+by[ioLeaving]+by[ioStopped]),
			fact("think", "空闲", by[ioThinking]), fact("have sent half a frame", "只发了半个帧", by[ioHalfway]),
			fact("wait for an answer", "在等应答", by[ioAwaiting]),
		}
		facts = append(facts, f)
	}
	return facts
}
