package sim

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// PPM is a probability in parts per million: 1_000_000 is certainty. Chances
// are integers because floating point would have to agree, bit for bit, on
// every machine.
type PPM uint32

// Certain is the probability 1.
const Certain PPM = 1_000_000

// String writes p as a percentage: "10%", "0.5%".
func (p PPM) String() string {
	s := strconv.FormatInt(int64(p/10_000), 10)
	if rest := p % 10_000; rest != 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%04d", rest), "0")
	}
	return s + "%"
}

// ParsePPM reads "10%", "0.5%" or "0.1", by integers: at most six digits count
// after the point. It may be more than Certain.
func ParsePPM(s string) (PPM, error) {
	number, percent := strings.CutSuffix(s, "%")
	whole, part, _ := strings.Cut(number, ".")
	digits := 6 // of the fraction that make a part per million
	if percent {
		digits = 4
	}
	v, err := uint64(0), error(nil)
	if len(part) <= digits && len(whole) <= 3 && whole+part != "" {
		v, err = strconv.ParseUint(whole+part+strings.Repeat("0", digits-len(part)), 10, 32)
	} else {
		err = strconv.ErrSyntax
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a share: write 10%% or 0.1", s)
	}
	return PPM(v), nil
}

// The keys of luck. Every use of chance draws from a key of its own, so that
// one more draw in one place moves nothing anywhere else: crash a node and the
// others keep their luck; raise the loss and the partners chosen stay the same.
const (
	keyNode uint64 = iota + 1
	keyLink
	keyLab
	keyStream
	keyRule
	keyDisk
)

const golden = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio, odd

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): it turns any
// counter into bits that pass for random.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// draw is the n-th number of the stream that (seed, key, who) names.
func draw(seed, key, who, n uint64) uint64 {
	return mix(mix(mix(seed+key*golden)+who*golden) + n*golden)
}

// below maps a random word onto [0, n) without division; the bias is below
// n / 2^64.
func below(word uint64, n int) int {
	hi, _ := bits.Mul64(word, uint64(n))
	return int(hi)
}

// Luck is a stream of its own for what a lab decides outside of any node:
// placement, topology, workload.
type Luck struct {
	seed, purpose, n uint64
}

// NewLuck starts the stream for one purpose; equal seeds and purposes give
// equal streams. Labs number their purposes themselves.
func NewLuck(seed, purpose uint64) *Luck { return &Luck{seed: seed, purpose: purpose} }

// Uint64 returns the stream's next word.
func (l *Luck) Uint64() uint64 {
	l.n++
	return draw(l.seed, keyLab, l.purpose, l.n)
}

// Intn returns a number in [0, n). It panics if n <= 0.
func (l *Luck) Intn(n int) int {
	if n <= 0 {
		panic("sim: Intn needs n > 0")
	}
	return below(l.Uint64(), n)
}
