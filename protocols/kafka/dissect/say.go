package dissect

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kerr"

	"grapevine/protocols/kafka/schema"
	"grapevine/protocols/kafka/wire"
)

// says puts numbers into words, by their fields' names.
var says = map[string]func(int64) string{
	"error_code":        sayError,
	"config_error_code": sayError,
	"api_key":           sayAPI,
	"acks":              words(map[int64]string{0: "none", 1: "the leader", -1: "all in-sync replicas"}),
	"isolation_level":   words(map[int64]string{0: "read uncommitted", 1: "read committed"}),
	"coordinator_type":  words(map[int64]string{0: "group", 1: "transaction"}),
	"resource_type":     words(map[int64]string{2: "topic", 4: "broker"}),
	"election_type":     words(map[int64]string{0: "preferred", 1: "unclean"}),
	"op":                words(map[int64]string{0: "set", 1: "delete", 2: "append", 3: "subtract"}),
	"replica_id":        words(map[int64]string{-1: "a consumer"}),
	"controller_id":     words(map[int64]string{-1: "none"}),
	"leader_id":         words(map[int64]string{-1: "none"}),
	"leader":            words(map[int64]string{-1: "none"}),
}

// words says a number and, in parentheses, what it stands for.
func words(list map[int64]string) func(int64) string {
	return func(n int64) string {
		if word, ok := list[n]; ok {
			return strconv.FormatInt(n, 10) + " (" + word + ")"
		}
		return strconv.FormatInt(n, 10)
	}
}

func sayError(n int64) string {
	digits := strconv.FormatInt(n, 10)
	if n == 0 {
		return digits + " (none)"
	}
	if e := kerr.TypedErrorForCode(int16(n)); e != nil && int64(e.Code) == n {
		return digits + " (" + e.Message + ")"
	}
	return digits
}

func sayAPI(n int64) string {
	if a := wire.Find(int16(n)); a != nil {
		return strconv.FormatInt(n, 10) + " (" + a.Name + ")"
	}
	return strconv.FormatInt(n, 10)
}

func sayCount(n int) string {
	switch n {
	case -1:
		return "null"
	case 0:
		return "none"
	}
	return strconv.Itoa(n)
}

func sayPresence(b byte) string {
	if int8(b) < 0 {
		return "null"
	}
	return strconv.Itoa(int(b))
}

// sayValue says a value of a fixed size.
func sayValue(f *schema.Field, b []byte) string {
	switch f.Kind {
	case schema.Bool:
		return strconv.FormatBool(b[0] != 0)
	case schema.UUID:
		return base64.RawURLEncoding.EncodeToString(b) // as Kafka's tools print it
	case schema.Uint16:
		return strconv.Itoa(int(binary.BigEndian.Uint16(b)))
	}
	n := integer(b)
	if say := says[f.Name]; say != nil {
		return say(n)
	}
	return strconv.FormatInt(n, 10)
}

// integer reads a signed number of 1, 2, 4 or 8 bytes.
func integer(b []byte) int64 {
	n := int64(int8(b[0]))
	for _, c := range b[1:] {
		n = n<<8 | int64(c)
	}
	return n
}

const maxShownBytes = 120

// show says bytes: as text, if they are one, else in hexadecimal.
func show(b []byte) string {
	if len(b) == 0 {
		return `""`
	}
	dots := ""
	if len(b) > maxShownBytes {
		b, dots = b[:maxShownBytes], "…"
		for i := 0; i < 3 && !utf8.Valid(b); i++ { // a character that was cut
			b = b[:len(b)-1]
		}
	}
	if isText(b) {
		return string(b) + dots
	}
	return hex.EncodeToString(b) + dots
}

func isText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
