package compress

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

var codecs = []Codec{Gzip, Snappy, LZ4, Zstd}

// texts are what compressors stumble over: nothing, short, long runs, no
// repetition, repetition from just within and just beyond reach.
func texts() [][]byte {
	noise := make([]byte, 200_000)
	x := uint32(1)
	for i := range noise {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	list := [][]byte{
		{}, []byte("a"), []byte("abcdabcdabcd"), []byte(strings.Repeat("a", 12)), []byte(strings.Repeat("a", 13)),
		bytes.Repeat([]byte("a"), 300_000), noise,
		[]byte(strings.Repeat("the quick brown fox jumps over the lazy dog; ", 3000)),
		append(append([]byte{}, noise[:65535]...), noise[:1000]...),
		append(append([]byte{}, noise[:65536]...), noise[:1000]...),
		append(append([]byte{}, noise[:70000]...), noise[4465:9000]...),
	}
	skewed := make([]byte, 100_000) // few repeats, but some letters are frequent
	for i := range skewed {
		skewed[i] = "eeeeeeeettttaaoinsrhldcumfgypwbvkxjqz"[int(noise[i])*int(noise[i+1])>>8*37>>8]
	}
	list = append(list, skewed, skewed[:1023], skewed[:1024], skewed[:1<<14-1], skewed[:1<<14], skewed[:65])
	for n := range 80 {
		list = append(list, noise[:n], bytes.Repeat([]byte("xyz"), n))
	}
	for _, n := range []int{59, 60, 61, 255, 256, 257, 269, 270, 271, 65535, 65536, 65537, 65538} {
		list = append(list, noise[:n], append(append([]byte{}, noise[:n]...), noise[:n]...))
	}
	return list
}

const (
	plenty  = 1 << 20
	natural = 7 // those of texts that are worth comparing sizes for
	letters = 11
)

func TestCodecsRoundTrip(t *testing.T) {
	var p Packer
	var u Unpacker
	for _, c := range codecs {
		for i, text := range texts() {
			packed := p.Pack([]byte("before"), c, text)
			if string(packed[:6]) != "before" {
				t.Fatalf("%v: what was there before is gone", c)
			}
			got, err := u.Unpack(nil, c, packed[6:], plenty)
			if err != nil || !bytes.Equal(got, text) {
				t.Fatalf("%v, text %d of %d bytes: %v", c, i, len(text), err)
			}
		}
	}
}

func TestSnappyAgainstLibrary(t *testing.T) {
	f := new(finder)
	for i, text := range texts() {
		ours := f.appendSnappy(nil, text)
		if got, err := s2.Decode(nil, ours); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("text %d: the library reads ours: %v", i, err)
		}
		for _, theirs := range [][]byte{s2.EncodeSnappy(nil, text), s2.EncodeSnappyBetter(nil, text), s2.EncodeSnappyBest(nil, text)} {
			if got, err := unpackSnappy(nil, theirs, plenty); err != nil || !bytes.Equal(got, text) {
				t.Fatalf("text %d: we read theirs: %v", i, err)
			}
			if i == natural && len(ours) > len(theirs)*3/2 {
				t.Errorf("text %d of %d bytes: ours takes %d, theirs %d", i, len(text), len(ours), len(theirs))
			}
		}
	}
}

// xerial is snappy-java's framing around blocks of 32 KiB.
func xerial(text []byte) []byte {
	b := append([]byte("\x82SNAPPY\x00"), 0, 0, 0, 1, 0, 0, 0, 1)
	for len(text) > 0 {
		part := text[:min(len(text), 32<<10)]
		text = text[len(part):]
		block := s2.EncodeSnappy(nil, part)
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(block))), block...)
	}
	return b
}

func TestXerial(t *testing.T) {
	for i, text := range texts() {
		framed := xerial(text)
		if got, err := unpackSnappy(nil, framed, plenty); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("text %d: %v", i, err)
		}
		if _, err := unpackSnappy(nil, framed, len(text)-1); err == nil && len(text) > 0 {
			t.Fatalf("text %d: a byte more than the limit is taken", i)
		}
		if _, err := unpackSnappy(nil, append(framed, 1), plenty); err == nil {
			t.Fatalf("text %d: a byte too many is taken", i)
		}
	}
}

