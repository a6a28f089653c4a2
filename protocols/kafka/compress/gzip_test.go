package compress

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
	"time"
)

// Packed here, a text has the very bytes that the standard library gives it,
// and either unpacks what the other packed, whatever the header says.
func TestGzipAgainstLibrary(t *testing.T) {
	var p Packer
	var u Unpacker
	for i, text := range texts() {
		var theirs bytes.Buffer
		w, _ := gzip.NewWriterLevel(&theirs, gzip.BestSpeed)
		w.Write(text)
		w.Close()
		ours := p.Pack(nil, Gzip, text)
		if !bytes.Equal(ours, theirs.Bytes()) {
			t.Fatalf("text %d: %d bytes, the library has %d", i, len(ours), theirs.Len())
		}
		for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, gzip.BestCompression} {
			if got, err := u.Unpack(nil, Gzip, theirGzip(text, level), plenty); err != nil || !bytes.Equal(got, text) {
				t.Fatalf("text %d at level %d: %d bytes of %d, %v", i, level, len(got), len(text), err)
			}
		}
	}
}

// theirGzip has all that a header may have, but its own checksum.
func theirGzip(text []byte, level int) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, level)
	w.Header = gzip.Header{Name: "a name", Comment: "a comment", Extra: []byte("more"), ModTime: time.Unix(1, 0), OS: 3}
	w.Write(text)
	w.Close()
	return out.Bytes()
}

// Members in a row are one text, and count together for the limit.
func TestGzipMembersInARow(t *testing.T) {
	var p Packer
	var u Unpacker
	packed := append(p.Pack(nil, Gzip, []byte("ab")), theirGzip([]byte("cde"), gzip.BestCompression)...)
	packed = p.Pack(packed, Gzip, nil)
	for limit := range 8 {
		got, err := u.Unpack(nil, Gzip, packed, limit)
		if limit < 5 && err != ErrTooLarge || limit >= 5 && (err != nil || string(got) != "abcde") {
			t.Errorf("limit %d: %q, %v", limit, got, err)
		}
	}
	if got, err := u.Unpack(nil, Gzip, append(packed, 0), plenty); err == nil {
		t.Errorf("with a byte too many: %q", got)
	}
}

// Where a byte is changed, we take what the library takes, as it takes it.
func TestGzipMutated(t *testing.T) {
	var u Unpacker
	whole := theirGzip([]byte("the quick brown fox, the quick brown fox"), gzip.BestCompression)
	// With a checksum of the header, which the library reads and never writes.
	checked := []byte{0x1f, 0x8b, 8, gzipChecksum, 0, 0, 0, 0, 4, 255}
	checked = binary.LittleEndian.AppendUint16(checked, uint16(crc32.ChecksumIEEE(checked)))
	checked = append(checked, new(Packer).Pack(nil, Gzip, []byte("text"))[gzipHeaderBytes:]...)
	taken := 0
	for _, whole := range [][]byte{whole, checked} {
		if _, err := u.Unpack(nil, Gzip, whole, plenty); err != nil {
			t.Fatal(err)
		}
		for at := range whole {
			for bit := range 9 {
				b := bytes.Clone(whole)
				b[at] ^= byte(1 << bit) // bit 8: as it was
				var want []byte
				r, wrong := gzip.NewReader(bytes.NewReader(b))
				if wrong == nil {
					want, wrong = io.ReadAll(r)
				}
				got, err := u.Unpack(nil, Gzip, b, plenty)
				if (err == nil) != (wrong == nil) || err == nil && !bytes.Equal(got, want) {
					t.Errorf("byte %d, bit %d of % x: %q and %v, the library says %q and %v", at, bit, whole, got, err, want, wrong)
				}
				if err == nil {
					taken++
				}
			}
		}
	}
	if taken < 100 {
		t.Errorf("only %d are taken: the test sees too little", taken)
	}
}
