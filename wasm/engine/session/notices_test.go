package session

import (
	"strings"
	"testing"

	"grapevine/wasm/api"
)

// What a link gets wrong is said in both languages, and neither quotes the other.
func TestNoticesSpeakBothLanguages(t *testing.T) {
	for link, want := range map[string]api.Text{
		"test/ring?x=1":               {En: "“x=1” was left out: this lab has no parameter \"x\"", Zh: "“x=1”已忽略：这个实验没有参数 \"x\""},
		"test/ring?n=1000000":         {En: "it is outside 2 to ", Zh: "超出了 2 到 "},
		"test/ring?n=many":            {En: "expected a whole number", Zh: "之间的整数"},
		"test/ring?do=1s+burn+node/0": {En: "expected crash, restart", Zh: "操作要写成“crash node/0”这样"},
		"test/ring?seed=-1":           {En: "could not be read in full: The link's seed is", Zh: "没有完全读懂，已打开最接近的实验：链接里的种子是"},
		"test/rung":                   {En: "There is no lab", Zh: "这里没有名为"},
	} {
		p := newPage(t)
		p.session.OpenLink(link)
		notices := latest[api.Opened](p).Notices
		if len(notices) != 1 || !strings.Contains(notices[0].En, want.En) || !strings.Contains(notices[0].Zh, want.Zh) ||
			strings.Contains(notices[0].Zh, "expected") {
			t.Errorf("%s: %q, expected %q", link, notices, want)
		}
	}
}
