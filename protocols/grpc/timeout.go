package grpc

import "strconv"

// The units of grpc-timeout, from fine to coarse, in nanoseconds.
var units = [...]struct {
	name  byte
	nanos int64
}{
	{'n', 1}, {'u', 1_000}, {'m', 1_000_000}, {'S', 1_000_000_000}, {'M', 60_000_000_000}, {'H', 3_600_000_000_000},
}

// maxTimeoutDigits is how many digits the number may have.
const maxTimeoutDigits = 8

// formatTimeout writes a time in microseconds, at least 1, in the finest unit
// by which it fits, rounded up: the server must not give up before the client.
func formatTimeout(micros int64) string {
	const most = 99_999_999
	micros = max(micros, 1)
	for _, u := range units[1:] {
		per := u.nanos / 1000
		if n := micros/per + min(micros%per, 1); n <= most {
			b := make([]byte, 0, maxTimeoutDigits+1) // not on the heap
			return string(append(strconv.AppendInt(b, n, 10), u.name))
		}
	}
	return "99999999H"
}

// parseTimeout reads grpc-timeout as microseconds, rounded up.
func parseTimeout(s string) (micros int64, ok bool) {
	if len(s) < 2 || len(s) > maxTimeoutDigits+1 {
		return 0, false
	}
	n := int64(0)
	for _, c := range []byte(s[:len(s)-1]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	for _, u := range units {
		if u.name != s[len(s)-1] {
			continue
		}
		if u.nanos < 1000 {
			return (n + 999) / 1000, true
		}
		return n * (u.nanos / 1000), true // at most 3.6e17
	}
	return 0, false
}
