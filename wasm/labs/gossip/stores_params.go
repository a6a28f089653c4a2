package gossip

import (
	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
)

// maxFanout bounds the fan-out of the labs with stores.
const maxFanout = 8

// flowParam is which way news goes in an exchange.
func flowParam() lab.Param {
	return lab.Param{Name: "mode", Kind: lab.Choice, Default: 2,
		Label: lab.Text{En: "Exchange", Zh: "交换方式"},
		Help: lab.Text{En: "Push: give what I have. Pull: ask for what is newer. Push-pull: both at once.",
			Zh: "推：把自己有的送出去；拉：向对方要更新的；推拉：两样一次做完。"},
		Choices: []lab.Option{pushOption, pullOption, pushPullOption}}
}

// flowOf reads flowParam.
func flowOf(v lab.Values) gossip.Flow {
	switch v.Choice("mode") {
	case "push":
		return gossip.Give
	case "pull":
		return gossip.Take
	}
	return gossip.Give | gossip.Take
}
