package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"grapevine/tests/e2e/browser"
)

// TestCardsAndSequence looks at a lab of few nodes: cards that fit the stage,
// and the same packets in the sequence, where the keyboard picks one.
func TestCardsAndSequence(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	tab := chromium.For(t).Open(site + "#rpc/call")
	tab.Wait(`grapevine.stage.plan?.cards && grapevine.stage.cards.rows[0]?.length > 0`)
	if over := browser.Eval[string](tab, `(() => {
		const { plan, canvas } = grapevine.stage, free = canvas.clientWidth - parseFloat(getComputedStyle(canvas.parentElement).paddingRight);
		return [...plan.x].map((x, i) => [x - plan.cards.w[i] / 2, x + plan.cards.w[i] / 2]).filter(([left, right]) => left < 0 || right > free).join(" ");
	})()`); over != "" {
		t.Errorf("cards stand off the stage: %s", over)
	}

	tab.Click("#tab-sequence")
	tab.Wait(`grapevine.sequence.data?.id.length > 0`)
	tab.Click("#play") // pauses
	tab.Focus("#sequence canvas")
	tab.Press(kb.ArrowUp, kb.Enter)
	tab.Wait(`document.querySelector(".picked button") && grapevine.stage.selection.packet === grapevine.sequence.picked`)
	tab.Click(".picked button")
	tab.Wait(`document.querySelector("#panel .fields") && document.documentElement.dataset.panel === "inspect"`)
}
