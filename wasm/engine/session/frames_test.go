package session

import "testing"

// The scale of curves stays as it is until one grows beyond it.
func TestTop(t *testing.T) {
	for _, x := range []struct {
		expected int64
		values   [][]int64
		want     int64
	}{
		{100, nil, 100},
		{100, [][]int64{{3, 7}, {100, 9}}, 100},
		{100, [][]int64{{3, 101}, {100, 9}}, 125},
		{100, [][]int64{{250, 0}}, 250},
		{0, [][]int64{{3, 7}}, 7},
	} {
		if got := top(x.expected, x.values); got != x.want {
			t.Errorf("the top of %v, expected up to %d, is %d and not %d", x.values, x.expected, got, x.want)
		}
	}
}