func TestLZ4AgainstLibrary(t *testing.T) {
	f := new(finder)
	for i, text := range texts() {
		ours := f.appendLZ4(nil, text)
		if got, err := io.ReadAll(lz4.NewReader(bytes.NewReader(ours))); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("text %d: the library reads ours: %v", i, err)
		}
		for _, options := range [][]lz4.Option{
			{lz4.BlockSizeOption(lz4.Block64Kb)},
			{lz4.BlockSizeOption(lz4.Block256Kb), lz4.BlockChecksumOption(true), lz4.SizeOption(uint64(len(text)))},
			{lz4.CompressionLevelOption(lz4.Level5), lz4.ChecksumOption(false)},
		} {
			var b bytes.Buffer
			w := lz4.NewWriter(&b)
			if err := w.Apply(options...); err != nil {
				t.Fatal(err)
			}
			w.Write(text)
			w.Close()
			if got, err := unpackLZ4(nil, b.Bytes(), plenty); err != nil || !bytes.Equal(got, text) {
				t.Fatalf("text %d, %v: we read theirs: %v", i, options, err)
			}
			if i == natural && len(ours) > b.Len()*3/2 {
				t.Errorf("text %d of %d bytes: ours takes %d, theirs %d", i, len(text), len(ours), b.Len())
			}
		}
	}
}

// Blocks that refer to the block before, as the lz4 tool writes them unless
// it is told not to.
func TestLZ4LinkedBlocks(t *testing.T) {
	frame := binary.LittleEndian.AppendUint32(nil, lz4Magic)
	frame = append(frame, lz4Version, lz4Size64KiB)
	frame = append(frame, byte(xxh32(frame[4:6])>>8))
	frame = append(frame, 8, 0, 0, 0, 7<<4, 'a', 'b', 'c', 'd', 'e', 'f', 'g')
	frame = append(frame, 5, 0, 0, 0, 0<<4|2, 7, 0, 1<<4, '!')
	frame = append(frame, 0, 0, 0, 0)
	got, err := unpackLZ4(nil, frame, plenty)
	if err != nil || string(got) != "abcdefgabcdef!" {
		t.Errorf("%q %v", got, err)
	}
	frame[4] |= lz4Separate
	frame[6] = byte(xxh32(frame[4:6]) >> 8)
	if _, err := unpackLZ4(nil, frame, plenty); err == nil {
		t.Error("a separate block that reaches into another is taken")
	}
}

// theirZstd is a text as the library writes it: in one piece, or as a stream
// that does not know its size.
func theirZstd(t testing.TB, text []byte, level zstd.EncoderLevel, stream bool) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithEncoderLevel(level), zstd.WithWindowSize(512<<10), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(stream))
	if err != nil {
		t.Fatal(err)
	}
	if !stream {
		return w.EncodeAll(text, nil)
	}
	w.Write(text)
	w.Close()
	return b.Bytes()
}

func TestZstdAgainstLibrary(t *testing.T) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	var p Packer
	var u Unpacker
	for i, text := range texts() {
		levels := []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault, zstd.SpeedBetterCompression, zstd.SpeedBestCompression}
		if i > letters {
			levels = levels[1:2]
		}
		ours := p.Pack(nil, Zstd, text)
		if got, err := d.DecodeAll(ours, nil); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("text %d: the library reads ours: %v", i, err)
		}
		for _, level := range levels {
			for _, stream := range []bool{false, true} {
				theirs := theirZstd(t, text, level, stream)
				if got, err := u.Unpack(nil, Zstd, theirs, len(text)); err != nil || !bytes.Equal(got, text) {
					t.Fatalf("text %d, %v: we read theirs: %v", i, level, err)
				}
				if _, err := u.Unpack(nil, Zstd, theirs, len(text)-1); err == nil && len(text) > 0 {
					t.Fatalf("text %d: a byte more than the limit is taken", i)
				}
				if (i == natural || i == letters) && len(ours) > len(theirs)*3/2+50 {
					t.Errorf("text %d of %d bytes: ours takes %d, theirs %d", i, len(text), len(ours), len(theirs))
				}
			}
		}
	}
}

