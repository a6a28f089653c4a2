package grpc

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
	"grapevine/protocols/http2"
)

// Code is how a call ended.
type Code uint32

// The codes, as gRPC numbers them.
const (
	OK Code = iota
	Canceled
	Unknown
	InvalidArgument
	DeadlineExceeded
	NotFound
	AlreadyExists
	PermissionDenied
	ResourceExhausted
	FailedPrecondition
	Aborted
	OutOfRange
	Unimplemented
	Internal
	Unavailable
	DataLoss
	Unauthenticated
)

var codeNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
	"UNAUTHENTICATED",
}

// String is the code's name in gRPC's documents.
func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return "code " + strconv.Itoa(int(c))
}

// Status is a call's end in full.
type Status struct {
	Code    Code
	Message string // for the developer, in English; any text
	// Details is a google.rpc.Status in bytes (grpc-status-details-bin), which
	// repeats code and message and adds what programs can read. Often nil.
	Details []byte
}

// Error makes a Status an error, and says OK too.
func (s Status) Error() string {
	if s.Message == "" {
		return "grpc: " + s.Code.String()
	}
	return "grpc: " + s.Code.String() + ": " + s.Message
}

// Errorf makes a status without details.
func Errorf(code Code, format string, args ...any) Status {
	return Status{Code: code, Message: fmt.Sprintf(format, args...)}
}

// typePrefix stands before a message's name in an Any.
const typePrefix = "type.googleapis.com/"

// With adds a message, of the full name given, to the status's details.
func (s Status) With(name string, m Message) Status {
	all := pb.Status{Code: int32(s.Code), Message: s.Message}
	if err := protobuf.Unmarshal(s.Details, &all); err != nil {
		all = pb.Status{Code: int32(s.Code), Message: s.Message}
	}
	all.Details = append(all.Details, &pb.Any{TypeUrl: typePrefix + name, Value: m.Append(nil)})
	s.Details = all.Append(nil)
	return s
}

// Detail reads the first detail of that full name into m, and says whether
// there was one.
func (s Status) Detail(name string, m protobuf.Message) bool {
	var all pb.Status
	if protobuf.Unmarshal(s.Details, &all) != nil {
		return false
	}
	for _, d := range all.Details {
		if d.TypeUrl == typePrefix+name {
			return protobuf.Unmarshal(d.Value, m) == nil
		}
	}
	return false
}

// ofReset is the code that a stream's reset means (gRPC over HTTP/2, "Errors").
func ofReset(code http2.Code) Code {
	switch code {
	case http2.RefusedStream:
		return Unavailable
	case http2.Cancel:
		return Canceled
	case http2.EnhanceYourCalm:
		return ResourceExhausted
	case http2.InadequateSecurity:
		return PermissionDenied
	case http2.StreamClosed, http2.HTTP11Required:
		return Unknown
	}
	return Internal
}

// ofHTTP is the code that an HTTP status means, where no grpc-status came
// ("HTTP to gRPC Status Code Mapping").
func ofHTTP(status string) Code {
	switch status {
	case "400":
		return Internal
	case "401":
		return Unauthenticated
	case "403":
		return PermissionDenied
	case "404":
		return Unimplemented
	case "429", "502", "503", "504":
		return Unavailable
	}
	return Unknown
}

// readStatus finds the status among trailers; ok is false without grpc-status.
func readStatus(fields []http2.HeaderField) (s Status, ok bool) {
	for _, f := range fields {
		switch f.Name {
		case "grpc-status":
			code, err := strconv.ParseUint(f.Value, 10, 32)
			if err != nil {
				return Errorf(Unknown, "grpc-status %q is no number", f.Value), true
			}
			s.Code, ok = Code(code), true
		case "grpc-message":
			s.Message = percentDecode(f.Value)
		case "grpc-status-details-bin":
			s.Details, _ = decodeBinary(f.Value)
		}
	}
	return s, ok
}

// appendStatus adds the fields that tell s.
func appendStatus(fields []http2.HeaderField, s Status) []http2.HeaderField {
	code := "0" // nearly always
	if s.Code != OK {
		code = strconv.Itoa(int(s.Code))
	}
	fields = append(fields, http2.HeaderField{Name: "grpc-status", Value: code})
	if s.Message != "" {
		fields = append(fields, http2.HeaderField{Name: "grpc-message", Value: percentEncode(s.Message)})
	}
	if len(s.Details) > 0 {
		fields = append(fields, http2.HeaderField{Name: "grpc-status-details-bin", Value: base64.RawStdEncoding.EncodeToString(s.Details)})
	}
	return fields
}

const hexDigits = "0123456789ABCDEF"

func plain(c byte) bool { return c >= ' ' && c <= '~' && c != '%' }

// percentEncode writes a text so that a header field can hold it: UTF-8, and
// of that all but printable ASCII as %XX.
func percentEncode(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; plain(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// percentDecode reads what percentEncode wrote. A text that it cannot have
// written is taken as it is: a bad message must not hide the status.
func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(v))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	if !utf8.Valid(b) {
		return s
	}
	return string(b)
}
