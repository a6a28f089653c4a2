package gossip

import (
	"fmt"
	"strconv"
	"strings"

	"grapevine/protocols/field"
	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// What the labs with stores show of them.

// storeKinds are the messages between stores; gossip/exchange needs the first three.
var storeKinds = []lab.Kind{
	kindPush:     {ID: "push", Label: lab.Text{En: "push: keys, values, versions", Zh: "推送：键、值、版本"}, Mark: "P", Color: "push"},
	kindDigest:   {ID: "digest", Label: lab.Text{En: "digest: keys and versions", Zh: "摘要：键和版本"}, Mark: "D", Color: "pull"},
	kindReply:    {ID: "reply", Label: lab.Text{En: "reply: what is newer", Zh: "回复：较新的条目"}, Mark: "R", Color: "reply"},
	kindWant:     {ID: "want", Label: lab.Text{En: "want: keys asked for", Zh: "索取：想要的键"}, Mark: "W", Color: "pull"},
	kindSums:     {ID: "sums", Label: lab.Text{En: "hashes of a tree", Zh: "哈希树的一层"}, Mark: "H", Color: "data"},
	kindChecksum: {ID: "checksum", Label: lab.Text{En: "checksum of everything", Zh: "整库校验和"}, Mark: "C", Color: "data"},
}

// orderWrite lets a visitor write at a node.
var orderWrite = lab.Order{Form: "send {a} write", Label: lab.Text{En: "write a new value of k1", Zh: "给 k1 写一个新值"}}

// maxInspected is how many keys the inspector lists. Of more, it lists those
// that were written again or are not up to date.
const maxInspected = 32

// world puts the pieces together that both labs share. End, Curves and more
// Checks are the lab's own.
func (r *replicas) world(net *sim.Network, finishFrom sim.Time) *lab.World {
	net.Finished = func() bool { return net.Now() >= finishFrom && r.current == r.living }
	return &lab.World{
		Net:     net,
		State:   r.state,
		Inspect: func(node sim.NodeID) []field.Field { return r.inspect(int(node)) },
		Dissect: func(_ uint8, payload []byte) field.Field { return gossip.DissectExchange(payload) },
		Say:     r.say,
		Metrics: func() []lab.Metric { return r.metrics(net) },
		Checks:  []lab.Check{r.checkEqual(net)},
	}
}

func (r *replicas) state(node sim.NodeID) uint8 {
	switch {
	case r.behind[node] == 0 && r.members[node].Store.Len() > 0:
		return stateCurrent
	case r.members[node].Store.Len() == 0:
		return stateEmpty
	}
	return stateBehind
}

func (r *replicas) inspect(member int) []field.Field {
	s := &r.members[member].Store
	if r.behind[member] < 0 {
		return []field.Field{{Name: "store", Value: "lost in the crash"}}
	}
	fields := []field.Field{
		{Name: "keys", Value: strconv.Itoa(s.Len())},
		{Name: "newer elsewhere", Value: strconv.Itoa(int(r.behind[member]))},
		{Name: "checksum", Value: fmt.Sprintf("%016x", s.Sum())},
	}
	list := field.Field{Name: "store"}
	hidden := 0
	for key, newest := range r.newest {
		e, found := s.Get(keyName(key))
		if r.config.keys > maxInspected && newest.Counter < 2 && e.Version == newest || len(list.Children) == maxInspected {
			hidden++ // nothing has happened to it, or there is no room
			continue
		}
		value := "none"
		if found {
			value = fmt.Sprintf("%q version %v", strings.TrimRight(e.Value, filler), e.Version)
		}
		if e.Version != newest {
			value += "; elsewhere there is version " + newest.String()
		}
		list.Children = append(list.Children, field.Field{Name: keyName(key), Value: value})
	}
	if hidden > 0 {
		list.Children = append(list.Children, field.Field{Name: "others", Value: strconv.Itoa(hidden)})
	}
	return append(fields, list)
}

func (r *replicas) say(e *sim.Event) string {
	if e.Kind != sim.KindNote {
		return ""
	}
	key, v := unpackVersion(e.Value)
	switch e.Code {
	case noteWrite:
		return fmt.Sprintf("writes %s, version %v", keyName(key), v)
	case noteTook:
		return fmt.Sprintf("takes %s, version %v", keyName(key), v)
	case noteSettled:
		return fmt.Sprintf("settles a conflict: %s is now version %v", keyName(key), v)
	case noteMany:
		return fmt.Sprintf("takes %d keys", e.Value)
	case noteCurrent:
		return "has the newest of everything"
	}
	return ""
}

// checkEqual is the claim of both labs. It looks at the stores themselves,
// not at the books.
func (r *replicas) checkEqual(net *sim.Network) lab.Check {
	apart := func() (different, up int) {
		first := -1
		for i := range r.members {
			if !net.Up(sim.NodeID(i)) {
				continue // its store went with it
			}
			up++
			if first < 0 {
				first = i
			} else if r.members[i].Store.Sum() != r.members[first].Store.Sum() {
				different++
			}
		}
		return different, up
	}
	return lab.Check{
		Name: "all-equal", Kind: lab.Finally,
		Claim: lab.Text{En: "In the end all nodes hold the same values.", Zh: "最后，所有节点的数据完全一致。"},
		Holds: func() bool { different, _ := apart(); return different == 0 },
		Detail: func() string {
			different, up := apart()
			if different == 0 {
				return fmt.Sprintf("%d nodes hold the same", up)
			}
			return fmt.Sprintf("%d of %d nodes differ from the first of them", different, up)
		},
	}
}
