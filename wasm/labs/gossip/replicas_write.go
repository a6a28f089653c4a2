package gossip

import (
	"fmt"
	"strconv"
	"strings"

	"grapevine/protocols/gossip"
	"grapevine/wasm/sim"
)

// How values come into the stores: by the lab's workload or by a visitor.

// write gives a key a new value at this node; an empty value is filled in.
func (r *replicas) write(ctx *sim.Ctx, key int, value string) {
	member := ctx.Member()
	m := &r.members[member]
	old := r.version(member, key)
	if value == "" {
		value = fillValue(fmt.Sprintf("n%d-%d", member, old.Counter+1), r.config.valueBytes)
	}
	m.Write(keyName(key), value, gossip.NewWriter(member, ctx.Epoch()))
	n, ok := m.Poll()
	if !ok {
		return
	}
	v, before := n.Entry.Version, r.newest[key]
	ctx.Note(noteWrite, packVersion(key, v))
	r.watch(member, key, v)
	r.began = ctx.Now()
	if v.Compare(before) <= 0 {
		return // it did not know of a newer one, and will hear
	}
	r.newest[key] = v
	for i := range r.members {
		if i != member && r.behind[i] >= 0 && r.version(i, key) == before {
			r.setBehind(i, r.behind[i]+1, ctx.Now())
		}
	}
	if old != before {
		r.setBehind(member, r.behind[member]-1, ctx.Now())
	}
}

// Accepts takes "write", "write KEY" and "write KEY VALUE".
func (r *replicas) Accepts(args []string) error {
	if len(args) < 1 || len(args) > 3 || args[0] != "write" {
		return fmt.Errorf("%q: expected \"write\", a key from k1 to k%d if you like, and a value", strings.Join(args, " "), r.config.keys)
	}
	if len(args) > 1 {
		if k := keyNumber(args[1]); k < 0 || k >= r.config.keys {
			return fmt.Errorf("%q: expected a key from k1 to k%d", args[1], r.config.keys)
		}
	}
	if len(args) > 2 && len(args[2]) > gossip.MaxValueBytes {
		return fmt.Errorf("a value of %d bytes, expected at most %d", len(args[2]), gossip.MaxValueBytes)
	}
	return nil
}

// Order does a visitor's write; without a key it is to the first.
func (r *replicas) Order(ctx *sim.Ctx, args []string) {
	key, value := 0, ""
	if len(args) > 1 {
		key = keyNumber(args[1])
	}
	if len(args) > 2 {
		value = args[2]
	}
	r.write(ctx, key, value)
}

// keyName is the name of a key by its number from 0: k1, k2, ...
func keyName(number int) string { return "k" + strconv.Itoa(number+1) }

// keyNumber is the number of a key by its name, -1 for a name of another kind.
func keyNumber(name string) int {
	digits, ok := strings.CutPrefix(name, "k")
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || name != keyName(int(n)-1) {
		return -1
	}
	return int(n) - 1
}

// filler is what values are filled up with to be as long as the lab says.
const filler = "."

func fillValue(value string, bytes int) string {
	return value + strings.Repeat(filler, max(bytes-len(value), 0))
}

// packVersion puts a key and its version into a note's value: key, counter
// and writer in 15, 16 and 32 bits.
func packVersion(key int, v gossip.Version) int64 {
	return int64(key)<<48 | int64(v.Counter&0xffff)<<32 | int64(v.Writer)
}

func unpackVersion(packed int64) (key int, v gossip.Version) {
	return int(packed >> 48), gossip.Version{Counter: uint64(packed >> 32 & 0xffff), Writer: uint32(packed)}
}
