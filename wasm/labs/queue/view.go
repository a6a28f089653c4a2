package queue

import (
	"fmt"
	"strconv"

	"grapevine/protocols/kafka/broker"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func itoa(n int32) string { return strconv.Itoa(int(n)) }

// The states of nodes.
const (
	stateIdle uint8 = iota
	stateBusy
	stateLeads
	stateApart
	stateFollows
)

// loneStates are those of labs with a single broker.
var loneStates = clusterStates[:stateFollows]

var clusterStates = []lab.State{
	stateIdle:    {ID: "idle", Label: lab.Text{En: "has nothing to do", Zh: "空闲"}, Shape: "ring", Color: "idle"},
	stateBusy:    {ID: "busy", Label: lab.Text{En: "has records under way or at work", Zh: "有记录在途，或正在处理"}, Shape: "disc", Color: "active"},
	stateLeads:   {ID: "leads", Label: lab.Text{En: "leads partitions", Zh: "是某些分区的首领"}, Shape: "disc", Color: "done"},
	stateApart:   {ID: "apart", Label: lab.Text{En: "does not take part", Zh: "没有参与"}, Shape: "ring", Color: "warn"},
	stateFollows: {ID: "follows", Label: lab.Text{En: "only follows", Zh: "只是跟随者"}, Shape: "ring", Color: "done"},
}

// state is what a node is doing.
func (w *cluster) state(node sim.NodeID) uint8 {
	switch role, i := w.split(node); role {
	case 'p':
		if s := w.senders.Member(i); s != nil && s.producer != nil {
			switch {
			case s.why != nil:
				return stateApart
			case s.producer.Pending() > 0:
				return stateBusy
			}
		}
	case 'b':
		b := w.houses.Member(i)
		if b == nil || b.broker == nil || !b.unfenced {
			return stateApart
		}
		state := stateIdle
		for _, p := range b.broker.Partitions() {
			if p.Leads && !internal(p.Topic) {
				return stateLeads
			}
			if w.plan.brokers > 1 {
				state = stateFollows
			}
		}
		return state
	case 'c':
		r := w.readers.Member(i)
		switch {
		case r == nil || r.consumer == nil || r.why != nil:
			return stateApart
		case r.busy:
			return stateBusy
		}
	}
	return stateIdle
}

// doing says what a note means for the line of its node in the sequence view.
func doing(e *sim.Event) lab.Doing {
	switch e.Code {
	case noteTaken:
		return lab.Working
	case noteRead, noteAcked, noteFailed:
		return lab.Resting
	case noteSent:
		return lab.Waiting
	}
	return lab.Unsaid
}

// inspect says what a node holds in its memory.
func (w *cluster) inspect(node sim.NodeID) (facts []lab.Fact) {
	add := func(label, value lab.Text) { facts = append(facts, lab.Fact{Label: label, Value: value}) }
	switch role, i := w.split(node); role {
	case 'p':
		return w.senders.Member(i).facts()
	case 'b':
		b := w.houses.Member(i)
		if b.broker == nil {
			add(lab.Text{En: "no broker, because", Zh: "没有代理，原因"}, lab.Plain(b.why.Error()))
			break
		}
		controller, epoch := b.broker.Controller()
		add(lab.Text{En: "active controller", Zh: "活动控制器"}, lab.Say("broker/%d, epoch %d", "broker/%d，第 %d 届", controller, epoch))
		for _, p := range b.broker.Partitions() {
			if !internal(p.Topic) {
				add(lab.Plain(p.Topic+"-"+itoa(p.Part)), replicaText(&p))
			}
		}
		facts = append(facts, diskFacts(w.disks.Member(i))...)
	case 't':
		if t := w.tables.Member(i).table; t != nil {
			add(lab.Text{En: "rows of the table", Zh: "表的行数"}, lab.Plain(strconv.Itoa(tableBytes/w.plan.size)))
			add(lab.Text{En: "rows written", Zh: "写过的行"}, lab.Plain(strconv.FormatInt(t.Count(), 10)))
			facts = append(facts, diskFacts(w.tableDisks.Member(i))...)
		}
	case 'c':
		return w.readers.Member(i).facts()
	}
	return facts
}

// replicaText is a replica in one line.
func replicaText(p *broker.PartitionState) lab.Text {
	role := lab.Text{En: "follows", Zh: "跟随者"}
	if p.Leads {
		role = lab.Text{En: "leads", Zh: "首领"}
	}
	numbers := []any{p.LeaderEpoch, p.Start, p.HighWatermark, p.End, list(p.InSync)}
	return lab.Text{
		En: role.En + fmt.Sprintf(", epoch %d; log start %d, high watermark %d, log end %d; in sync: %s", numbers...),
		Zh: role.Zh + fmt.Sprintf("，第 %d 届；日志起点 %d，高水位 %d，日志末端 %d；同步副本：%s", numbers...),
	}
}
