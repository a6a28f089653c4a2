package compress

import "github.com/klauspost/compress/zstd"

type zstdWriter struct{ e *zstd.Encoder }

func newZstdWriter() *zstdWriter {
	e, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	return &zstdWriter{e}
}

func (w *zstdWriter) append(dst, text []byte, f *finder) []byte { return w.e.EncodeAll(text, dst) }

type zstdReader struct{}

func (r *zstdReader) unpack(b []byte, limit int) ([]byte, error) {
	d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(64<<20))
	out, err := d.DecodeAll(b, nil)
	if err == nil && len(out) > limit {
		return nil, ErrTooLarge
	}
	return out, err
}
