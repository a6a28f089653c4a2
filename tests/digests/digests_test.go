package digests

import (
	"os"
	"testing"
)

const root = "../.."

// TestNodeAgrees plays every run natively and in Node.
func TestNodeAgrees(t *testing.T) {
	for _, built := range []string{"build/engine", "build/engine.wasm"} {
		if _, err := os.Stat(root + "/" + built); err != nil {
			t.Fatalf("%s is missing: run this through ./build.sh test quick, which makes it first", built)
		}
	}
	runs, err := Runs(root)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, link := range runs {
		t.Run(link, func(t *testing.T) {
			native, err := Native.Digest(root, link)
			if err != nil {
				t.Fatal(err)
			}
			node, err := Node.Digest(root, link)
			if err != nil {
				t.Fatal(err)
			}
			if native != node || native == "" {
				t.Errorf("the digest is %q natively and %q in Node; to see both:\n"+
					"./build.sh run -link '#%s'\nnode tests/digests/engine.mjs build/engine.wasm run -link '#%s'",
					native, node, link, link)
			}
			if other := seen[native]; other != "" {
				t.Errorf("the run has the same digest as %s, %s: does it see what is different?", other, native)
			}
			seen[native] = link
		})
	}
}

func TestEveryEngineRepeatsItself(t *testing.T) {
	first, err := Native.Digest(root, faults[0])
	if err != nil {
		t.Fatal(err)
	}
	again, err := Native.Digest(root, faults[0])
	if err != nil {
		t.Fatal(err)
	}
	if first != again {
		t.Errorf("playing %s twice gave %s and %s", faults[0], first, again)
	}
}
