package rpc

import (
	"strconv"

	"grapevine/protocols/rpc/registry"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *discovery) card(node sim.NodeID) lab.Card {
	c, k, s := w.split(node)
	switch {
	case c != nil:
		return lab.Card{Rows: w.finderRows(c)}
	case k != nil:
		return lab.Card{Rows: w.keeperRows(k)}
	case s != nil:
		return lab.Card{Rows: w.providerRows(s)}
	}
	return lab.Card{}
}

// seconds writes a time to tenths of a second, so that it does not flicker.
func seconds(t sim.Time) string {
	tenths := int64(max(t, 0) / (100 * sim.Millisecond))
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + " s"
}

// keeperRows show the list, each entry with what is left of its lease.
func (w *discovery) keeperRows(k *keeper) []lab.Row {
	now := w.net.Now()
	entries, version := k.machine.Entries(serviceName)
	table := lab.Row{Label: lab.Text{En: "leases", Zh: "租约"}, Form: lab.Table}
	for _, e := range entries {
		left := sim.Time(e.Until) - now
		cell := lab.Cell{Text: lab.Plain(seconds(left)), Color: "active", Value: int64(left), Max: e.Lease}
		if left < w.plan.lease-w.plan.heartbeat-2*w.plan.link.Delay-2*w.plan.link.Jitter {
			cell.Color = "warn" // a heartbeat is overdue
		}
		table.Cells = append(table.Cells, lab.Cell{Text: lab.Plain(e.ID)}, cell)
	}
	row := lab.Row{Label: lab.Text{En: "version", Zh: "版本"}, Cells: []lab.Cell{{Text: lab.Plain(version.String())}}}
	if k.machine.Young(int64(now)) {
		row.Cells = append(row.Cells, lab.Cell{Text: lab.Text{En: "young", Zh: "刚启动"}, Color: "warn", Look: lab.Lit})
	}
	return []lab.Row{table, row}
}

func (w *discovery) providerRows(s *provider) []lab.Row {
	standing := lab.Cell{Text: standingWords[s.listing.Standing()], Color: "warn", Look: lab.Lit}
	if s.listing.Standing() == registry.Listed {
		standing = lab.Cell{Text: standing.Text, Color: "active"}
	}
	lease := lab.Row{Label: lab.Text{En: "its lease", Zh: "租约"}, Form: lab.Gauge}
	if until := s.listing.Until(); until != registry.Never {
		left := sim.Time(until) - w.net.Now()
		lease.Cells = []lab.Cell{{Text: lab.Plain(seconds(left)), Color: "active", Value: max(int64(left), 0), Max: int64(w.plan.lease)}}
	}
	threads := lab.Row{Label: lab.Text{En: "runs", Zh: "正在执行"}}
	for range s.busy() {
		threads.Cells = append(threads.Cells, lab.Cell{Text: lab.Plain("add"), Color: "active"})
	}
	return []lab.Row{{Cells: []lab.Cell{standing}}, lease, threads}
}

// finderRows show the list as the client has it, and how old it is.
func (w *discovery) finderRows(c *finder) []lab.Row {
	view, _ := c.registry.View(int64(w.net.Now()), serviceName)
	how := lab.Cell{Text: knowledgeWords[view.Knowledge], Color: "active"}
	if view.Knowledge != registry.Fresh {
		how.Color, how.Look = "warn", lab.Lit
	}
	age := lab.Cell{Text: lab.Text{En: "-", Zh: "-"}, Look: lab.Faded}
	if view.Knowledge != registry.Ignorant {
		age.Text = lab.Say("%s old", "%s 前", seconds(sim.Time(view.AgeMicros)))
	}
	list := lab.Row{Label: lab.Text{En: "instances", Zh: "实例"}, Form: lab.Table}
	for _, i := range view.Instances {
		s := w.serverAt(i.Address)
		if s < 0 {
			continue
		}
		l := &c.lines[s]
		name, calls := lab.Cell{Text: lab.Plain(i.ID)}, lab.Cell{Text: w.load(c, s), Look: lab.Hatched, Color: "done"}
		if l.active == 0 {
			calls.Look, calls.Color = lab.Usual, ""
		}
		if s == c.last {
			name.Look, name.Color = lab.Lit, "active"
		}
		if l.failed { // that is all it knows: the registry has not said so
			calls = lab.Cell{Text: lab.Text{En: "no answer", Zh: "没有应答"}, Color: "warn", Look: lab.Crossed}
		}
		list.Cells = append(list.Cells, name, calls)
	}
	return []lab.Row{{Label: lab.Text{En: "its list is", Zh: "列表"}, Cells: []lab.Cell{how, age}}, list}
}

// load says what a client has given a server to do.
func (w *discovery) load(c *finder, server int) lab.Text {
	if !w.plan.hashes() {
		return lab.Say("calls: %d, open: %d", "%d 次，%d 未返回", c.lines[server].calls, c.lines[server].active)
	}
	users := 0
	for _, owner := range c.owners {
		if owner == server {
			users++
		}
	}
	return lab.Say("users: %d, open: %d", "%d 个用户，%d 未返回", users, c.lines[server].active)
}
