//go:build simdebug

package sim

// poison overwrites freed payload cells, so that a role that kept a payload
// beyond Deliver reads 0xDB and its digests change.
const poison = true
