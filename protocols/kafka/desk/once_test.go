package desk

import (
	"slices"
	"testing"
)

func TestOnce(t *testing.T) {
	for _, c := range [][2][]string{{nil, nil}, {{"a"}, {"a"}}, {{"b", "a", "b", "b", "c", "a"}, {"b", "a", "c"}}} {
		if got := OnceEach(c[0]); !slices.Equal(got, c[1]) {
			t.Errorf("of %q there is %q, expected %q", c[0], got, c[1])
		}
	}
}
