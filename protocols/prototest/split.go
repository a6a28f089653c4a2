package prototest

import (
	"slices"
	"testing"
)

// Split reads input whole, a byte at a time, and in two pieces split at every
// place, and fails unless all give the same. It returns what they give.
func Split(t testing.TB, input []byte, read func(pieces ...[]byte) string) string {
	t.Helper()
	want := read(input)
	single := make([][]byte, len(input))
	for i := range input {
		single[i] = input[i : i+1]
	}
	if got := read(single...); got != want {
		t.Fatalf("read a byte at a time:\n%s\nexpected, as when read whole:\n%s", got, want)
	}
	for i := range input {
		if got := read(input[:i], input[i:]); got != want {
			t.Fatalf("read in two pieces, split before byte %d:\n%s\nexpected, as when read whole:\n%s", i, got, want)
		}
	}
	return want
}

// Trailing reads input with ever more of tail behind it, up to all, and fails
// unless it gives what it gives alone, with perhaps more behind.
func Trailing(t testing.TB, input, tail []byte, read func(pieces ...[]byte) string) {
	t.Helper()
	want := read(input)
	for i := range len(tail) + 1 {
		long := append(append([]byte(nil), input...), tail[:i]...)
		if got := read(long); len(got) < len(want) || got[:len(want)] != want {
			t.Fatalf("read with %d bytes behind it:\n%s\nexpected to begin as without them:\n%s", i, got, want)
		}
	}
}

// Message fails unless read takes a message that must fill its packet: whole,
// and neither cut anywhere nor with a byte behind it.
func Message(t testing.TB, message []byte, read func(b []byte) error) {
	t.Helper()
	if err := read(message); err != nil {
		t.Fatalf("% x: %v", message, err)
	}
	for i := range message {
		if read(message[:i]) == nil {
			t.Fatalf("% x is taken, the beginning of % x", message[:i], message)
		}
	}
	if read(append(slices.Clone(message), 0)) == nil {
		t.Fatalf("% x is taken with a byte behind it", message)
	}
}
