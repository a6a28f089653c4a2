package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/schema"
)

// Request is a request that was read. Body has its version set.
type Request struct {
	Key, Version int16
	Correlation  int32
	ClientID     string // "" for null too
	Body         kmsg.Request
}

// UnsupportedVersion is a request of an API or a version that is not in the
// table. Brokers end the connection, except where Answer has something to say.
type UnsupportedVersion struct {
	Key, Version int16
	Correlation  int32
	ClientID     string
}

func (e *UnsupportedVersion) Error() string {
	a := Find(e.Key)
	if a == nil {
		return fmt.Sprintf("kafka: a request of API %d came, which we do not speak", e.Key)
	}
	return fmt.Sprintf("kafka: a %s request of version %d came, expected %d to %d; a client asks ApiVersions first", a.Name, e.Version, a.Min, a.Max)
}

// Answer appends the answer to an ApiVersions request that is too new: version
// 0 with UNSUPPORTED_VERSION and the range of ApiVersions itself, so that the
// client asks again (KIP-511). It reports false for all other APIs.
func (e *UnsupportedVersion) Answer(dst []byte) ([]byte, bool) {
	a := Find(e.Key)
	if a == nil || a.Key != apiVersionsKey {
		return dst, false
	}
	r := kmsg.NewPtrApiVersionsResponse()
	r.ErrorCode = kerr.UnsupportedVersion.Code
	r.ApiKeys = []kmsg.ApiVersionsResponseApiKey{{ApiKey: a.Key, MinVersion: a.Min, MaxVersion: a.Max}}
	return AppendResponse(dst, e.Correlation, r), true
}

var errShort = errors.New("kafka: the header of a message ends too early")

// ParseRequest reads a frame of the client's side.
func ParseRequest(frame []byte) (Request, error) {
	if len(frame) < 10 {
		return Request{}, errShort
	}
	r := Request{
		Key:         int16(binary.BigEndian.Uint16(frame)),
		Version:     int16(binary.BigEndian.Uint16(frame[2:])),
		Correlation: int32(binary.BigEndian.Uint32(frame[4:])),
	}
	rest := frame[10:]
	if n := int16(binary.BigEndian.Uint16(frame[8:])); n >= 0 {
		if len(rest) < int(n) {
			return r, errShort
		}
		r.ClientID, rest = string(rest[:n]), rest[n:]
	}
	a := Find(r.Key)
	if a == nil || r.Version < a.Min || r.Version > a.Max {
		return r, &UnsupportedVersion{Key: r.Key, Version: r.Version, Correlation: r.Correlation, ClientID: r.ClientID}
	}
	r.Body = a.New()
	r.Body.SetVersion(r.Version)
	if r.Body.IsFlexible() {
		var err error
		if rest, err = skipTags(rest); err != nil {
			return r, err
		}
	}
	if err := read(r.Body, &schema.Of(r.Key).Request, r.Version, rest, maxElements, r.Key == produceKey); err != nil {
		return r, fmt.Errorf("kafka: a %s request of version %d: %w", a.Name, r.Version, err)
	}
	return r, nil
}

// ParseResponse reads a frame of the broker's side: the answer to sent. The
// frame's correlation id should be the one that was sent with it.
func ParseResponse(frame []byte, sent kmsg.Request) (correlation int32, body kmsg.Response, err error) {
	correlation, ok := Correlation(frame)
	if !ok {
		return 0, nil, errShort
	}
	rest := frame[4:]
	body = sent.ResponseKind()
	body.SetVersion(sent.GetVersion())
	a := Find(sent.Key())
	if a == nil {
		return correlation, nil, fmt.Errorf("kafka: the answer to a request of API %d, which is not in the table", sent.Key())
	}
	if a.Key == apiVersionsKey {
		// A broker that does not know the version answers in version 0.
		if len(rest) >= 2 && int16(binary.BigEndian.Uint16(rest)) == kerr.UnsupportedVersion.Code {
			body.SetVersion(0)
		}
	} else if body.IsFlexible() {
		if rest, err = skipTags(rest); err != nil {
			return correlation, nil, err
		}
	}
	if err := read(body, &schema.Of(a.Key).Response, body.GetVersion(), rest, math.MaxInt, a.Key == fetchKey); err != nil {
		return correlation, nil, fmt.Errorf("kafka: a %s response of version %d: %w", a.Name, body.GetVersion(), err)
	}
	return correlation, body, nil
}

// Correlation returns the correlation id of a response's frame.
func Correlation(frame []byte) (int32, bool) {
	if len(frame) < 4 {
		return 0, false
	}
	return int32(binary.BigEndian.Uint32(frame)), true
}

// AppendRequest appends a request of the table with its size and header, in the
// version that body has.
func AppendRequest(dst []byte, correlation int32, clientID string, body kmsg.Request) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(body.Key()))
	dst = binary.BigEndian.AppendUint16(dst, uint16(body.GetVersion()))
	dst = binary.BigEndian.AppendUint32(dst, uint32(correlation))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(clientID)))
	dst = append(dst, clientID...)
	if body.IsFlexible() {
		dst = append(dst, 0) // no tags
	}
	return sized(appendBody(dst, body, &schema.Of(body.Key()).Request, body.GetVersion()), start)
}

// AppendResponse appends a response of the table with its size and header, in
// the version that body has: the request's.
func AppendResponse(dst []byte, correlation int32, body kmsg.Response) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(correlation))
	if body.IsFlexible() && body.Key() != apiVersionsKey {
		// The answer to ApiVersions keeps the old header: who asks does not
		// yet know what the broker understands (KIP-511).
		dst = append(dst, 0)
	}
	return sized(appendBody(dst, body, &schema.Of(body.Key()).Response, body.GetVersion()), start)
}

// sized puts the size in front of the frame that began at start.
func sized(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-sizeBytes))
	return dst
}

// skipTags skips a header's tagged fields (KIP-482): we know none.
func skipTags(b []byte) ([]byte, error) {
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, errShort
	}
	b = b[n:]
	for range count {
		_, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errShort
		}
		size, m := binary.Uvarint(b[n:])
		if m <= 0 || size > uint64(len(b)-n-m) {
			return nil, errShort
		}
		b = b[n+m+int(size):]
	}
	return b, nil
}

// maxElements is how many elements all arrays of a request have at most: room
// for ten thousand partitions with all their replicas, and not for millions of
// topics without a name.
const maxElements = 1 << 16

// read checks and reads a body. Bytes behind it are ignored, as Kafka does.
func read(body any, m *schema.Message, version int16, b []byte, maxElements int, alias bool) error {
	end, elements, err := m.Check(b, version)
	if err != nil {
		return err
	}
	if elements > maxElements {
		return fmt.Errorf("its arrays have %d elements, expected at most %d", elements, maxElements)
	}
	if b = b[:end:end]; !alias {
		b = bytes.Clone(b)
	}
	readBody(b, body, m, version)
	return nil
}
