package sim

import (
	"fmt"
	"strconv"
	"strings"
)

// Action is one deed of the script. It comes before everything else that
// happens in its microsecond, live or replayed alike.
//
// The deeds, where A and B are a node ("broker/2"), some of a role's nodes
// ("broker/0-4") or a whole role ("broker"):
//
//	crash A          stop at once; memory is gone
//	restart A        begin again what has crashed
//	pause A          hold still: what arrives waits
//	resume A         go on
//	cut A B          drop every packet between A and B
//	cut A to B       drop every packet from A to B
//	cut A            drop every packet between A and everybody else
//	slow disk A 10x  make the disks there take 10 times as long as they should, from 1 to 1000
//	slow A B SPAN    add SPAN to the delay of every packet between A and B; also "A to B", and "A" alone
//	lose A B SHARE   lose that share ("10%") of the packets between A and B; also "A to B", and "A" alone
//	duplicate A B SHARE   deliver that share of them twice; likewise
//	reorder A B SHARE     hold that share of them back until later ones have overtaken them; likewise
//	heal A B         lift all that was done to the packets between A and B; also "A to B", and "A" alone
//	heal             lift it everywhere, from disks too
//	send NODE ARG... an order of the lab's own to one node
//	set NAME VALUE   change a parameter of the lab that can change while it runs
type Action struct {
	At Time
	// Text is the deed in words, single spaces between them.
	Text string

	verb  string
	nodes Span
	rules []Rule
	args  []string
	times int64 // slow disk: how many times as long
}

// ParseAction reads a deed for this network. Its errors say what was expected.
func (n *Network) ParseAction(at Time, text string) (Action, error) {
	if at < 0 || at > Forever {
		return Action{}, fmt.Errorf("an action at %d µs: times go from 0 to %d µs", at, Forever)
	}
	words := strings.Fields(text)
	a := Action{At: at, Text: strings.Join(words, " ")}
	if len(words) == 0 {
		return a, fmt.Errorf("an empty action: expected a deed such as \"crash %s\"", n.Name(0))
	}
	a.verb, a.args = words[0], words[1:]
	var err error
	switch a.verb {
	case "crash", "restart", "pause", "resume":
		if len(a.args) != 1 {
			return a, fmt.Errorf("%q: expected one node, such as \"%s %s\"", text, a.verb, n.Name(0))
		}
		a.nodes, err = n.parseSpan(a.args[0])
	case "cut":
		a.rules, err = n.parseRules(a.args, Verdict{Drop: WhyCut})
	case "slow":
		if len(a.args) > 0 && a.args[0] == "disk" {
			err = n.parseSlowDisk(&a)
			break
		}
		if len(a.args) < 2 {
			return a, fmt.Errorf("%q: expected nodes and a span of time, such as \"slow %s 500ms\"", text, n.Name(0))
		}
		last := len(a.args) - 1
		var extra Time
		if extra, err = ParseTime(a.args[last]); err == nil {
			a.rules, err = n.parseRules(a.args[:last], Verdict{After: min(extra, maxDelay)})
		}
	case "lose", "duplicate", "reorder":
		if len(a.args) < 2 {
			return a, fmt.Errorf("%q: expected nodes and a share, such as \"%s %s 10%%\"", text, a.verb, n.Name(0))
		}
		last := len(a.args) - 1
		var share PPM
		if share, err = ParsePPM(a.args[last]); err == nil && share > Certain {
			err = fmt.Errorf("%q: expected a share of at most 100%%", a.args[last])
		}
		if err == nil {
			a.rules, err = n.parseRules(a.args[:last], chance(a.verb, share))
		}
	case "heal":
		if len(a.args) > 0 {
			a.rules, err = n.parseRules(a.args, Verdict{})
		}
	case "send":
		err = n.vetOrder(&a)
	case "set":
		switch {
		case len(a.args) != 2:
			err = fmt.Errorf("%q: expected a name and a value", text)
		case n.OnSet == nil:
			err = fmt.Errorf("%q: nothing in this lab can be set while it runs", text)
		default:
			err = n.OnSet(a.args[0], a.args[1], true)
		}
	default:
		err = fmt.Errorf("%q: expected crash, restart, pause, resume, cut, slow, lose, duplicate, reorder, heal, send or set", text)
	}
	return a, err
}

