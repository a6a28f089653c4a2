package partition_test

import (
	"testing"

	"grapevine/protocols/kafka/client/partition"
)

// The hashes are those of the tests of Java's client (UtilsTest.testMurmur2).
func TestMurmur2(t *testing.T) {
	for key, want := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(partition.Murmur2([]byte(key))); got != want {
			t.Errorf("Murmur2(%q) = %d, expected %d", key, got, want)
		}
	}
}

func TestForKey(t *testing.T) {
	for n := int32(1); n < 50; n++ {
		for _, key := range []string{"", "a", "21", "foobar", "negative"} {
			hash := int64(int32(partition.Murmur2([]byte(key))))
			want := int32((hash & 0x7fffffff) % int64(n))
			if got := partition.ForKey([]byte(key), n); got != want || got < 0 || got >= n {
				t.Errorf("ForKey(%q, %d) = %d, expected %d", key, n, got, want)
			}
		}
	}
}
