package sim

import (
	"fmt"
	"math"
	"time"
)

// Time is virtual time: microseconds since the run began. It is also used for
// spans of time. It never follows a real clock.
type Time int64

// Handy spans.
const (
	Microsecond Time = 1
	Millisecond Time = 1000
	Second      Time = 1000 * Millisecond
)

// Forever is later than any event: 2^55 µs, about 1,100 years. It keeps sums
// of two times far from overflow and within the wheel's reach.
const Forever Time = 1 << 55

// String writes t as Go writes durations: "1.5s", "20ms".
func (t Time) String() string {
	if t > Time(math.MaxInt64/int64(time.Microsecond)) {
		return "forever"
	}
	return (time.Duration(t) * time.Microsecond).String()
}

// ParseTime reads what String writes: "1.5s", "20ms", "0". Parts of a
// microsecond, negative times and times beyond 292 years are errors.
func ParseTime(s string) (Time, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a span of time: write a number and a unit, such as 20ms or 1.5s", s)
	}
	if d < 0 || d%time.Microsecond != 0 {
		return 0, fmt.Errorf("%q: expected 0 or more, and whole microseconds", s)
	}
	return Time(d / time.Microsecond), nil
}
