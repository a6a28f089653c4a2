package docs

import (
	"flag"
	"os"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write docs/labs.md anew")

const path = "../../docs/labs.md"

func TestLabsDocIsCurrent(t *testing.T) {
	want, err := Labs()
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Fatalf("docs/labs.md is stale: run `go test ./tests/docs -rewrite`, read the difference, commit it (%v)", err)
	}
}
