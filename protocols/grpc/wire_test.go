package grpc

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/http2"
)

// A timeout is written in at most eight digits, and never shortened.
func TestTimeout(t *testing.T) {
	for _, c := range []struct {
		micros int64
		text   string
	}{
		{-5, "1u"}, {1, "1u"}, {1000, "1000u"}, {99_999_999, "99999999u"}, {100_000_000, "100000m"}, {100_000_001, "100001m"},
		{99_999_999_000, "99999999m"}, {99_999_999_001, "100000S"}, {99_999_999_000_001, "1666667M"},
		{math.MaxInt64, "99999999H"},
	} {
		if got := formatTimeout(c.micros); got != c.text {
			t.Errorf("%d microseconds are written %q, expected %q", c.micros, got, c.text)
		}
		micros, ok := parseTimeout(formatTimeout(c.micros))
		if !ok || micros < c.micros && c.micros < 1e17 {
			t.Errorf("%d microseconds are read back as %d, %v", c.micros, micros, ok)
		}
	}
	for text, micros := range map[string]int64{"1n": 1, "1500n": 2, "2m": 2000, "3S": 3_000_000, "1M": 60_000_000, "1H": 3_600_000_000, "0u": 0} {
		if got, ok := parseTimeout(text); got != micros || !ok {
			t.Errorf("%q is read as %d, %v; expected %d", text, got, ok, micros)
		}
	}
	for _, text := range []string{"", "1", "S", "1s", "-1S", "1.5S", "123456789S", " 1S", "1 S"} {
		if got, ok := parseTimeout(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

// A status message may be any text; what a peer sends is read even when it is
// not written as it should be.
func TestPercent(t *testing.T) {
	for _, text := range []string{"", "plain", "100 %", "\t\r\n", "é 无 \U0001F608", "%41", "a%", "\x7f~"} {
		written := percentEncode(text)
		if got := percentDecode(written); got != text || !printable("x"+written+"x") {
			t.Errorf("%q is written %q and read back %q", text, written, got)
		}
	}
	for written, want := range map[string]string{"%": "%", "%4": "%4", "%zz": "%zz", "%41%": "A%", "%ff": "%ff", "\xff": "\xff"} {
		if got := percentDecode(written); got != want {
			t.Errorf("%q is read %q, expected %q", written, got, want)
		}
	}
	if got := percentEncode("\xff"); got != "%EF%BF%BD" {
		t.Errorf("what is not UTF-8 is written %q", got)
	}
}

func TestMetadata(t *testing.T) {
	in := Metadata{{"a", "one"}, {"a", "two"}, {"b-bin", "\x00\xff,"}, {"c.d_e-9", ""}}
	fields, err := appendMetadata([]http2.HeaderField{{Name: ":path", Value: "/"}, {Name: "te", Value: "trailers"}, {Name: "grpc-timeout", Value: "1S"}}, in)
	if err != nil {
		t.Fatal(err)
	}
	out, ok := readMetadata(fields)
	if !ok || len(out) != len(in) {
		t.Fatalf("%v is read back %v", in, out)
	}
	for i := range in {
		if out[i] != in[i] {
			t.Errorf("%v is read back %v", in[i], out[i])
		}
	}
	joined, ok := readMetadata([]http2.HeaderField{{Name: "k-bin", Value: "AAE=, Ag"}})
	if !ok || len(joined) != 2 || joined[0].Value != "\x00\x01" || joined[1].Value != "\x02" || joined.Get("k-bin") != "\x00\x01" || joined.Get("x") != "" {
		t.Errorf("joined values are read %q", joined)
	}
	if _, ok := readMetadata([]http2.HeaderField{{Name: "k-bin", Value: "?"}}); ok {
		t.Error("what is not base64 was read")
	}
	for _, bad := range []Pair{{"Upper", "x"}, {"", "x"}, {":path", "x"}, {"te", "x"}, {"grpc-status", "0"}, {"sp ace", "x"}, {"k", "é"}, {"k", " x"}, {"k", "a\n"}} {
		if _, err := appendMetadata(nil, Metadata{bad}); err == nil {
			t.Errorf("%q may be sent", bad)
		} else if _, ours := err.(*Misuse); !ours {
			t.Errorf("%v is no Misuse", err)
		}
	}
}

func TestStatus(t *testing.T) {
	violation := &pb.BadRequest{FieldViolations: []*pb.BadRequestFieldViolation{{Field: "count", Description: "negative"}}}
	in := Errorf(InvalidArgument, "not %d", 5).With("google.rpc.BadRequest", violation).With("x.Y", Raw{8, 1})
	out, ok := readStatus(appendStatus(nil, in))
	if !ok || out.Code != in.Code || out.Message != "not 5" || !bytes.Equal(out.Details, in.Details) {
		t.Fatalf("%v is read back %v", in, out)
	}
	var got pb.BadRequest
	if !out.Detail("google.rpc.BadRequest", &got) || len(got.FieldViolations) != 1 || got.FieldViolations[0].Field != "count" {
		t.Errorf("the detail is read back %v", got)
	}
	if out.Detail("no.Such", &got) || (Status{Details: []byte{0xff}}).Detail("x", &got) {
		t.Error("a detail that is not there was found")
	}
	if _, ok := readStatus(nil); ok {
		t.Error("no grpc-status is a status")
	}
	if s, ok := readStatus([]http2.HeaderField{{Name: "grpc-status", Value: "many"}}); !ok || s.Code != Unknown {
		t.Errorf("a grpc-status that is no number is read %v", s)
	}
	for _, c := range []struct {
		err  error
		want string
	}{{Status{}, "grpc: OK"}, {in, "grpc: INVALID_ARGUMENT: not 5"}, {Status{Code: 99}, "grpc: code 99"}} {
		if c.err.Error() != c.want {
			t.Errorf("got %q, expected %q", c.err, c.want)
		}
	}
}

// The codes that gRPC's document gives resets and HTTP statuses.
func TestCodes(t *testing.T) {
	want := map[http2.Code]Code{
		http2.NoError: Internal, http2.ProtocolError: Internal, http2.InternalError: Internal, http2.FlowControlError: Internal,
		http2.SettingsTimeout: Internal, http2.FrameSizeError: Internal, http2.RefusedStream: Unavailable, http2.Cancel: Canceled,
		http2.CompressionError: Internal, http2.ConnectError: Internal, http2.EnhanceYourCalm: ResourceExhausted,
		http2.InadequateSecurity: PermissionDenied,
	}
	for code, w := range want {
		if got := ofReset(code); got != w {
			t.Errorf("%v means %v, expected %v", code, got, w)
		}
	}
	for status, w := range map[string]Code{"400": Internal, "401": Unauthenticated, "403": PermissionDenied, "404": Unimplemented,
		"429": Unavailable, "502": Unavailable, "503": Unavailable, "504": Unavailable, "418": Unknown, "": Unknown} {
		if got := ofHTTP(status); got != w {
			t.Errorf("HTTP status %s means %v, expected %v", status, got, w)
		}
	}
	for typ, w := range map[string]bool{"application/grpc": true, "application/grpc+proto": true, "application/grpc;charset=utf-8": true,
		"application/grpc+proto; x": true, "application/grpc+json": false, "application/grpc-web": false, "text/html": false, "": false} {
		if isGRPC(typ) != w {
			t.Errorf("content-type %q: %v, expected %v", typ, !w, w)
		}
	}
}

// Every move of every state is in the table, and once over, a call stays so.
func TestTable(t *testing.T) {
	for s := range states {
		for m := range moves {
			to := transitions[s][m]
			if to > wrong || s == Over && to != wrong && to != Over {
				t.Errorf("from %v, move %d leads to %d", s, m, to)
			}
			if (m == reset) != (to == Over) && m != finish && s != Over {
				t.Errorf("from %v, move %d leads to %v", s, m, to)
			}
		}
	}
}

func TestPacker(t *testing.T) {
	var p packer
	for _, size := range []int{0, 1, 1000, 100_000} {
		b := []byte(strings.Repeat("g", size))
		packed := bytes.Clone(p.pack(b))
		got, err := p.unpack(packed, size)
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%d bytes come back as %d, %v", size, len(got), err)
		}
		if _, err := p.unpack(packed, size-1); size > 0 && err != errLarge {
			t.Errorf("%d bytes, of which %d may come: %v", size, size-1, err)
		}
		for _, torn := range [][]byte{packed[:len(packed)-1], packed[:5], nil} {
			if _, err := p.unpack(torn, size); err == nil {
				t.Errorf("%d of %d bytes are unpacked", len(torn), len(packed))
			}
		}
	}
}
