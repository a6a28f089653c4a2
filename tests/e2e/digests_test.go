package e2e

import (
	"testing"

	"grapevine/tests/digests"
	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/firefox"
	"grapevine/tests/e2e/live"
)

// visit is a browser that goes to an address and then shows a live page.
type visit interface {
	live.Page
	Go(address string)
}

// agree plays every run of the table in a browser and natively.
func agree(t *testing.T, site string, page visit) {
	root := browser.Root(t)
	runs, err := digests.Runs(root)
	if err != nil {
		t.Fatal(err)
	}
	for i, link := range runs {
		native, err := digests.Native.Digest(root, link)
		if err != nil {
			t.Fatal(err)
		}
		// A query of its own makes each address a new page, not a new fragment.
		page.Go(site + "?run=" + string(rune('a'+i)) + "#" + link)
		if got := live.Attach(t, page).Finish().Digest; got != native {
			t.Errorf("%s: the digest is %s in the browser, %s natively", link, got, native)
		}
	}
}

func TestDigestsInChromium(t *testing.T) {
	site := browser.Serve(t)
	agree(t, site, browser.Start(t).Open(site))
}

func TestDigestsInFirefox(t *testing.T) {
	site := browser.Serve(t)
	agree(t, site, firefox.Open(t, site))
}
