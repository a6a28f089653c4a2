package client

import "testing"

// Every state that can be left is reached, and no move was forgotten: what is
// not in a table would be its first state.
func TestMoves(t *testing.T) {
	reached := map[memberState]bool{alone: true}
	for from, moves := range memberMoves {
		for in, to := range moves {
			if to == alone {
				t.Errorf("%v, input %d: leads back to alone", memberState(from), in)
			}
			reached[to] = true
		}
	}
	for s := range memberStates {
		if !reached[s] {
			t.Errorf("%v is never reached", s)
		}
	}
	txns := map[txnState]bool{initializing: true}
	for from, moves := range txnMoves {
		for in, to := range moves {
			if to == initializing && from != int(initializing) {
				t.Errorf("%v, input %d: leads back to initializing", txnState(from), in)
			}
			txns[to] = true
		}
	}
	for s := range txnStates {
		if !txns[s] {
			t.Errorf("%v is never reached", s)
		}
	}
	for from, moves := range linkMoves {
		if moves[cut] != resting {
			t.Errorf("link state %d does not end", from)
		}
	}
}
