package rpc

import (
	"slices"

	"grapevine/protocols/rpc/codec"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

const maxCodecCalls = 1000

// Codec is the lab rpc/codec: one call's arguments in several formats, side by
// side, and what becomes of them when only one of two programs was updated.
var Codec = lab.Lab{
	ID: "rpc/codec", Version: 1,
	Title: lab.Text{En: "Structures as bytes", Zh: "结构体怎样变成字节"},
	Claim: lab.Text{
		En: "The same order in five formats: how many bytes it takes, and what a reader makes of it whose schema is older or newer.",
		Zh: "同一份订单，五种格式：各占多少字节；读的一方结构定义较旧或较新时，又会读成什么样。"},
	Params: append([]lab.Param{
		{Name: "format", Kind: lab.Choice, Label: lab.Text{En: "Format", Zh: "格式"},
			Help:    lab.Text{En: "How the structure is written; all of them, each between a client and a server of its own, or one, field by field.", Zh: "结构体怎样写成字节：五种并排，每种由一对客户端和服务器使用；或者只看一种，逐个字段地看。"},
			Choices: codecFormats()},
		{Name: "change", Kind: lab.Choice, Default: 1,
			Label: lab.Text{En: "New version", Zh: "新版的改动"},
			Help: lab.Text{En: "What the new version of the structure changes. The servers get it first, then the clients; or in whatever order you like.",
				Zh: "结构定义的新版改了什么。默认先升级服务器，再升级客户端；也可以由你决定先后。"},
			Choices: codecChanges()},
		{Name: "first", Kind: lab.Choice, Label: lab.Text{En: "Updated first", Zh: "先升级谁"},
			Help: lab.Text{En: "Whose programs are updated at a quarter of the run; the others follow at three quarters.", Zh: "运行到四分之一时升级哪一边；另一边到四分之三时才升级。"},
			Choices: []lab.Option{
				{Value: "servers", Label: lab.Text{En: "the servers: new reads old", Zh: "服务器：新程序读旧消息"}},
				{Value: "clients", Label: lab.Text{En: "the clients: old reads new", Zh: "客户端：旧程序读新消息"}},
			}},
		{Name: "id", Kind: lab.Int, Default: 1<<53 + 1, Max: 1 << 62,
			Label: lab.Text{En: "Order number", Zh: "订单号"},
			Help:  lab.Text{En: "The order's id. 9007199254740993 is 2^53 + 1.", Zh: "订单的 id。9007199254740993 等于 2^53 + 1。"}},
		lab.IntParam("items", 2, 0, 200, lab.Text{En: "Items", Zh: "商品行数"},
			lab.Text{En: "How many items the order has.", Zh: "订单里有几行商品。"}),
		{Name: "doubles", Kind: lab.Bool,
			Label: lab.Text{En: "Numbers as doubles", Zh: "数字都当双精度"},
			Help: lab.Text{En: "The server that reads JSON takes every number for a double, as a browser does.",
				Zh: "读 JSON 的服务器像浏览器那样，把所有数字都当成双精度浮点数。"}},
		lab.IntParam("calls", 12, 1, maxCodecCalls, lab.Text{En: "Calls", Zh: "调用次数"},
			lab.Text{En: "How many calls each client makes, one after the other.", Zh: "每个客户端依次发起多少次调用。"}),
		leastSpan(lab.SpanParam("think", 600*sim.Millisecond, 60*sim.Second, lab.Text{En: "Pause", Zh: "间隔"},
			lab.Text{En: "How long a client waits from one call to the next.", Zh: "客户端一次调用返回后隔多久再调用。"})),
	}, lab.LinkParams(300*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "protobuf", Label: lab.Text{En: "Field by field: Protocol Buffers", Zh: "逐个字段看：Protocol Buffers"}, Settings: []lab.Setting{{Name: "format", Value: "protobuf"}}},
		{ID: "json", Label: lab.Text{En: "Field by field: JSON", Zh: "逐个字段看：JSON"}, Settings: []lab.Setting{{Name: "format", Value: "json"}}},
		{ID: "large", Label: lab.Text{En: "A hundred items", Zh: "一百行商品"}, Settings: []lab.Setting{{Name: "items", Value: "100"}}},
		{ID: "remove", Label: lab.Text{En: "A field is removed", Zh: "删掉一个字段"}, Settings: []lab.Setting{{Name: "change", Value: "remove"}}, Fails: "read"},
		{ID: "insert", Label: lab.Text{En: "A field in the middle", Zh: "中间插入一个字段"}, Settings: []lab.Setting{{Name: "change", Value: "insert"}}, Fails: "read"},
		{ID: "rename", Label: lab.Text{En: "A field is renamed", Zh: "字段改名"}, Settings: []lab.Setting{{Name: "change", Value: "rename"}}, Fails: "nothing-lost"},
		{ID: "reuse", Label: lab.Text{En: "A number is used again", Zh: "字段号重复使用"}, Settings: []lab.Setting{{Name: "change", Value: "reuse"}, {Name: "first", Value: "clients"}}, Fails: "nothing-wrong"},
		{ID: "sign", Label: lab.Text{En: "Another type of number", Zh: "换了整数类型"}, Settings: []lab.Setting{{Name: "change", Value: "sign"}}, Fails: "nothing-wrong"},
		{ID: "remean", Label: lab.Text{En: "The same field means something else", Zh: "同一字段换了含义"}, Settings: []lab.Setting{{Name: "change", Value: "remean"}}, Fails: "nothing-wrong"},
		{ID: "browser", Label: lab.Text{En: "A browser reads the JSON", Zh: "由浏览器来读 JSON"}, Fails: "nothing-wrong",
			Settings: []lab.Setting{{Name: "format", Value: "json"}, {Name: "doubles", Value: "true"}, {Name: "change", Value: "none"}}},
	},
	States: codecStates, Kinds: codecKinds, Layout: "columns", SpeedPermille: 500,
	Orders: []lab.Order{{Form: "send {a} update", Label: lab.Text{En: "Update its program", Zh: "升级程序"}}},
	Script: func(v lab.Values, _ uint64) []lab.Step {
		roles := []string{"server", "client"}
		if v.Choice("first") == "clients" {
			slices.Reverse(roles)
		}
		round := v.Time("think") + 2*v.Time("delay") + v.Time("jitter")
		quarter := sim.Time(v.Int("calls")) * round / 4
		return []lab.Step{{At: quarter, Do: "send " + roles[0] + " update"}, {At: 3 * quarter, Do: "send " + roles[1] + " update"}}
	},
	Build: buildCodec,
}

// codecFormats are the choices of a format: all, then each.
func codecFormats() []lab.Option {
	options := []lab.Option{{Value: "all", Label: lab.Text{En: "all, side by side", Zh: "全部并排"}}}
	for _, f := range codec.Formats {
		label := lab.Plain(f.Name)
		if zh, ok := codecNamesZh[f.ID]; ok {
			label.Zh = zh
		}
		options = append(options, lab.Option{Value: f.ID, Label: label})
	}
	return options
}

var codecNamesZh = map[string]string{"cbor-positions": "CBOR，按位置", "cbor-numbers": "CBOR，按编号", "cbor": "CBOR，按名字"}

// codecChangesZh says in Chinese what codec.Changes say in English.
var codecChangesZh = map[string]string{
	"none": "没有改动", "add": "末尾加了一个字段", "insert": "中间插了一个字段", "remove": "删掉了 express", "rename": "customer 改名为 buyer",
	"sign": "discount 由 sint 改为 int", "retype": "id 由数字改为文本", "reuse": "删掉 balance，编号给了 points", "remean": "discount 由“分”改为“百分比”",
}

func codecChanges() []lab.Option {
	var options []lab.Option
	for _, c := range codec.Changes {
		options = append(options, lab.Option{Value: c.ID, Label: lab.Text{En: c.Label, Zh: codecChangesZh[c.ID]}})
	}
	return options
}

func buildCodec(v lab.Values, seed uint64) (*lab.World, error) {
	p := codecPlan{change: codec.ChangeNamed(v.Choice("change")), doubles: v.Bool("doubles"), id: uint64(v.Int("id")), items: v.Int("items"),
		calls: v.Int("calls"), think: v.Time("think"), link: lab.Physics(v)}
	if f := codec.FormatNamed(v.Choice("format")); f != nil {
		p.formats = []*codec.Format{f}
	} else {
		for i := range codec.Formats {
			p.formats = append(p.formats, &codec.Formats[i])
		}
	}
	return newCodecWorld(p).build(seed), nil
}
