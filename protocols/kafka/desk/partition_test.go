package desk

import "testing"

func TestPartitionFor(t *testing.T) {
	for _, c := range []struct {
		id   string
		want int32
	}{ // by Java: Utils.abs(id.hashCode()) % 50
		{"", 0},
		{"a", 97 % 50},
		{"ab", (97*31 + 98) % 50},
		{"polygenelubricants", 0}, // Integer.MIN_VALUE
		{"grapevine", 9},
		{"组", 0x7ec4 % 50},
		{"\U0001F600", (0xd83d*31 + 0xde00) % 50},
	} {
		if got := PartitionFor(c.id, 50); got != c.want {
			t.Errorf("%q: %d, expected %d", c.id, got, c.want)
		}
	}
}
