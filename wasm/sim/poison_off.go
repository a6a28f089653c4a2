//go:build !simdebug

package sim

// poison is off: freed payload cells keep their bytes until they are reused.
const poison = false
