package txn

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Every state is reached from Empty, every input means something in some state,
// and numbers and names are Kafka's.
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
		if !reached[s] || s.String() != kmsg.TransactionState(s).String() {
			t.Errorf("%v is never reached, or Kafka calls it %v", s, kmsg.TransactionState(s))
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
