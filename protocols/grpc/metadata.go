package grpc

import (
	"encoding/base64"
	"strings"

	"grapevine/protocols/http2"
)

// Pair is one piece of metadata. A key is in lower case; under a key that ends
// in "-bin" the value may hold any bytes, under others printable ASCII.
type Pair struct{ Key, Value string }

// Metadata are header fields of a call's own. A key may come more than once.
type Metadata []Pair

// Get returns the first value of a key, "" without one.
func (m Metadata) Get(key string) string {
	for _, p := range m {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// reserved are the fields that gRPC itself uses; they are no metadata.
func reserved(name string) bool {
	switch name {
	case "", "te", "content-type", "user-agent", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-status", "grpc-message",
		"grpc-status-details-bin", "grpc-message-type":
		return true
	}
	return name[0] == ':'
}

// readMetadata finds a call's own fields. ok is false when a binary value is
// not base64.
func readMetadata(fields []http2.HeaderField) (m Metadata, ok bool) {
	n := 0
	for i := range fields {
		if !reserved(fields[i].Name) {
			n++
		}
	}
	if n == 0 {
		return nil, true
	}
	m = make(Metadata, 0, n)
	for _, f := range fields {
		if reserved(f.Name) {
			continue
		}
		if !strings.HasSuffix(f.Name, "-bin") {
			m = append(m, Pair{f.Name, f.Value})
			continue
		}
		// HTTP lets several values of one name be joined by commas.
		for part := range strings.SplitSeq(f.Value, ",") {
			value, ok := decodeBinary(part)
			if !ok {
				return nil, false
			}
			m = append(m, Pair{f.Name, string(value)})
		}
	}
	return m, true
}

// decodeBinary reads base64, with or without padding.
func decodeBinary(s string) ([]byte, bool) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(s), "="))
	return b, err == nil
}

// appendMetadata adds the fields for m.
func appendMetadata(fields []http2.HeaderField, m Metadata) ([]http2.HeaderField, error) {
	for _, p := range m {
		if reserved(p.Key) || !validKey(p.Key) {
			return fields, misuse("metadata key %q: expected lower-case letters, digits, '-', '_' and '.', and no name that gRPC uses itself", p.Key)
		}
		value := p.Value
		if strings.HasSuffix(p.Key, "-bin") {
			value = base64.RawStdEncoding.EncodeToString([]byte(value))
		} else if !printable(value) {
			return fields, misuse("metadata %q has the value %q: expected printable ASCII; for bytes end the key in -bin", p.Key, value)
		}
		fields = append(fields, http2.HeaderField{Name: p.Key, Value: value})
	}
	return fields, nil
}

func validKey(key string) bool {
	for i := range len(key) {
		c := key[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

func printable(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return false
		}
	}
	return strings.TrimSpace(value) == value
}
