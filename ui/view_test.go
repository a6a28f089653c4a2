package ui

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/wasm/api"
)

// TestWords wants each text in both languages, filled by the same values, and
// used.
func TestWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "words.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	verb := regexp.MustCompile(`%(\[\d+\])?[sdv]`)
	verbs := func(s string) []string {
		var out []string
		for _, v := range verb.FindAllString(s, -1) {
			out = append(out, v[len(v)-1:])
		}
		slices.Sort(out)
		return out
	}
	count := 0
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok || len(literal.Elts) == 0 {
			return true
		}
		texts := map[string]string{}
		for _, e := range literal.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if name, ok := kv.Key.(*ast.Ident); ok {
					if value, ok := kv.Value.(*ast.BasicLit); ok {
						texts[name.Name], _ = strconv.Unquote(value.Value)
					}
				}
			}
		}
		en, isText := texts["En"]
		if !isText {
			return true
		}
		count++
		if en == "" || texts["Zh"] == "" {
			t.Errorf("%q / %q: a language is missing", en, texts["Zh"])
		}
		if !slices.Equal(verbs(en), verbs(texts["Zh"])) {
			t.Errorf("%q / %q: filled by different values", en, texts["Zh"])
		}
		return true
	})
	views, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range views {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	for name := range file.Scope.Objects {
		if used := regexp.MustCompile(`\b`+name+`\b`).FindAllString(code.String(), 2); len(used) < 2 {
			t.Errorf("nothing says %s: delete it", name)
		}
	}
	if count < 100 {
		t.Errorf("found %d texts, expected them all: does the test still read words.go?", count)
	}
}

// TestEveryViewSpeaksChinese looks for English where only Chinese should be.
func TestEveryViewSpeaksChinese(t *testing.T) {
	b := newBrowser(t)
	b.send(SetLang{Chinese}, AskHelp{}, Picked{"node", 3}, Follow{9})
	b.send(api.Inspection{Node: &api.NodeReport{Node: 3, Health: "up"}, Packet: fakePacket})
	english := regexp.MustCompile(`>[^<]*\b(the|from|of|and|to|this|no|is)\b[^<]*<`)
	for _, panel := range []Panel{Inspect, Sequence, Measures, Lesson, Sharing} {
		b.m.Panel = panel
		html := regexp.MustCompile(`<pre.*?</pre>`).ReplaceAllString(b.html(), "")
		if found := english.FindString(html); found != "" {
			t.Errorf("panel %s says %s", panel, found)
		}
	}
}

func TestInspectorShowsBytesBesideFields(t *testing.T) {
	b := newBrowser(t)
	b.send(Follow{9}, api.Inspection{Packet: fakePacket})
	b.press("focusin", Event{}, func(n *Node) bool { return n.Tag == "span" && strings.Contains(n.HTML(), `class="term">news`) })
	html := b.html()
	for _, want := range []string{
		`<span class="piece lit"> 63 74 65 61</span>`,
		`<span class="part lit" tabindex="0"><span class="term">news</span><span class="value">&lt;tea&gt;</span></span>`,
		"did not arrive: lost on the way", "gossiper/0 → gossiper/3", "Why?",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the inspector does not show %s", want)
		}
	}
	if !strings.Contains(html, `<p class="found">news  &lt;tea&gt;</p>`) {
		t.Error("beside the bytes stands no name of the field that is marked")
	}
	b.press("pointerover", Event{}, func(n *Node) bool { return n.Tag == "span" && strings.HasSuffix(n.HTML(), "> 82 00</span>") })
	if b.m.Mark != (span{0, 2}) {
		t.Errorf("pointing at the first bytes marked %v", b.m.Mark)
	}
}

func TestBytesBeyondTheLimitAreToldOf(t *testing.T) {
	view := &api.PacketReport{Packet: 9, Bytes: make([]byte, 12_345)}
	b := newBrowser(t)
	b.send(Follow{9}, api.Inspection{Packet: view})
	html := b.html()
	if !strings.Contains(html, "Only the first 10,000 of 12,345 bytes are shown.") {
		t.Error("nothing says that bytes are missing")
	}
	if n := strings.Count(html, `class="at"`); n != 1250 {
		t.Errorf("%d rows of bytes, expected 1250", n)
	}
}