// chance is the verdict of a deed about a share of the packets.
func chance(verb string, share PPM) Verdict {
	switch verb {
	case "lose":
		return Verdict{Lose: share}
	case "duplicate":
		return Verdict{Duplicate: share}
	}
	return Verdict{Reorder: share}
}

func (n *Network) vetOrder(a *Action) error {
	if len(a.args) == 0 {
		return fmt.Errorf("%q: expected a node", a.Text)
	}
	var err error
	if a.nodes, err = n.parseSpan(a.args[0]); err != nil {
		return err
	}
	a.args = a.args[1:]
	o, ok := n.roles[n.RoleOf(a.nodes.First)].role.(Orderly)
	if !ok {
		return fmt.Errorf("%q: these nodes take no orders", a.Text)
	}
	return o.Accepts(a.args)
}

// parseSpan reads "role", "role/3" or "role/3-7".
func (n *Network) parseSpan(s string) (Span, error) {
	name, members, some := strings.Cut(s, "/")
	for i := range n.roles {
		r := &n.roles[i]
		if r.name != name {
			continue
		}
		if !some {
			return r.span, nil
		}
		lo, hi, isRange := strings.Cut(members, "-")
		first, err1 := strconv.ParseUint(lo, 10, 32)
		last, err2 := first, error(nil)
		if isRange {
			last, err2 = strconv.ParseUint(hi, 10, 32)
		}
		if err1 != nil || err2 != nil || first > last || last >= uint64(r.span.Count) {
			return Span{}, fmt.Errorf("%q: %s has the nodes 0 to %d", s, name, r.span.Count-1)
		}
		return Span{r.span.First + NodeID(first), uint32(last - first + 1)}, nil
	}
	var names []string
	for i := range n.roles {
		names = append(names, n.roles[i].name)
	}
	return Span{}, fmt.Errorf("%q: the nodes here are %s", s, strings.Join(names, ", "))
}

// parseRules reads "A", "A B" or "A to B" into one rule a direction.
func (n *Network) parseRules(args []string, v Verdict) ([]Rule, error) {
	oneWay := len(args) == 3 && args[1] == "to"
	if oneWay {
		args = []string{args[0], args[2]}
	}
	if len(args) < 1 || len(args) > 2 {
		return nil, fmt.Errorf("%q: expected one place, two, or \"A to B\"", strings.Join(args, " "))
	}
	a, err := n.parseSpan(args[0])
	if err != nil {
		return nil, err
	}
	others := []Span{{0, uint32(a.First)}, {a.First + NodeID(a.Count), uint32(len(n.nodes)) - uint32(a.First) - a.Count}}
	if len(args) == 2 {
		b, err := n.parseSpan(args[1])
		if err != nil {
			return nil, err
		}
		others = []Span{b}
	}
	var rules []Rule
	for _, b := range others {
		if b.Count == 0 {
			continue
		}
		rules = append(rules, Rule{a, b, v})
		if !oneWay {
			rules = append(rules, Rule{b, a, v})
		}
	}
	return rules, nil
}

// maxActions bounds a script, so that a link cannot make one without end.
const maxActions = 10_000

// Schedule adds an action to the script. Actions of one instant keep the
// order in which they were added. The past cannot be changed.
func (n *Network) Schedule(a Action) error {
	if len(n.script) >= maxActions {
		return fmt.Errorf("the script already has %d actions, the most that a run can have", maxActions)
	}
	if a.At < n.now || n.started && a.At == n.now {
		return fmt.Errorf("%q at %v: it is already %v", a.Text, a.At, n.now)
	}
	i := len(n.script)
	for i > n.done && n.script[i-1].At > a.At {
		i--
	}
	n.script = append(n.script, Action{})
	copy(n.script[i+1:], n.script[i:])
	n.script[i] = a
	return nil
}

// Act carries out a deed now: at the front of the next microsecond. What the
// script still had to come is forgotten; the run forks here.
func (n *Network) Act(text string) (Action, error) {
	a, err := n.ParseAction(n.now+1, text)
	if err != nil {
		return a, err
	}
	n.script = n.script[:n.done:n.done]
	return a, n.Schedule(a)
}