func TestZstdFramesInARow(t *testing.T) {
	var p Packer
	var u Unpacker
	b := p.Pack(nil, Zstd, []byte("one, "))
	b = append(b, 0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z') // to be skipped
	b = p.Pack(b, Zstd, []byte("two"))
	if got, err := u.Unpack(nil, Zstd, b, plenty); err != nil || string(got) != "one, two" {
		t.Errorf("%q %v", got, err)
	}
}

func TestXXHash(t *testing.T) {
	// Of the empty text and of "abc", as the specification's own program says.
	if got := xxh32(nil); got != 0x02cc5d05 {
		t.Errorf("%x", got)
	}
	if got := xxh32([]byte("abc")); got != 0x32d153ff {
		t.Errorf("%x", got)
	}
	if got := xxh64(nil); got != 0xef46db3751d8e999 {
		t.Errorf("%x", got)
	}
	if got := xxh64([]byte("abc")); got != 0x44bc2cf5ad770999 {
		t.Errorf("%x", got)
	}
}

func TestTruncatedIsRefused(t *testing.T) {
	var p Packer
	var u Unpacker
	text := []byte(strings.Repeat("the quick brown fox ", 20))
	for _, c := range codecs {
		packed := p.Pack(nil, c, text)
		for cut := range packed {
			if _, err := u.Unpack(nil, c, packed[:cut], plenty); err == nil && cut > 0 {
				t.Fatalf("%v: %d of %d bytes are taken", c, cut, len(packed))
			}
		}
	}
}

func FuzzUnpack(f *testing.F) {
	var p Packer
	for _, c := range codecs {
		for _, text := range texts()[:8] {
			f.Add(uint8(c), p.Pack(nil, c, text[:min(len(text), 500)]))
		}
	}
	f.Add(uint8(Snappy), xerial([]byte("the quick brown fox")))
	f.Fuzz(func(t *testing.T, c uint8, b []byte) {
		const limit = 1 << 16
		var u Unpacker
		out, err := u.Unpack(nil, Codec(c), b, limit)
		if err == nil && len(out) > limit {
			t.Errorf("%d bytes, expected at most %d", len(out), limit)
		}
		switch Codec(c) {
		case Snappy: // the library also reads S2, which is more, so it may take what we refuse
			if n, e := s2.DecodedLen(b); err == nil && e == nil && !bytes.HasPrefix(b, xerialMagic) {
				if theirs, e := s2.Decode(nil, b); e == nil && (n != len(out) || !bytes.Equal(theirs, out)) {
					t.Error("the library reads another text")
				}
			}
		case Zstd: // the library is lenient where the format leaves it open, and strict about windows
			if err != nil {
				return
			}
			d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
			if theirs, e := d.DecodeAll(b, nil); e == nil && !bytes.Equal(theirs, out) {
				t.Error("the library reads another text")
			}
			d.Close()
		case LZ4:
			if err != nil {
				return
			}
			if theirs, e := io.ReadAll(lz4.NewReader(bytes.NewReader(b))); e == nil && !bytes.Equal(theirs, out) {
				t.Error("the library reads another text")
			}
		}
	})
}

func FuzzPack(f *testing.F) {
	for _, text := range texts()[:8] {
		f.Add(text[:min(len(text), 2000)], uint16(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, times uint16) {
		text = bytes.Repeat(text, int(times%50))
		var p Packer
		var u Unpacker
		for _, c := range []Codec{Snappy, LZ4, Zstd} {
			if got, err := u.Unpack(nil, c, p.Pack(nil, c, text), len(text)); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%v: %v", c, err)
			}
		}
		d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		defer d.Close()
		if got, err := d.DecodeAll(p.Pack(nil, Zstd, text), nil); err != nil || !bytes.Equal(got, text) {
			t.Errorf("the library reads our zstd: %v", err)
		}
	})
}
