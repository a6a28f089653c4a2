package ui

import (
	"math"
	"strconv"
	"strings"

	"grapevine/wasm/api"
)

// formatMicros writes a virtual time as a clock would, fine enough for its
// size: "12.345 s", "1.25 ms", "300 µs".
func formatMicros(micros int64) string {
	switch {
	case micros >= 60_000_000:
		return strconv.FormatInt(micros/60_000_000, 10) + " min " + fixed(float64(micros%60_000_000)/1e6, 1) + " s"
	case micros >= 1_000_000 || micros == 0:
		return fixed(float64(micros)/1e6, 3) + " s"
	case micros >= 1000:
		return fixed(float64(micros)/1e3, 2) + " ms"
	}
	return strconv.FormatInt(micros, 10) + " µs"
}

// formatClock writes a running time with a width that does not change, so
// that nothing beside it moves: always seconds, three places.
func formatClock(micros int64) string { return fixed(float64(micros)/1e6, 3) + " s" }

func fixed(x float64, places int) string { return strconv.FormatFloat(x, 'f', places, 64) }

// formatCount groups thousands: "1,234,567".
func formatCount(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func formatMetric(m api.Metric, lang Lang) string {
	if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
		return "–"
	}
	switch m.Unit {
	case "us":
		return formatMicros(int64(m.Value))
	case "cycles":
		return say(lang, wCycles, fixed(m.Value, 2))
	case "ratio":
		return fixed(100*m.Value, 1) + " %"
	case "bytes":
		return formatBytes(m.Value)
	}
	if m.Value == math.Trunc(m.Value) && m.Value >= 0 && m.Value < 1e15 {
		return formatCount(uint64(m.Value))
	}
	return strings.TrimRight(fixed(m.Value, 3), "0")
}

func formatBytes(n float64) string {
	for _, unit := range []string{" B", " kB", " MB"} {
		if n < 1000 {
			if unit == " B" {
				return fixed(n, 0) + unit
			}
			return fixed(n, 1) + unit
		}
		n /= 1000
	}
	return fixed(n, 1) + " GB"
}

// speeds are the stops of the speed slider, in virtual seconds per real
// second. 0 means as fast as it goes, as in api.Command.
var speeds = []struct {
	speed float64
	label string
}{
	{0.001, "1/1000×"}, {1. / 300, "1/300×"}, {0.01, "1/100×"}, {1. / 30, "1/30×"}, {0.1, "1/10×"}, {1. / 3, "1/3×"},
	{1, "1×"}, {3, "3×"}, {10, "10×"}, {30, "30×"}, {100, "100×"}, {0, ""},
}

// speedStop is the stop nearest to a speed, by ratio.
func speedStop(speed float64) int {
	if speed <= 0 {
		return len(speeds) - 1
	}
	best, distance := 0, math.Inf(1)
	for i, s := range speeds[:len(speeds)-1] {
		if d := math.Abs(math.Log(s.speed / speed)); d < distance {
			best, distance = i, d
		}
	}
	return best
}

// formatSpeed writes a speed, which need not be a stop.
func formatSpeed(speed float64, lang Lang) string {
	if speed <= 0 {
		return say(lang, wMaxSpeed)
	}
	if s := speeds[speedStop(speed)]; math.Abs(s.speed/speed-1) < 0.01 {
		return s.label
	}
	if speed < 1 {
		return "1/" + fixed(1/speed, 0) + "×"
	}
	return strconv.FormatFloat(speed, 'g', 3, 64) + "×"
}