// TestHostileFields: fields come from bytes that anyone may have sent.
func TestHostileFields(t *testing.T) {
	fields := []field.Field{
		{Offset: -5, Length: 3}, {Offset: 2, Length: 1 << 40}, {Offset: 1, Length: -1}, {Offset: 100, Length: 5}, {Offset: 0, Length: 2},
	}
	shown := viewHex(bytes.Repeat([]byte{0xab}, 20), field.Field{Children: fields}, span{}).HTML()
	if n := strings.Count(shown, "ab"); n != 20 {
		t.Errorf("%d bytes shown, expected 20", n)
	}
	deep := field.Field{Name: "deep"}
	for range 10_000 {
		deep = field.Field{Name: "deep", Children: []field.Field{deep, deep}}
		if len(deep.Children[0].Children) > 0 {
			deep.Children = deep.Children[:1]
		}
	}
	if n := strings.Count(viewFields(deep, span{}).HTML(), "deep"); n > 100 {
		t.Errorf("%d levels shown", n)
	}
}

func TestMarksOnTheTimeline(t *testing.T) {
	b := newBrowser(t)
	b.act(15_000_000, "crash gossiper/3")
	s := b.m.Status
	s.Checks = []api.Check{{Name: "all", State: "failed", Claim: api.Text{En: "All hear.", Zh: "都听到。"}, Detail: api.Text{En: "3 do not", Zh: "3 个没有"}, At: 30_000_000}}
	b.send(s)
	html := b.html()
	for _, want := range []string{
		`<i class="mark deed" style="left:25.00%" title="15.000 s crash gossiper/3">`,
		`<i class="mark failed" style="left:50.00%" title="All hear. – failed at 30.000 s: 3 do not">`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the timeline does not show %s", want)
		}
	}
}

// TestLegendFolds: of many signs a phone has no room for what they mean.
func TestLegendFolds(t *testing.T) {
	b := newBrowser(t)
	if html := b.html(); strings.Contains(html, `aria-controls="signs"`) {
		t.Error("a short legend folds")
	}
	b.m.Opened.Kinds = slices.Repeat(b.m.Opened.Kinds, 6)
	signs := `<i class="node ring c-idle" aria-hidden="true"></i><b>0</b></span>` +
		strings.Repeat(`<span><i class="packet c-push" aria-hidden="true">P</i></span>`, 6) + `</button>`
	for _, open := range []string{"false", "true", "false"} {
		if html := b.html(); !strings.Contains(html, `aria-expanded="`+open+`" aria-controls="signs"><span>`+signs) {
			t.Errorf("the legend's row of signs is not there, or its aria-expanded is not %s", open)
		}
		b.send(ShowLegend{})
	}
}

func TestLegendTrustsNoClass(t *testing.T) {
	b := newBrowser(t)
	b.m.Opened.States = []api.State{{ID: "x", Shape: `"><script>`, Color: "a b"}}
	if html := b.html(); strings.Contains(html, "<script>") || strings.Contains(html, "c-a b") {
		t.Error("a state's shape or colour got into the page as it came")
	}
}

func TestFormats(t *testing.T) {
	cases := []struct{ got, want string }{
		{formatMicros(0), "0.000 s"}, {formatMicros(300), "300 µs"}, {formatMicros(1250), "1.25 ms"},
		{formatMicros(12_345_678), "12.346 s"}, {formatMicros(90_500_000), "1 min 30.5 s"},
		{formatCount(999), "999"}, {formatCount(1_234_567), "1,234,567"},
		{formatMetric(api.Metric{Value: 0.1234, Unit: "ratio"}, English), "12.3 %"},
		{formatMetric(api.Metric{Value: 16.5, Unit: "cycles"}, Chinese), "16.50 轮"},
		{formatMetric(api.Metric{Value: 1.75}, English), "1.75"},
		{formatMetric(api.Metric{Value: 1_500_000, Unit: "bytes"}, English), "1.5 MB"},
		{formatSpeed(0, English), "Max"}, {formatSpeed(0.001, English), "1/1000×"}, {formatSpeed(0.05, English), "1/20×"}, {formatSpeed(1, Chinese), "1×"},
		{fmt.Sprint(speedStop(0.05), speedStop(1), speedStop(0), speedStop(5000)), "3 6 11 10"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, expected %q", c.got, c.want)
		}
	}
}

