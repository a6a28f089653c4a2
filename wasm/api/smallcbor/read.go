package smallcbor

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"unicode/utf8"
)

// maxNesting bounds how deep arrays, maps and tags may lie in one another.
const maxNesting = 32

var (
	errEnd  = errors.New("smallcbor: the bytes end within an item")
	errDeep = fmt.Errorf("smallcbor: more than %d items in one another", maxNesting)
)

// Unmarshal reads one item, which is all of b, into the value that to points
// to. It takes no memory that b does not account for. The errors are the
// sender's; what was read before them is then in the value.
func Unmarshal(b []byte, to any) error {
	r := reader{b, map[reflect.Type]form{}}
	err := r.value(reflect.ValueOf(to).Elem(), maxNesting)
	if err == nil && len(r.b) > 0 {
		err = fmt.Errorf("smallcbor: %d bytes behind the item", len(r.b))
	}
	return err
}

// reader reads items off the front of b.
type reader struct {
	b     []byte
	forms map[reflect.Type]form // of the structs met so far
}

// head reads an item's first byte without the number, and the number: its
// value or length, or the bits of a float.
func (r *reader) head() (first byte, n uint64, err error) {
	if len(r.b) == 0 {
		return 0, 0, errEnd
	}
	first, r.b = r.b[0], r.b[1:]
	size := 0
	switch low := first & 0x1f; low {
	case 24, 25, 26, 27:
		size = 1 << (low - 24)
	case 28, 29, 30, 31:
		return 0, 0, fmt.Errorf("smallcbor: an item that begins with %#x", first)
	default:
		n = uint64(low)
	}
	if len(r.b) < size {
		return 0, 0, errEnd
	}
	for _, x := range r.b[:size] {
		n = n<<8 | uint64(x)
	}
	r.b = r.b[size:]
	return first, n, nil
}

// take reads the n bytes of a text or of bytes.
func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.b)) {
		return nil, errEnd
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken, nil
}

func (r *reader) text(n uint64) (string, error) {
	b, err := r.take(n)
	if err == nil && !utf8.Valid(b) {
		err = errors.New("smallcbor: a text that is not UTF-8")
	}
	return string(b), err
}

// value reads an item into v; depth is how many more may lie in one another.
func (r *reader) value(v reflect.Value, depth int) error {
	if len(r.b) > 0 && r.b[0] == null {
		r.b = r.b[1:]
		v.SetZero()
		return nil
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return r.value(v.Elem(), depth)
	}
	first, n, err := r.head()
	if err != nil {
		return err
	}
	if depth == 0 {
		return errDeep
	}
	fits := false
	switch major, kind := first&0xe0, v.Kind(); {
	case kind == reflect.Bool && (first == no || first == yes):
		v.SetBool(first == yes)
		fits = true
	case v.CanInt() && (major == positive || major == negative):
		if fits = n <= math.MaxInt64; major == negative {
			n = ^n
		}
		if fits = fits && !v.OverflowInt(int64(n)); fits {
			v.SetInt(int64(n))
		}
	case v.CanUint() && major == positive:
		if fits = !v.OverflowUint(n); fits {
			v.SetUint(n)
		}
	case kind == reflect.Float64:
		var f float64
		if f, fits = number(first, n); fits {
			v.SetFloat(f)
		}
	case kind == reflect.String && major == text:
		s, err := r.text(n)
		v.SetString(s)
		return err
	case kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 && major == byteString:
		b, err := r.take(n)
		v.SetBytes(append([]byte{}, b...))
		return err
	case kind == reflect.Slice && major == array:
		return r.slice(v, n, depth-1)
	case kind == reflect.Struct && (major == array || major == pairs):
		return r.structure(v, major, n, depth-1)
	}
	if !fits {
		return fmt.Errorf("smallcbor: an item that begins with %#x does not fit %v", first, v.Type())
	}
	return nil
}

// number is what the head of an integer or a float says.
func number(first byte, n uint64) (f float64, ok bool) {
	switch {
	case first&0xe0 == positive:
		return float64(n), true
	case first&0xe0 == negative:
		return -1 - float64(n), true
	case first == double:
		return math.Float64frombits(n), true
	case first == half && n == halfNaN:
		return math.NaN(), true
	case first == half && n == halfInf:
		return math.Inf(1), true
	case first == half && n == halfNegInf:
		return math.Inf(-1), true
	}
	return 0, false
}

func (r *reader) slice(v reflect.Value, n uint64, depth int) error {
	if n > uint64(len(r.b)) { // an element has a byte at least
		return errEnd
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i := range int(n) {
		v.Grow(1) // one by one: n is only what the sender says
		v.SetLen(i + 1)
		if err := r.value(v.Index(i), depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) structure(v reflect.Value, major byte, n uint64, depth int) error {
	f, ok := r.forms[v.Type()]
	if !ok {
		f = formOf(v.Type())
		r.forms[v.Type()] = f
	}
	if f.array != (major == array) || f.array && n != uint64(len(f.fields)) {
		return fmt.Errorf("smallcbor: a %d of %d items does not fit %v", major>>5, n, v.Type())
	}
	for i := uint64(0); i < n; i++ {
		if f.array {
			if err := r.value(v.Field(f.fields[i].index), depth); err != nil {
				return err
			}
			continue
		}
		first, size, err := r.head()
		if err != nil {
			return err
		}
		if first&0xe0 != text {
			return fmt.Errorf("smallcbor: a key that begins with %#x, expected a text", first)
		}
		name, err := r.text(size)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(f.fields, func(f formField) bool { return f.name == name }); at < 0 {
			err = r.skip(depth)
		} else {
			err = r.value(v.Field(f.fields[at].index), depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// skip reads past an item.
func (r *reader) skip(depth int) error {
	first, n, err := r.head()
	if err != nil {
		return err
	}
	if depth == 0 {
		return errDeep
	}
	items := uint64(0)
	switch first & 0xe0 {
	case byteString:
		_, err = r.take(n)
	case text:
		_, err = r.text(n)
	case array:
		items = n
	case pairs:
		if items = 2 * n; n > uint64(len(r.b)) { // so that twice as many is no overflow
			return errEnd
		}
	case tag:
		items = 1
	}
	for ; items > 0 && err == nil; items-- {
		err = r.skip(depth - 1)
	}
	return err
}
