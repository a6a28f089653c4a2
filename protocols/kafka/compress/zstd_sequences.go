package compress

// The three kinds of codes of a sequence.
const (
	literalLength = 0
	offset        = 1
	matchLength   = 2
)

// codeTable is what is fixed for a kind: the first value of each code and how
// many bits are added to it (section 3.1.1.3.2.1.1), the probabilities that
// need not be sent (section 3.1.1.3.2.2), and limits.
type codeTable struct {
	base   []int // nil for offsets: 1 << code
	extra  []uint8
	counts []int16 // predefined
	log    uint8   // of them
	maxLog uint8
	codes  int
}

var codeTables = [3]codeTable{
	literalLength: {
		base: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024,
			2048, 4096, 8192, 16384, 32768, 65536},
		extra:  []uint8{16: 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		counts: []int16{4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1},
		log:    6, maxLog: 9, codes: 36,
	},
	offset: {
		counts: []int16{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1},
		log:    5, maxLog: 8, codes: 32,
	},
	matchLength: {
		base: []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
			35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539},
		extra: []uint8{32: 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		counts: []int16{1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
			1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1},
		log: 6, maxLog: 9, codes: 53,
	},
}

// The ways in which a table is given (section 3.1.1.3.2.1).
const (
	modePredefined = 0
	modeRLE        = 1
	modeFSE        = 2
	modeRepeat     = 3
)

// longCount is the first number of sequences that takes three bytes.
const longCount = 0x7f00

// table reads one kind's table, and returns what follows it.
func (r *zstdReader) table(kind int, mode byte, b []byte) (rest []byte, ok bool) {
	t, fixed := &r.tables[kind], &codeTables[kind]
	switch mode {
	case modePredefined:
		return b, t.build(fixed.counts, fixed.log)
	case modeRLE:
		if len(b) == 0 || int(b[0]) >= fixed.codes {
			return nil, false
		}
		t.one(b[0])
		return b[1:], true
	case modeFSE:
		var counts [64]int16
		n, log, b, ok := readCounts(b, counts[:fixed.codes], fixed.maxLog)
		return b, ok && t.build(counts[:n], log)
	}
	return b, t.log > 0 || t.single
}

// sequencesSection reads sequences (section 3.1.1.3.2) and does what they say
// with the literals.
func (r *zstdReader) sequencesSection(b []byte) error {
	if len(b) == 0 {
		return errZstd
	}
	count, used := int(b[0]), 1
	switch {
	case count == 255 && len(b) >= 3:
		count, used = int(b[1])+int(b[2])<<8+longCount, 3
	case count >= 128 && count < 255 && len(b) >= 2:
		count, used = (count-128)<<8+int(b[1]), 2
	case count >= 128:
		return errZstd
	}
	if b = b[used:]; count == 0 {
		if len(b) > 0 {
			return errZstd
		}
		return r.take(len(r.literals), zstdMaxBlock)
	}
	if len(b) == 0 || b[0]&3 != 0 {
		return errZstd
	}
	modes := b[0]
	b = b[1:]
	for kind := range r.tables {
		var ok bool
		if b, ok = r.table(kind, modes>>(6-2*kind)&3, b); !ok {
			return errZstd
		}
	}
	bits, ok := newBackBits(b)
	if !ok {
		return errZstd
	}
	return r.sequences(&bits, count)
}

func (r *zstdReader) sequences(in *backBits, count int) error {
	var states [3]int
	for kind := range states {
		states[kind] = in.read(r.tables[kind].log)
	}
	begin := len(r.out)
	for i := range count {
		var entries [3]fseEntry
		for kind := range entries {
			entries[kind] = r.tables[kind].entries[states[kind]]
		}
		// The values come in another order than the states.
		distance := 1<<entries[offset].symbol + in.read(entries[offset].symbol)
		length := value(matchLength, entries[matchLength].symbol, in)
		literals := value(literalLength, entries[literalLength].symbol, in)
		if i < count-1 {
			for _, kind := range [...]int{literalLength, matchLength, offset} {
				states[kind] = int(entries[kind].base) + in.read(entries[kind].bits)
			}
		}
		if in.at < 0 {
			return errZstd
		}
		if err := r.take(literals, begin+zstdMaxBlock-len(r.out)); err != nil {
			return err
		}
		distance = r.distance(distance, literals == 0)
		if distance <= 0 || distance > len(r.out)-r.start || length > begin+zstdMaxBlock-len(r.out) {
			return errZstd
		}
		if length > r.limit-len(r.out) {
			return ErrTooLarge
		}
		r.out = copyBack(r.out, distance, length)
	}
	if in.at != 0 {
		return errZstd
	}
	return r.take(len(r.literals), begin+zstdMaxBlock-len(r.out))
}

// value is what a code and the bits behind it stand for.
func value(kind int, code uint8, in *backBits) int {
	t := &codeTables[kind]
	return t.base[code] + in.read(t.extra[code])
}

// take moves literals to the output, of which room bytes are left in the block.
func (r *zstdReader) take(n, room int) error {
	if n > len(r.literals) || n > room {
		return errZstd
	}
	if n > r.limit-len(r.out) {
		return ErrTooLarge
	}
	r.out = append(r.out, r.literals[:n]...)
	r.literals = r.literals[n:]
	return nil
}

// distance is what an offset's value means: 1 to 3 are recent ones (section
// 3.1.1.5).
func (r *zstdReader) distance(value int, noLiterals bool) int {
	if value > 3 {
		r.recent = [3]int{value - 3, r.recent[0], r.recent[1]}
		return value - 3
	}
	if noLiterals {
		value++
	}
	switch value {
	case 2:
		r.recent[0], r.recent[1] = r.recent[1], r.recent[0]
	case 3:
		r.recent = [3]int{r.recent[2], r.recent[0], r.recent[1]}
	case 4:
		r.recent = [3]int{r.recent[0] - 1, r.recent[0], r.recent[1]}
	}
	return r.recent[0]
}
