package e2e

import (
	"testing"

	"grapevine/tests/e2e/browser"
)

func TestMissingPage(t *testing.T) {
	site := browser.Serve(t)
	tab := browser.Start(t).Open(site + "no/such/page.html")
	tab.Expect("404")
	tab.Wait(`document.querySelector("h1").textContent === "There is no such page"`)
}