func TestCheckValue(t *testing.T) {
	n, loss, period := fakeLab.Params[0], fakeLab.Params[1], fakeLab.Params[2]
	cases := []struct {
		p           api.Param
		text, value string
		fault       string
	}{
		{n, " 200 ", "200", ""}, {n, "1,000", "1000", ""}, {n, "1001", "", "outside the limits: from 2 to 1000"},
		{n, "1", "", "outside"}, {n, "ten", "", "not a whole number"}, {n, "", "", "not a whole number"},
		{loss, "12.5", "12.5%", ""}, {loss, "12.5%", "12.5%", ""}, {loss, "91", "", "from 0 to 90"}, {loss, "NaN", "", "not a percentage"}, {loss, "-1", "", "not a percentage"},
		{period, "20ms", "20ms", ""}, {period, "20", "", "not a duration"}, {period, "2h", "", "from 1ms to 1m0s"},
	}
	for _, c := range cases {
		value, fault := checkValue(c.p, c.text)
		if value != c.value || (fault == nil) != (c.fault == "") || fault != nil && !strings.Contains(fault.En, c.fault) {
			t.Errorf("%s=%q gave %q, %v; expected %q, %q", c.p.Name, c.text, value, fault, c.value, c.fault)
		}
	}
}

func TestMarkdown(t *testing.T) {
	cases := []struct{ text, want string }{
		{"# One\n### Three", "<h3>One</h3><h5>Three</h5>"},
		{"a *b* **c *d* e** `e*f*`\n2 * 3 * 4", "<p>a <em>b</em> <strong>c <em>d</em> e</strong> <code>e*f*</code> 2 * 3 * 4</p>"},
		{"<script>alert(1)</script> [x](javascript:y)", "<p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:y)</p>"},
		{"- one\n  more\n- two\n\n1. first\n2. second", "<ul><li>one more</li><li>two</li></ul><ol><li>first</li><li>second</li></ol>"},
		{"流言\n传播", "<p>流言传播</p>"},
		{"??? Who hears?\n    Nearly *all*.\n\n    - but not 3\nAfter", `<details class="question"><summary>Who hears?</summary><div><p>Nearly <em>all</em>.</p><ul><li>but not 3</li></ul></div></details><p>After</p>`},
		{"unclosed *mark and `tick", "<p>unclosed *mark and `tick</p>"},
	}
	for _, c := range cases {
		var got strings.Builder
		for _, n := range markdown(c.text) {
			got.WriteString(n.HTML())
		}
		if got.String() != c.want {
			t.Errorf("%q gave\n%s, expected\n%s", c.text, got.String(), c.want)
		}
	}
}

// FuzzMarkdown: any text gives some text back, and never panics.
func FuzzMarkdown(f *testing.F) {
	f.Add("# a\n??? b\n    *c* **d\n- e\n1. `f")
	f.Fuzz(func(t *testing.T, text string) {
		for _, n := range markdown(text) {
			_ = n.HTML()
		}
	})
}

// TestButtonsStayUnderTheHand: what comes in about a node stands where room was
// kept for it, so that the buttons above stay where they are.
func TestButtonsStayUnderTheHand(t *testing.T) {
	b := newBrowser(t)
	b.send(Picked{"node", 3})
	above := func() (names []string) {
		section := viewNode(&b.m)
		for _, n := range section.Children {
			if group, _ := n.attr("role"); group == "group" {
				return names
			}
			names = append(names, n.Tag)
		}
		t.Fatal("a node without buttons")
		return nil
	}
	before := above()
	b.send(api.Inspection{Node: &api.NodeReport{Node: 3, Name: "gossiper/3", Health: "up"}})
	if after := above(); !slices.Equal(before, after) {
		t.Errorf("above the buttons stood %v, and now %v", before, after)
	}
}
