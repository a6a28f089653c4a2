//go:build simdebug

package sim

import "testing"

// A role that keeps a payload beyond Deliver finds it overwritten, whether it
// was short or long, so that what it says of it later changes the digest.
func TestKeptPayloadIsPoisoned(t *testing.T) {
	sent := []string{"short", "do not keep this", "and not this one, which is long"}
	var kept [][]byte
	n := New(1)
	n.AddRole("a", 1, &actor{
		start: func(c *Ctx) {
			for _, s := range sent {
				c.Send(0, 0, []byte(s))
			}
		},
		deliver: func(c *Ctx, p Packet) {
			if string(p.Payload) != sent[len(kept)] {
				t.Errorf("packet %d arrives as %q", len(kept), p.Payload)
			}
			kept = append(kept, p.Payload)
		},
	})
	play(n, Second)
	for _, payload := range kept {
		for i, b := range payload {
			if b != 0xDB && (i >= 4 || len(payload) <= shortBytes) { // a cell's first four hold the list of free cells
				t.Errorf("byte %d of %d kept beyond Deliver is %q, expected 0xDB", i, len(payload), b)
			}
		}
	}
}
