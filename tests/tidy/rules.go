package tidy

import (
	"cmp"
	"fmt"
	"slices"
)

// A finding is one place that breaks a rule.
type finding struct {
	path string
	line int // 0: the file as a whole
	rule string
	text string // what came, and what to do instead
}

func (f finding) String() string {
	if f.line == 0 {
		return fmt.Sprintf("%s: %s (%s)", f.path, f.text, f.rule)
	}
	return fmt.Sprintf("%s:%d: %s (%s)", f.path, f.line, f.text, f.rule)
}

// rules are all there are, in the order in which a newcomer would meet them.
var rules = []struct {
	name  string
	check func(t *tree) []finding
}{
	{"imports", checkImports},
	{"determinism", checkDeterminism},
	{"map order", checkMapOrder},
	{"package doc", checkPackageDocs},
	{"file size", checkSizes},
	{"dead file", checkDeadFiles},
	{"machine", checkMachineNames},
	{"dead link", checkLinks},
	{"format", checkFormat},
	{"leftover", checkLeftovers},
}

// check applies every rule to the tree.
func (t *tree) check() []finding {
	var all []finding
	for _, r := range rules {
		found := r.check(t)
		for i := range found {
			found[i].rule = r.name
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.line, b.line))
	})
	return all
}
