package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"grapevine/tests/e2e/browser"
)

// program is the site's file that plays a lab.
func program(lab string) string {
	family, _, _ := strings.Cut(lab, "/")
	return "page-" + family + ".wasm"
}

// families are the first labs of each family.
func families(t *testing.T) []string {
	t.Helper()
	all := labs(t)
	return slices.CompactFunc(all, func(a, b string) bool { return program(a) == program(b) })
}

// twoFamilies are a lab of the default family, and one of another.
func twoFamilies(t *testing.T) (first, second string) {
	t.Helper()
	all := families(t)
	if len(all) < 2 {
		t.Fatalf("the labs %v are of one family, and this test goes from one to another", all)
	}
	return all[0], all[1]
}

// programs is a script's value: the programs that the page has downloaded.
const programs = `performance.getEntriesByType("resource").map((e) => e.name.split("/").pop()).filter((n) => n.endsWith(".wasm")).join(" ")`

// downloaded says whether the page asked for these programs, each once, and no
// others. A file that is asked for ahead has two entries.
func downloaded(t *testing.T, tab *browser.Tab, want ...string) {
	t.Helper()
	got := slices.Compact(strings.Fields(browser.Eval[string](tab, programs)))
	if !slices.Equal(got, want) {
		t.Errorf("the page downloaded %q, expected %q", got, want)
	}
}

// TestLinkToEachFamily: a link loads the file that plays it, and the list of
// all labs.
func TestLinkToEachFamily(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, lab := range families(t) {
		tab := chromium.For(t).Open(site + "#" + lab + "?seed=2")
		opened(tab, lab)
		tab.Wait(plays)
		downloaded(t, tab, program(lab))
		for _, other := range families(t) {
			tab.Wait(`document.querySelector('` + labLink(other) + `')`)
		}
	}
}

// TestEmbedOfEachFamily: so does an embed.
func TestEmbedOfEachFamily(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, lab := range families(t) {
		tab := chromium.For(t).Open(site + "embed.html?autoplay#" + lab)
		tab.Wait(`document.getElementById("claim").textContent.length > 10 && Number(document.getElementById("time").value) > 0`)
		downloaded(t, tab, program(lab))
	}
}

// TestOtherFamily goes from family to family by click, Back, and address: each
// file is downloaded once, and the page stays as it is.
func TestOtherFamily(t *testing.T) {
	first, second := twoFamilies(t)
	tab := browser.Start(t).Open(browser.Serve(t) + "#" + first)
	opened(tab, first)
	tab.Wait(plays)
	browser.Eval[any](tab, "void (globalThis.samePage = true)")
	playing := func(lab string) {
		t.Helper()
		opened(tab, lab)
		tab.Wait(`grapevine.stage.picture?.now > 0 && document.getElementById("boot").hidden`)
		if got := fragment(tab); !strings.HasPrefix(got, lab) {
			t.Errorf("the address bar holds %q, expected %s", got, lab)
		}
	}
	tab.Click(labLink(second))
	playing(second)
	tab.Back()
	playing(first)
	browser.Eval[any](tab, `void (location.hash = "`+second+`?seed=5")`)
	playing(second)
	tab.Wait(`location.hash.includes("seed=5")`)
	// Whoever thinks better of it stays where he is, whatever comes late.
	tab.Back()
	playing(first)
	browser.Eval[any](tab, `void (document.querySelector('`+labLink(second)+`').click(), document.querySelector('`+labLink(first)+`').click())`)
	playing(first)
	downloaded(t, tab, program(first), program(second))
	if !browser.Eval[bool](tab, "globalThis.samePage === true") {
		t.Error("the page was loaded anew")
	}
}

// TestFamilyMissing: a family's file that is not there gets a sentence too.
func TestFamilyMissing(t *testing.T) {
	first, second := twoFamilies(t)
	site := broken(t, func(dir string) error { return os.Remove(filepath.Join(dir, program(second))) })
	tab := browser.Start(t).Open(site + "?lang=zh#" + first)
	tab.Expect("404")
	opened(tab, first)
	tab.Click(labLink(second))
	tab.Wait(`document.getElementById("notices").textContent.includes("无法下载")`)
	opened(tab, first)
	tab.Wait(`location.hash.startsWith("#` + first + `")`)
}
