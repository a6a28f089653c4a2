package tidy

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the stories' expected findings; read the diff before you commit it")

// TestProject holds the project to its own rules.
func TestProject(t *testing.T) {
	project, err := readTree("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(project.go_) == 0 {
		t.Fatal("found no Go file: is the test still two folders below the project's root?")
	}
	for _, f := range project.check() {
		t.Errorf("%s", f)
	}
}

// TestStories shows every rule a small project that breaks it. A story is a
// list of files, each after a line "file PATH"; below "----" are the findings,
// all of them. "␠" stands for a space that an editor would take away.
func TestStories(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]bool{}
	for _, story := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(story), ".txt"), func(t *testing.T) {
			body, err := os.ReadFile(story)
			if err != nil {
				t.Fatal(err)
			}
			files, want, ok := strings.Cut(string(body), "\n----\n")
			if !ok {
				t.Fatalf("%s has no line ---- between its files and the findings", story)
			}
			var got strings.Builder
			for _, f := range parseStory(files).check() {
				broken[f.rule] = true
				fmt.Fprintln(&got, f)
			}
			if *rewrite {
				if err := os.WriteFile(story, []byte(files+"\n----\n"+got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got.String() != want {
				t.Errorf("%s: got\n%s\nexpected\n%s\n(go test ./tests/tidy -rewrite, then read the diff)", story, got.String(), want)
			}
		})
	}
	for _, r := range rules {
		if !broken[r.name] {
			t.Errorf("no story breaks the rule %q: who knows whether it can fail?", r.name)
		}
	}
}

func parseStory(files string) *tree {
	text := map[string]string{}
	for part := range strings.SplitSeq("\n"+files+"\n", "\nfile ") {
		name, body, _ := strings.Cut(part, "\n")
		// "repeat N LINE" stands for a line N times over.
		var lines strings.Builder
		for line := range strings.Lines(strings.ReplaceAll(body, "␠", " ")) {
			var times int
			if _, err := fmt.Sscanf(line, "repeat %d", &times); err != nil {
				lines.WriteString(line)
				continue
			}
			fields := strings.SplitN(line, " ", 3)
			lines.WriteString(strings.Repeat(fields[2], times))
		}
		if name != "" && !strings.HasPrefix(name, "#") {
			text[name] = strings.TrimRight(lines.String(), "\n") + "\n"
		}
	}
	return newTree(text)
}
