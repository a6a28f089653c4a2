package group

import "testing"

// Every state is reached from Empty, and every input means something in some state.
func TestTheTableIsWhole(t *testing.T) {
	reached := map[State]bool{Empty: true}
	for range states {
		for from, row := range moves {
			for _, to := range row {
				if reached[State(from)] && to != never {
					reached[to] = true
				}
			}
		}
	}
	for s := range states {
		if !reached[s] || s.String() == "" {
			t.Errorf("%v is never reached", s)
		}
	}
	for in := range inputs {
		used := false
		for from := range moves {
			used = used || moves[from][in] != never
		}
		if !used {
			t.Errorf("input %d means nothing", in)
		}
	}
}
