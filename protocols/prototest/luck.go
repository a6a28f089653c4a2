package prototest

import (
	"fmt"
	"testing"
)

// Game makes a world in which step does whatever luck says, and checks what
// must always hold; finish brings everything to an end, and checks what must
// hold then. draw returns a number from 0 to n-1.
type Game func(t testing.TB, draw func(n int) int) (step, finish func())

// PlayRandom plays a game for each of so many seeds (a fifth of them with
// -short), so many steps each.
func PlayRandom(t *testing.T, seeds, steps int, game Game) {
	if testing.Short() {
		seeds /= 5
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			step, finish := game(t, NewRand(seed).Below)
			for range steps {
				step()
			}
			finish()
		})
	}
}

// PlayFuzzed lets the fuzzer be the luck: a byte a draw, up to so many.
func PlayFuzzed(f *testing.F, draws int, game Game) {
	for seed := range uint64(6) {
		luck := NewRand(seed)
		b := make([]byte, draws)
		for i := range b {
			b[i] = byte(luck.Below(256))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), draws)]
		step, finish := game(t, func(n int) int {
			if len(b) == 0 {
				return 0
			}
			next := int(b[0]) % n
			b = b[1:]
			return next
		})
		for len(b) > 0 {
			step()
		}
		finish()
	})
}
