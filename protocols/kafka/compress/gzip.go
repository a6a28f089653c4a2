package compress

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// gzip (RFC 1952) is deflate with a header before it, and after it the
// checksum and the length of what was packed; several such members may follow
// one another. Deflate is the standard library's. Its gzip is not used: its
// headers hold a time.Time, and with one the linker keeps all that can be asked
// of a time, 28 KB of a page's download.

// What a header's fourth byte announces.
const (
	gzipChecksum = 1 << 1 // of the header, two bytes
	gzipExtra    = 1 << 2 // a length in two bytes, and as many bytes
	gzipName     = 1 << 3 // text up to a zero
	gzipComment  = 1 << 4 // likewise
)

const (
	gzipHeaderBytes  = 10
	gzipTrailerBytes = 8
)

var errGzip = errors.New("it has no gzip header, or the checksum is not that of the text")

// appendGzip writes the header that the standard library does: no time, the
// fastest level, an unknown system.
func (p *Packer) appendGzip(dst, text []byte) []byte {
	out := appender{append(dst, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255)}
	if p.deflate == nil {
		p.deflate, _ = flate.NewWriter(nil, flate.BestSpeed) // the level is valid
	}
	p.deflate.Reset(&out)
	p.deflate.Write(text) // an appender takes all
	p.deflate.Close()
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out.b, crc32.ChecksumIEEE(text)), uint32(len(text)))
}

func (u *Unpacker) gunzip(into, b []byte, limit int) ([]byte, error) {
	out := bytes.NewBuffer(into)
	for first := true; first || len(b) > 0; first = false {
		rest, err := u.gunzipMember(out, b, limit)
		if err == ErrTooLarge {
			return nil, err
		} else if err != nil {
			return nil, fmt.Errorf("kafka: records are not gzip, though their batch says so: %w", err)
		}
		b = rest
	}
	return out.Bytes(), nil
}

// gunzipMember unpacks one member to out, and returns what follows it.
func (u *Unpacker) gunzipMember(out *bytes.Buffer, b []byte, limit int) (rest []byte, err error) {
	body, err := skipGzipHeader(b)
	if err != nil {
		return nil, err
	}
	u.source.Reset(body)
	if u.deflate == nil {
		u.deflate = flate.NewReader(&u.source)
	} else {
		u.deflate.(flate.Resetter).Reset(&u.source, nil)
	}
	start := out.Len()
	_, err = out.ReadFrom(io.LimitReader(u.deflate, int64(limit-start)+1))
	if err != nil {
		return nil, err
	}
	if out.Len() > limit {
		return nil, ErrTooLarge
	}
	// Of a reader that gives single bytes, flate takes no more than it needs.
	trailer := body[len(body)-u.source.Len():]
	if len(trailer) < gzipTrailerBytes {
		return nil, io.ErrUnexpectedEOF
	}
	text := out.Bytes()[start:]
	if binary.LittleEndian.Uint32(trailer) != crc32.ChecksumIEEE(text) || binary.LittleEndian.Uint32(trailer[4:]) != uint32(len(text)) {
		return nil, errGzip
	}
	return trailer[gzipTrailerBytes:], nil
}

// skipGzipHeader returns what follows a member's header.
func skipGzipHeader(b []byte) ([]byte, error) {
	if len(b) < gzipHeaderBytes {
		return nil, io.ErrUnexpectedEOF
	}
	if b[0] != 0x1f || b[1] != 0x8b || b[2] != 8 {
		return nil, errGzip
	}
	flags, rest := b[3], b[gzipHeaderBytes:]
	if flags&gzipExtra != 0 {
		if len(rest) < 2 || len(rest)-2 < int(binary.LittleEndian.Uint16(rest)) {
			return nil, io.ErrUnexpectedEOF
		}
		rest = rest[2+int(binary.LittleEndian.Uint16(rest)):]
	}
	for _, text := range []byte{gzipName, gzipComment} {
		if flags&text != 0 {
			_, after, ended := bytes.Cut(rest, []byte{0})
			if !ended {
				return nil, io.ErrUnexpectedEOF
			}
			rest = after
		}
	}
	if flags&gzipChecksum != 0 {
		if len(rest) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		if binary.LittleEndian.Uint16(rest) != uint16(crc32.ChecksumIEEE(b[:len(b)-len(rest)])) {
			return nil, errGzip
		}
		rest = rest[2:]
	}
	return rest, nil
}
