package labs

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"grapevine/wasm/lab"
)

var bold = regexp.MustCompile(`\*\*([^*]+)\*\*`)

// What a lesson names in bold can be found on the page by that name: it is
// what a preset, a parameter or an order is called, or how its name begins,
// or a node's name.
func TestLessonsNameWhatIsThere(t *testing.T) {
	for _, l := range All {
		p := play(t, lab.Run{Lab: l, Seed: 1})
		for lang, in := range map[string]func(lab.Text) string{
			"en": func(x lab.Text) string { return x.En }, "zh": func(x lab.Text) string { return x.Zh },
		} {
			names := []string{p.World.Net.Name(0)}
			for _, x := range l.Presets {
				names = append(names, in(x.Label))
			}
			for _, x := range l.Params {
				names = append(names, in(x.Label))
			}
			for _, x := range l.Orders {
				names = append(names, in(x.Label))
			}
			lesson, err := os.ReadFile("../../public/lessons/" + lang + "/" + strings.ReplaceAll(l.ID, "/", "-") + ".md")
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range bold.FindAllSubmatch(lesson, -1) {
				found := false
				for _, name := range names {
					found = found || strings.HasPrefix(strings.ToLower(name), strings.ToLower(string(m[1])))
				}
				if !found {
					t.Errorf("the %s lesson of %s speaks of %q: nothing on the page is called so", lang, l.ID, m[1])
				}
			}
		}
	}
}
