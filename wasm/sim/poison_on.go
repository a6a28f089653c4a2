//go:build simdebug

package sim

// poison overwrites the place of a delivered payload, so that a role that kept
// it beyond Deliver reads 0xDB and its digests change.
const poison = true
