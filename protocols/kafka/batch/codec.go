package batch

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// errUnpacked says that records are larger, decompressed, than the limit.
var errUnpacked = errors.New("kafka: a record batch that is too large when decompressed")

// zstdWindow is how far back a zstd frame of ours refers, and so what its
// encoder remembers. zstdTheirs is the largest window that decoders are asked
// to support (RFC 8878, section 3.1.1.1.2).
const (
	zstdWindow = 128 << 10
	zstdTheirs = 8 << 20
)

// packer compresses. Its tables are large (1 MB for gzip), so they are made
// when first needed and kept.
type packer struct {
	gzip   *gzip.Writer
	zstd   *zstd.Encoder
	finder *finder
}

// pack appends text, compressed, to dst.
func (p *packer) pack(dst []byte, c Codec, text []byte) []byte {
	if p.finder == nil && (c == Snappy || c == LZ4) {
		p.finder = new(finder)
	}
	switch c {
	case Gzip:
		out := appender{dst}
		if p.gzip == nil {
			p.gzip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
		}
		p.gzip.Reset(&out)
		p.gzip.Write(text) // an appender takes all
		p.gzip.Close()
		return out.b
	case Snappy:
		return p.finder.appendSnappy(dst, text)
	case LZ4:
		return p.finder.appendLZ4(dst, text)
	case Zstd:
		if p.zstd == nil {
			p.zstd, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
				zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true)) // the options are valid
		}
		return p.zstd.EncodeAll(text, dst)
	}
	return append(dst, text...)
}

// appender is a slice as an io.Writer.
type appender struct{ b []byte }

func (a *appender) Write(b []byte) (int, error) {
	a.b = append(a.b, b...)
	return len(b), nil
}

// unpacker decompresses, and keeps its tables.
type unpacker struct {
	gzip   *gzip.Reader
	zstd   *zstd.Decoder
	limit  int // that zstd was made for
	source bytes.Reader
}

// unpack returns b decompressed, in memory of its own: at most limit bytes.
func (u *unpacker) unpack(c Codec, b []byte, limit int) ([]byte, error) {
	switch c {
	case Gzip:
		return u.gunzip(b, limit)
	case Snappy:
		return unpackSnappy(nil, b, limit)
	case LZ4:
		return unpackLZ4(nil, b, limit)
	case Zstd:
		return u.unzstd(b, limit)
	}
	return nil, fmt.Errorf("kafka: records of %v came, expected none, gzip, snappy, lz4 or zstd", c)
}

func (u *unpacker) gunzip(b []byte, limit int) ([]byte, error) {
	u.source.Reset(b)
	var err error
	if u.gzip == nil {
		u.gzip, err = gzip.NewReader(&u.source)
	} else {
		err = u.gzip.Reset(&u.source)
	}
	if err != nil {
		return nil, fmt.Errorf("kafka: records are not gzip, though their batch says so: %w", err)
	}
	var out bytes.Buffer
	n, err := out.ReadFrom(io.LimitReader(u.gzip, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("kafka: records are not gzip, though their batch says so: %w", err)
	}
	if n > int64(limit) {
		return nil, errUnpacked
	}
	return out.Bytes(), nil
}

func (u *unpacker) unzstd(b []byte, limit int) ([]byte, error) {
	if u.zstd == nil || u.limit != limit {
		u.limit = limit
		u.zstd, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(uint64(max(limit, zstdTheirs)))) // the options are valid
	}
	out, err := u.zstd.DecodeAll(b, nil)
	if err == nil && len(out) > limit || errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return nil, errUnpacked
	}
	if err != nil {
		return nil, fmt.Errorf("kafka: records are not zstd, though their batch says so: %w", err)
	}
	return out, nil
}
