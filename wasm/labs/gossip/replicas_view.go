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
	kindPush:     {ID: "push", Name: lab.Text{En: "push", Zh: "推送"}, Label: lab.Text{En: "push: keys, values, versions", Zh: "推送：键、值、版本"}, Mark: "P", Color: "push"},
	kindDigest:   {ID: "digest", Name: lab.Text{En: "digest", Zh: "摘要"}, Label: lab.Text{En: "digest: keys and versions", Zh: "摘要：键和版本"}, Mark: "D", Color: "pull"},
	kindReply:    {ID: "reply", Name: lab.Text{En: "reply", Zh: "回复"}, Label: lab.Text{En: "reply: what is newer", Zh: "回复：较新的条目"}, Mark: "R", Color: "reply"},
	kindWant:     {ID: "want", Name: lab.Text{En: "want", Zh: "索取"}, Label: lab.Text{En: "want: keys asked for", Zh: "索取：想要的键"}, Mark: "W", Color: "pull"},
	kindSums:     {ID: "sums", Name: lab.Text{En: "sums", Zh: "哈希"}, Label: lab.Text{En: "hashes of a tree", Zh: "哈希树的一层"}, Mark: "H", Color: "data"},
	kindChecksum: {ID: "checksum", Name: lab.Text{En: "checksum", Zh: "校验和"}, Label: lab.Text{En: "checksum of everything", Zh: "整库校验和"}, Mark: "C", Color: "data"},
}

// kinds are the kinds of messages that an exchange of this sort can take: the
// table at the head of gossip.Replica, followed through.
func (c *replicasConfig) kinds() []uint8 {
	switch {
	case c.method == gossip.ByMerkle:
		return []uint8{kindSums, kindDigest, kindReply, kindWant}
	case c.method == gossip.ByChecksum && c.flow == gossip.Give:
		return []uint8{kindChecksum, kindDigest, kindReply}
	case c.method == gossip.ByChecksum:
		return []uint8{kindChecksum, kindDigest, kindWant, kindReply}
	case c.flow == gossip.Take:
		return []uint8{kindDigest, kindReply}
	case c.method == gossip.ByDigest:
		return []uint8{kindDigest, kindWant, kindReply}
	case c.flow == gossip.Give:
		return []uint8{kindPush}
	}
	return []uint8{kindPush, kindReply}
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
		Inspect: func(node sim.NodeID) []lab.Fact { return r.inspect(int(node)) },
		Dissect: func(_ uint8, payload []byte) field.Field { return gossip.DissectExchange(payload) },
		Say:     r.say,
		Kinds:   r.config.kinds(),
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

func (r *replicas) inspect(member int) []lab.Fact {
	s := &r.members[member].Store
	facts := []lab.Fact{
		{Label: lab.Text{En: "keys", Zh: "键的个数"}, Value: lab.Plain(strconv.Itoa(s.Len()))},
		{Label: lab.Text{En: "newer elsewhere", Zh: "别处更新的键"}, Value: lab.Plain(strconv.Itoa(int(r.behind[member])))},
		{Label: lab.Text{En: "checksum", Zh: "校验和"}, Value: lab.Plain(fmt.Sprintf("%016x", s.Sum()))},
	}
	list := lab.Fact{Label: lab.Text{En: "store", Zh: "数据"}}
	hidden := 0
	for key, newest := range r.newest {
		e, found := s.Get(keyName(key))
		if r.config.keys > maxInspected && newest.Counter < 2 && e.Version == newest || len(list.Parts) == maxInspected {
			hidden++ // nothing has happened to it, or there is no room
			continue
		}
		value := lab.Text{En: "none", Zh: "无"}
		if found {
			value = sayVersion("%q version %v", "%q，版本 %v", strings.TrimRight(e.Value, filler), e.Version)
		}
		if e.Version != newest {
			value.En += "; elsewhere there is version " + newest.String()
			value.Zh += "；别处已有版本 " + inChinese(newest)
		}
		list.Parts = append(list.Parts, lab.Fact{Label: lab.Plain(keyName(key)), Value: value})
	}
	if hidden > 0 {
		list.Parts = append(list.Parts, lab.Fact{Label: lab.Text{En: "others", Zh: "其余"}, Value: lab.Plain(strconv.Itoa(hidden))})
	}
	return append(facts, list)
}

func (r *replicas) say(e *sim.Event) lab.Text {
	key, v := unpackVersion(e.Value)
	switch e.Code {
	case noteWrite:
		return sayVersion("writes %s, version %v", "写入 %s，版本 %v", keyName(key), v)
	case noteTook:
		return sayVersion("takes %s, version %v", "收下 %s，版本 %v", keyName(key), v)
	case noteSettled:
		return sayVersion("settles a conflict: %s is now version %v", "裁决冲突：%s 现为版本 %v", keyName(key), v)
	case noteMany:
		return lab.Say("takes %d keys", "收下 %d 个键", e.Value)
	case noteCurrent:
		return lab.Text{En: "has the newest of everything", Zh: "样样都是最新"}
	}
	return lab.Text{}
}

// sayVersion fills in a key or a value, and a version.
func sayVersion(en, zh, what string, v gossip.Version) lab.Text {
	return lab.Text{En: fmt.Sprintf(en, what, v), Zh: fmt.Sprintf(zh, what, inChinese(v))}
}

func inChinese(v gossip.Version) string {
	counter, writer, _ := strings.Cut(v.String(), " by ")
	return counter + "（写者 " + writer + "）"
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
		Detail: func() lab.Text {
			different, up := apart()
			if different == 0 {
				return lab.Say("nodes that hold the same: %d", "%d 个节点的数据相同", up)
			}
			return lab.Say("%d of %d nodes differ from the first of them", "%[2]d 个节点里有 %[1]d 个与第一个不同", different, up)
		},
	}
}
