package ui

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the first views into public/index.html")

// TestIndexHoldsTheFirstViews keeps the static page equal to what the views
// show first, so that nothing moves when Go comes up.
func TestIndexHoldsTheFirstViews(t *testing.T) {
	const path = "../public/index.html"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	was := string(data)
	now := was
	m := New(English, Auto)
	for _, r := range Regions() {
		start := strings.Index(now, ` id="`+r.ID+`"`)
		if start < 0 {
			t.Fatalf("index.html has no element with id=%q", r.ID)
		}
		tagStart := strings.LastIndex(now[:start], "<")
		tag := now[tagStart+1 : start]
		start += strings.Index(now[start:], ">") + 1
		// The end tag on the same line, the last of its kind.
		line := start + strings.Index(now[start:], "\n")
		end := start + strings.LastIndex(now[start:line], "</"+tag+">")
		var b strings.Builder
		for _, n := range r.View(&m) {
			b.WriteString(n.HTML())
		}
		now = now[:start] + b.String() + now[end:]
	}
	if now == was {
		return
	}
	if *rewrite {
		if err := os.WriteFile(path, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("public/index.html does not hold what the views show first: run go test ./ui -run Index -rewrite, look at the diff, commit it")
}
