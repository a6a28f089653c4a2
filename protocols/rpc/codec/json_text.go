package codec

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a JSON string without passing over it; a size of 0 says that
// there is none, and why has been noted.
func (r *reader) quoted() (text string, size int) {
	rest := r.b[r.at:]
	if len(rest) == 0 || rest[0] != '"' {
		r.stop("expected a text in quotation marks")
		return "", 0
	}
	var b []byte
	for i := 1; i < len(rest); {
		switch c := rest[i]; {
		case c == '"':
			return string(b), i + 1
		case c == '\\':
			char, n := unescape(rest[i:])
			if n == 0 {
				r.stop("an escape that JSON does not have")
				return "", 0
			}
			b = utf8.AppendRune(b, char)
			i += n
		default:
			char, n := utf8.DecodeRune(rest[i:])
			if c < 0x20 || char == utf8.RuneError && n == 1 {
				r.stop("a text with the byte %#x, which is a control character or not UTF-8", c)
				return "", 0
			}
			b = append(b, rest[i:i+n]...)
			i += n
		}
	}
	r.stop("a text without an end")
	return "", 0
}

// unescape reads an escape and how long it is, 0 if it is none.
func unescape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	if b[1] == '/' {
		return '/', 2
	}
	for i := 0; i < len(shortEscapes); i += 2 {
		if shortEscapes[i] == b[1] {
			return rune(shortEscapes[i+1]), 2
		}
	}
	first, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	second, ok := hex4(b[6:])
	if both := utf16.DecodeRune(first, second); ok && both != utf8.RuneError {
		return both, 12
	}
	return 0, 0 // half of a pair is no character
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
