package compress

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// Codec is a way to compress, by the number that a batch's attributes have for
// it.
type Codec uint8

const (
	None Codec = iota
	Gzip
	Snappy
	LZ4
	Zstd
)

var names = [...]string{"none", "gzip", "snappy", "lz4", "zstd"}

func (c Codec) String() string {
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("codec %d", uint8(c))
}

// ErrTooLarge says that bytes are larger, unpacked, than the limit.
var ErrTooLarge = errors.New("kafka: records that are too large when decompressed")

// Packer compresses. Its tables are large (1 MB for gzip), so they are made
// when first needed and kept. Its zero value is ready.
type Packer struct {
	deflate *flate.Writer
	finder  *finder
	zstd    *zstdWriter
}

// Pack appends text, compressed, to dst. What is no Codec packs as None.
func (p *Packer) Pack(dst []byte, c Codec, text []byte) []byte {
	if p.finder == nil && c > Gzip {
		p.finder = new(finder)
	}
	switch c {
	case Gzip:
		return p.appendGzip(dst, text)
	case Snappy:
		return p.finder.appendSnappy(dst, text)
	case LZ4:
		return p.finder.appendLZ4(dst, text)
	case Zstd:
		if p.zstd == nil {
			p.zstd = newZstdWriter()
		}
		return p.zstd.append(dst, text, p.finder)
	}
	return append(dst, text...)
}

// appender is a slice as an io.Writer.
type appender struct{ b []byte }

func (a *appender) Write(b []byte) (int, error) {
	a.b = append(a.b, b...)
	return len(b), nil
}

// Unpacker decompresses, and keeps its tables. Its zero value is ready.
type Unpacker struct {
	deflate io.Reader
	zstd    *zstdReader
	source  bytes.Reader
}

// Unpack returns b decompressed, at most limit bytes: in the memory of into,
// over what it held, or in more where that is too small.
func (u *Unpacker) Unpack(into []byte, c Codec, b []byte, limit int) ([]byte, error) {
	into, limit = into[:0], max(limit, 0)
	switch c {
	case Gzip:
		return u.gunzip(into, b, limit)
	case Snappy:
		return unpackSnappy(into, b, limit)
	case LZ4:
		return unpackLZ4(into, b, limit)
	case Zstd:
		if u.zstd == nil {
			u.zstd = new(zstdReader)
		}
		return u.zstd.unpack(into, b, limit)
	}
	return nil, fmt.Errorf("kafka: records of %v came, expected gzip, snappy, lz4 or zstd", c)
}
