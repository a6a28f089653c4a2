package idl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"grapevine/protocols/rpc"
)

// The committed stubs are those of their descriptions.
func TestStubsAreFresh(t *testing.T) {
	paths, err := filepath.Glob("../services/*.rpc")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no descriptions found: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Parse(string(text))
		if err != nil {
			t.Fatal(err)
		}
		want, err := Generate(file, "services", filepath.Base(path))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(strings.TrimSuffix(path, ".rpc") + "_rpc.go")
		if err != nil || string(got) != string(want) {
			t.Errorf("%s has other stubs than it describes (%v); run go run ./tests/gen-rpc protocols/rpc/services/*.rpc", path, err)
		}
	}
}

const shop = `
record Item { name string; price int } // what is sold
record Basket {
  items []Item; gift bool
}
service Shop {
  1 order(basket Basket, count int) bool
  4000000000 stock() [][]Item
  close()
}
service Till { 1 pay(amount int, note bytes) }
`

func TestParse(t *testing.T) {
	f, err := Parse(shop)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Records) != 2 || len(f.Services) != 2 {
		t.Fatalf("%d records, %d services", len(f.Records), len(f.Services))
	}
	var got []string
	for _, s := range f.Services {
		for _, fn := range s.Functions {
			got = append(got, fn.ID.String()+" "+fn.Signature)
		}
	}
	want := `1 Shop.order(basket Basket{items []Item{name string; price int}; gift bool}, count int) bool
4000000000 Shop.stock() [][]Item{name string; price int}
Shop.close Shop.close()
1 Till.pay(amount int, note bytes)`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nexpected\n%s", strings.Join(got, "\n"), want)
	}
	if _, err := Generate(f, "shop", "shop.rpc"); err != nil {
		t.Error(err)
	}
}

// Each fault is told with its line and what was expected.
func TestFaults(t *testing.T) {
	long := strings.Repeat("x", rpc.MaxNameBytes)
	for text, want := range map[string]string{
		"":                                "line 1: it describes no service",
		"servce A {}":                     `line 1: got "servce", expected record or service`,
		"service A {}":                    "service A has no functions",
		"service a { f() }":               "letter in upper case",
		"service A {\n\n 1 F() }":         `line 3: got "F"`,
		"service A { f(a) }":              `got ")", expected a type`,
		"service A { f(a Item) }":         `got "Item", expected a type`,
		"service A { f(a int b int) }":    `got "b", expected ","`,
		"service A { f() int int }":       "expected the end of the line",
		"service A { f(); f() }":          "same name",
		"service A { 1 f(); 1 g() }":      "same name or Call ID",
		"service A { 4294967296 f() }":    "too large",
		"service A { f()":                 "the text ends early",
		"service A { 1 " + long + "() }":  "longer than",
		"record A { a int; a int }":       "A has two called a",
		"service A { f(a int, a int) }":   "f has two called a",
		"service A { 1 2a() }":            `got "2a"`,
		"record A { a A }":                `got "A", expected a type`,
		"record A { }\nservice A { f() }": "A is described twice",
		"service A { f() [][][][][]int }": "more than 4",
		"service Ä { f() }":               "ASCII",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected %q in it", text, err, want)
		}
	}
}

// No text does worse than be refused; what is taken gives Go that parses.
func FuzzParse(f *testing.F) {
	f.Add(shop)
	f.Add("service A { 1 func(type int, now int, s string, err bytes) }")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse(text)
		if err != nil {
			return
		}
		if _, err := Generate(file, "p", "p.rpc"); err != nil {
			t.Fatal(err)
		}
	})
}
