//go:build simdebug

package sim

import "testing"

// A role that keeps a payload beyond Deliver finds it overwritten, so that
// what it says of it later changes the digest.
func TestKeptPayloadIsPoisoned(t *testing.T) {
	var kept []byte
	n := New(1)
	n.AddRole("a", 2, &actor{
		start: func(c *Ctx) { c.Send(1, 0, []byte("do not keep this")) },
		deliver: func(c *Ctx, p Packet) {
			if string(p.Payload) != "do not keep this" {
				t.Errorf("a payload arrives as %q", p.Payload)
			}
			kept = p.Payload
		},
	})
	play(n, Second)
	for i, b := range kept {
		if i >= 4 && b != 0xDB { // the first four hold the list of free cells
			t.Errorf("byte %d of a payload kept beyond Deliver is %q, expected 0xDB", i, b)
		}
	}
}
