package e2e

import (
	"strings"
	"testing"

	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/live"
	"grapevine/wasm/api"
)

// TestBack goes through the browser's history.
func TestBack(t *testing.T) {
	all := labs(t)
	first, second := all[0], all[1]
	tab := browser.Start(t).Open(browser.Serve(t) + "#" + first)
	opened(tab, first)
	tab.Click(labLink(second))
	opened(tab, second)
	tab.Back()
	opened(tab, first)
	if got := fragment(tab); !strings.HasPrefix(got, first) {
		t.Errorf("after Back the address bar holds %q, expected %s", got, first)
	}
}

// TestHostileAddresses opens what nobody should send; each must get a sentence
// and a lab that works.
func TestHostileAddresses(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, link := range []string{
		"no/such-lab?n=3",
		"gossip/rumor?n=99999999999999999999&k=-1&colour=red",
		"gossip/rumor?v=999&n=30",
		"gossip/rumor?do=soon+crash+everything;1s+explode",
		"gossip/rumor?seed=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
		"%%%&&&===" + strings.Repeat("A", 40_000),
		`"><img src=x onerror=alert(1)>`,
	} {
		name, _, _ := strings.Cut(link, "AAAA")
		t.Run(name, func(t *testing.T) {
			tab := chromium.For(t).Open(site + "#" + link)
			run := live.Attach(t, tab)
			tab.Wait(`document.getElementById("notices").textContent.trim().length > 10`)
			run.Until("moved", func(s api.Status) bool { return s.Now > 0 })
			if n := browser.Eval[int](tab, `document.querySelectorAll("#notices img, #notices script").length`); n != 0 {
				t.Errorf("the notice took over %d elements from the address", n)
			}
		})
	}
}
