package grpc

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// Gzip is the one compression beside identity.
const Gzip = "gzip"

// errLarge says that a message is longer, unpacked, than the limit.
var errLarge = errors.New("grpc: a message that is too long when unpacked")

// packer packs and unpacks messages. Its tables are large (200 KB to write, 40
// KB to read), so a connection has one, made when first needed.
type packer struct {
	writer *gzip.Writer
	reader *gzip.Reader
	source bytes.Reader
	packed bytes.Buffer
	plain  bytes.Buffer
}

// pack returns b packed, valid until the next call.
func (p *packer) pack(b []byte) []byte {
	p.packed.Reset()
	if p.writer == nil {
		p.writer, _ = gzip.NewWriterLevel(&p.packed, gzip.BestSpeed) // the level is valid
	}
	p.writer.Reset(&p.packed)
	p.writer.Write(b) // a Buffer takes all
	p.writer.Close()
	return p.packed.Bytes()
}

// unpack returns b unpacked, valid until the next call; at most limit bytes of it.
func (p *packer) unpack(b []byte, limit int) ([]byte, error) {
	p.source.Reset(b)
	var err error
	if p.reader == nil {
		p.reader, err = gzip.NewReader(&p.source)
	} else {
		err = p.reader.Reset(&p.source)
	}
	if err != nil {
		return nil, err
	}
	p.plain.Reset()
	n, err := p.plain.ReadFrom(io.LimitReader(p.reader, int64(limit)+1))
	if err == nil && n > int64(limit) {
		err = errLarge
	}
	return p.plain.Bytes(), err
}
