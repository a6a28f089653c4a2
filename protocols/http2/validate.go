package http2

import (
	"strconv"
	"strings"
)

// form is what kind of header list is checked.
type form uint8

const (
	formRequest form = iota
	formResponse
	formTrailers
)

// message is what a checked header list says about the message it opens.
type message struct {
	status   int   // of a response
	declared int64 // content-length; -1 without one
	isHead   bool  // a HEAD request: its response has no body whatever it declares
}

// nameChar and valueChar say which bytes a name and a value may have: RFC 9113
// section 8.2.1, with section 5.6.2 of RFC 9110 for the tokens. No upper case.
var nameChar, valueChar = func() (name, value [256]bool) {
	for i := range 256 {
		c := byte(i)
		name[i] = 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
		value[i] = c != 0 && c != '\r' && c != '\n'
	}
	return
}()

// check reads a header list as RFC 9113 section 8.2 and 8.3 want it. It
// returns what is wrong, "" when nothing is.
func check(fields []HeaderField, form form) (m message, wrong string) {
	m.declared = -1
	var method, scheme, path, authority, status, regular bool
	var connect bool
	for i := range fields {
		f := &fields[i]
		if strings.HasPrefix(f.Name, ":") {
			var seen *bool
			switch {
			case form == formRequest && f.Name == ":method":
				seen = &method
				m.isHead, connect = f.Value == "HEAD", f.Value == "CONNECT"
			case form == formRequest && f.Name == ":scheme":
				seen = &scheme
			case form == formRequest && f.Name == ":path":
				seen = &path
			case form == formRequest && f.Name == ":authority":
				seen = &authority
			case form == formResponse && f.Name == ":status":
				seen = &status
				if m.status = readStatus(f.Value); m.status < 0 {
					return m, "the :status " + quote(f.Value) + " is not a number of three digits from 100 to 999, or is 101"
				}
			default:
				return m, "the pseudo-header " + quote(f.Name) + " has no place here (RFC 9113 section 8.3)"
			}
			if regular {
				return m, "the pseudo-header " + f.Name + " comes after a regular field"
			}
			if *seen {
				return m, "the pseudo-header " + f.Name + " comes twice"
			}
			*seen = true
			if f.Value == "" && f.Name != ":authority" {
				return m, "the pseudo-header " + f.Name + " is empty"
			}
		} else {
			regular = true
			if wrong := m.checkRegular(f); wrong != "" {
				return m, wrong
			}
		}
		if wrong := checkValue(f); wrong != "" {
			return m, wrong
		}
	}
	switch {
	case form == formResponse && !status:
		return m, "a response needs :status"
	case form == formRequest && connect && (scheme || path || !authority):
		return m, "CONNECT needs :authority, and no :scheme or :path"
	case form == formRequest && !connect && !(method && scheme && path):
		return m, "a request needs :method, :scheme and :path"
	}
	return m, ""
}

func (m *message) checkRegular(f *HeaderField) (wrong string) {
	if f.Name == "" {
		return "a field has an empty name"
	}
	for i := range len(f.Name) {
		if !nameChar[f.Name[i]] {
			return "the field name " + quote(f.Name) + " has a character that is not allowed; names are in lower case"
		}
	}
	switch f.Name {
	case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		return "the field " + f.Name + " speaks of an HTTP/1 connection; there is none (RFC 9113 section 8.2.2)"
	case "te":
		if f.Value != "trailers" {
			return "the field te is " + quote(f.Value) + "; only trailers is allowed"
		}
	case "content-length":
		n := readLength(f.Value)
		if n < 0 || m.declared >= 0 && m.declared != n {
			return "the content-length " + quote(f.Value) + " is not a number, or contradicts another"
		}
		m.declared = n
	}
	return ""
}

func checkValue(f *HeaderField) (wrong string) {
	v := f.Value
	if v == "" {
		return ""
	}
	if isBlank(v[0]) || isBlank(v[len(v)-1]) {
		return "the value of " + f.Name + " begins or ends with white space"
	}
	for i := range len(v) {
		if !valueChar[v[i]] {
			return "the value of " + f.Name + " contains NUL, CR or LF"
		}
	}
	return ""
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// readStatus returns -1 for what is no status of HTTP/2: it has no 101.
func readStatus(s string) int {
	if len(s) != 3 || s == "101" {
		return -1
	}
	n := readLength(s)
	if n < 100 {
		return -1
	}
	return int(n)
}

// readLength reads up to 18 digits; -1 for anything else.
func readLength(s string) int64 {
	if s == "" || len(s) > 18 {
		return -1
	}
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n
}

// quote shows the beginning of what a peer sent.
func quote(s string) string {
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return strconv.Quote(s)
}

// listBytes counts as RFC 9113 section 6.5.2 does.
func listBytes(fields []HeaderField) (n int) {
	for i := range fields {
		n += len(fields[i].Name) + len(fields[i].Value) + 32
	}
	return n
}
