package queue

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The kinds of packets, for the eye.
const (
	kindProduce uint8 = iota
	kindAck
	kindFetch
	kindRecords
	kindCopy // between brokers, both ways
	kindGroup
	kindControl
	kindTxn
	kindOther
	kindTransport
)

var clusterKinds = []lab.Kind{
	kindProduce:   {ID: "produce", Name: lab.Text{En: "Produce", Zh: "Produce"}, Label: lab.Text{En: "Produce: records to a leader", Zh: "Produce：把记录交给首领"}, Mark: "P", Color: "push"},
	kindAck:       {ID: "ack", Name: lab.Text{En: "acknowledgement", Zh: "确认"}, Label: lab.Text{En: "acknowledgement: the records count as written", Zh: "确认：记录算是写好了"}, Mark: "A", Color: "reply"},
	kindFetch:     {ID: "fetch", Name: lab.Text{En: "Fetch", Zh: "Fetch"}, Label: lab.Text{En: "Fetch: a consumer asks for more", Zh: "Fetch：消费者来取记录"}, Mark: "F", Color: "pull"},
	kindRecords:   {ID: "records", Name: lab.Text{En: "answer to Fetch", Zh: "Fetch 的应答"}, Label: lab.Text{En: "answer to Fetch: records, or none yet", Zh: "Fetch 的应答：记录，或者暂时没有"}, Mark: "R", Color: "data"},
	kindCopy:      {ID: "copy", Name: lab.Text{En: "copying", Zh: "复制"}, Label: lab.Text{En: "copying: a follower fetches from its leader", Zh: "复制：跟随者从首领那里取"}, Mark: "C", Color: "done"},
	kindGroup:     {ID: "group", Name: lab.Text{En: "group", Zh: "消费者组"}, Label: lab.Text{En: "group: join, sync, heartbeat, commit", Zh: "消费者组：加入、同步、心跳、提交"}, Mark: "G", Color: "warn"},
	kindControl:   {ID: "control", Name: lab.Text{En: "controllers", Zh: "控制器"}, Label: lab.Text{En: "controllers: votes, metadata log, registration", Zh: "控制器：投票、元数据日志、注册"}, Mark: "V", Color: "active"},
	kindTxn:       {ID: "txn", Name: lab.Text{En: "transaction", Zh: "事务"}, Label: lab.Text{En: "a producer's ID; its transactions", Zh: "生产者 ID、事务"}, Mark: "X", Color: "done"},
	kindOther:     {ID: "other", Name: lab.Text{En: "question", Zh: "询问"}, Label: lab.Text{En: "questions: who leads what, which versions", Zh: "询问：谁是首领、支持哪些版本"}, Mark: "M", Color: "idle"},
	kindTransport: {ID: "transport", Name: lab.Text{En: "transport", Zh: "传输层"}, Label: lab.Text{En: "the stream's own: handshake, acknowledgement", Zh: "流自己的包：握手、确认"}, Mark: "T", Color: "idle"},
}

// Some API keys, as the Kafka protocol numbers them.
const (
	apiProduce     = 0
	apiFetch       = 1
	apiCommit      = 8
	apiOffsets     = 9
	apiCoordinator = 10
	apiJoin        = 11
	apiSync        = 14
	apiProducerID  = 22
	apiTxnFirst    = 24 // AddPartitionsToTxn
	apiTxnLast     = 28 // TxnOffsetCommit
	apiVote        = 52
	apiAlter       = 56
	apiRegister    = 62
	apiBeat        = 63
	apiAllocate    = 67
)

// shownKinds are those that this world may have.
func (w *cluster) shownKinds() (kinds []uint8) {
	grouped := false
	for i := range w.plan.consumers {
		grouped = grouped || w.plan.group(i) != ""
	}
	for k := range uint8(len(clusterKinds)) {
		switch {
		case w.plan.brokers == 1 && (k == kindCopy || k == kindControl), !grouped && k == kindGroup,
			w.plan.consumers == 0 && (k == kindFetch || k == kindRecords), !w.plan.produce.Idempotent && w.plan.txn == 0 && k == kindTxn:
		default:
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// kinds says, for a node, what the requests and answers it sends look like.
func (w *cluster) kinds(self sim.NodeID) func(peer sim.NodeID, api int16, answer bool) uint8 {
	mine, _ := w.split(self)
	return func(peer sim.NodeID, api int16, answer bool) uint8 {
		theirs, _ := w.split(peer)
		switch {
		case api == apiProduce && answer:
			return kindAck
		case api == apiProduce:
			return kindProduce
		case api == apiFetch && mine == 'b' && theirs == 'b':
			return kindCopy
		case api == apiFetch && answer:
			return kindRecords
		case api == apiFetch:
			return kindFetch
		case api >= apiCommit && api <= apiSync:
			return kindGroup
		case api == apiProducerID || api >= apiTxnFirst && api <= apiTxnLast:
			return kindTxn
		case api >= apiVote && api <= apiAlter || api == apiRegister || api == apiBeat || api == apiAllocate:
			return kindControl
		}
		return kindOther
	}
}