// Script returns the actions of the run, done and to come. The caller must
// not change them.
func (n *Network) Script() []Action { return n.script }

// carryOut makes an action happen.
func (n *Network) carryOut(a Action) {
	switch a.verb {
	case "crash":
		n.each(a, n.crash)
	case "restart":
		n.each(a, n.restart)
	case "pause":
		n.each(a, n.pause)
	case "resume":
		n.each(a, n.resume)
	case "cut", "slow", "lose", "duplicate", "reorder":
		n.journalAction(KindRule, a)
		if a.times > 0 {
			n.each(a, func(node NodeID) { n.disk(node).slow = a.times })
		}
		n.rules = append(n.rules[:len(n.rules):len(n.rules)], a.rules...)
	case "heal":
		n.journalAction(KindRule, a)
		if len(a.rules) == 0 {
			n.rules = nil
			n.healDisks()
		}
		for _, r := range a.rules {
			n.rules = heal(n.rules, r.From, r.To)
		}
	case "send":
		id := n.journalAction(KindOrder, a)
		n.each(a, func(node NodeID) {
			if n.status[node] == 0 {
				role, ctx := n.enter(node, id)
				role.(Orderly).Order(ctx, a.args)
			}
		})
	case "set":
		n.journalAction(KindOrder, a)
		// It was accepted when the script was read; a lab that changes its mind changes nothing.
		_ = n.OnSet(a.args[0], a.args[1], false)
	}
}

func (n *Network) each(a Action, do func(NodeID)) {
	for i := range a.nodes.Count {
		do(a.nodes.First + NodeID(i))
	}
}

func (n *Network) journalAction(kind Kind, a Action) EventID {
	e := Event{At: n.now, Kind: kind, Node: Nobody, Peer: Nobody, Size: uint32(len(a.Text)), Sum: sum([]byte(a.Text))}
	if len(a.rules) > 0 {
		e.Node, e.Peer = a.rules[0].From.First, a.rules[0].To.First
	} else if a.nodes.Count > 0 {
		e.Node = a.nodes.First
	}
	return n.Journal.record(e, nil)
}

func (n *Network) journalNode(kind Kind, node NodeID) EventID {
	return n.Journal.record(Event{At: n.now, Kind: kind, Node: node, Peer: Nobody}, nil)
}

func (n *Network) crash(node NodeID) {
	if !n.Up(node) {
		return
	}
	id := n.journalNode(KindCrash, node)
	waiting := n.held[node]
	delete(n.held, node)
	n.status[node] = nodeDown
	n.nodes[node].busyUntil = 0
	entry := &n.roles[n.RoleOf(node)]
	if entry.disks != nil {
		n.disk(node).crash(id)
	}
	if m, ok := entry.role.(Mortal); ok {
		m.Crash(int(node - entry.span.First))
	}
	// What waited for a paused node finds it down, even if it restarts at once.
	for i := waiting.head; i != 0; {
		e := n.slab.at(i)
		next := e.next
		n.refuse(i, e)
		i = next
	}
}

// restart begins a new life: the epoch that timers of the old one belong to is over.
func (n *Network) restart(node NodeID) {
	if n.Up(node) {
		return
	}
	n.status[node] = 0
	n.nodes[node].epoch++
	n.start(node, 0)
}

func (n *Network) pause(node NodeID) {
	if n.status[node] == 0 {
		n.journalNode(KindPause, node)
		n.status[node] = nodePaused
	}
}

func (n *Network) resume(node NodeID) {
	if n.status[node]&nodePaused == 0 {
		return
	}
	n.journalNode(KindResume, node)
	n.status[node] = 0
	waiting := n.held[node]
	delete(n.held, node)
	n.replay(waiting)
}

// replay queues what had to wait, in its order, for this very microsecond and
// before what is due in it: that came later.
func (n *Network) replay(waiting fifo) {
	for i := waiting.head; i != 0; {
		e := n.slab.at(i)
		// Keep the true time of sending for whoever looks at the packet.
		e.delay = uint32(min(Time(e.delay)+n.now-e.at, maxDelay))
		e.at = n.now
		i = e.next
	}
	n.wheel.pushFront(&n.slab, waiting)
}
