package ui

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the first views into public/index.html")

// TestIndexHoldsTheFirstViews keeps the static page equal to what the views
// show first, in English in place and in Chinese in a template, so that
// nothing moves and no language changes when Go comes up.
func TestIndexHoldsTheFirstViews(t *testing.T) {
	const path = "../public/index.html"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	was := string(data)
	now := was
	english, chinese := New(English, Auto), New(Chinese, Auto)
	var inChinese strings.Builder
	for _, r := range Regions() {
		// The end tag on the same line, the last of its kind.
		start := strings.Index(now, ` id="`+r.ID+`"`)
		if start < 0 {
			t.Fatalf("index.html has no element with id=%q", r.ID)
		}
		tag := now[strings.LastIndex(now[:start], "<")+1 : start]
		start += strings.Index(now[start:], ">") + 1
		line := start + strings.Index(now[start:], "\n")
		end := start + strings.LastIndex(now[start:line], "</"+tag+">")
		now = now[:start] + markup(r.View(&english)) + now[end:]
		if html := markup(r.View(&chinese)); html != "" {
			inChinese.WriteString(`<div data-region="` + r.ID + `">` + html + "</div>\n")
		}
	}
	const template = `<template id="first-zh">` + "\n"
	start := strings.Index(now, template) + len(template)
	end := strings.Index(now, "</template>")
	if start < len(template) || end < start {
		t.Fatal(`index.html has no <template id="first-zh">`)
	}
	now = now[:start] + inChinese.String() + now[end:]
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

func markup(nodes []*Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(n.HTML())
	}
	return b.String()
}
