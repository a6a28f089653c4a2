//go:build !simdebug

package sim

// poison is off: a delivered payload's place keeps its bytes until it is reused.
const poison = false
