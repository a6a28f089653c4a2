package fill

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Mode is what is put in.
type Mode int

const (
	Full   Mode = iota // two elements in each array, nothing null, all tagged fields
	Empty              // empty arrays, null where it may be, no tagged fields
	Tagged             // Full, and tags that nobody knows
	Modes              // how many there are
)

// Message fills a message, but for its version. Numbers and texts differ from
// field to field, as far as there are enough. Fields for which special has a
// value, by the last part of their names, get that one.
func Message(message any, m Mode, special map[string][]byte) {
	f := filler{mode: m, special: special}
	f.structure(reflect.ValueOf(message).Elem())
}

type filler struct {
	mode    Mode
	special map[string][]byte
	next    int
}

func (f *filler) structure(v reflect.Value) {
	if d, ok := v.Addr().Interface().(interface{ Default() }); ok {
		d.Default()
	}
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch {
		case name == "UnknownTags":
			if f.mode == Tagged {
				f.next++
				tags := v.Field(i).Addr().Interface().(*kmsg.Tags)
				tags.Set(100, fmt.Appendf(nil, "tag %d", f.next))
				tags.Set(200, nil)
			}
		case name != "Version":
			f.value(v.Field(i), name)
		}
	}
}

func (f *filler) value(v reflect.Value, name string) {
	f.next++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.mode != Empty)
	case reflect.Int8:
		v.SetInt(int64(1 + f.next%100))
	case reflect.Int16, reflect.Int32, reflect.Int64:
		if f.mode != Empty {
			v.SetInt(int64(f.next))
		}
	case reflect.Uint16:
		v.SetUint(uint64(f.next))
	case reflect.String:
		if f.mode != Empty {
			v.SetString(fmt.Sprintf("%s %d", strings.ToLower(name), f.next))
		}
	case reflect.Array:
		if f.mode != Empty {
			reflect.Copy(v, reflect.ValueOf(fmt.Appendf(nil, "uuid %011d", f.next)))
		}
	case reflect.Pointer:
		if f.mode != Empty {
			v.Set(reflect.New(v.Type().Elem()))
			f.value(v.Elem(), name)
		}
	case reflect.Struct:
		if f.mode != Empty {
			f.structure(v)
		}
	case reflect.Slice:
		f.slice(v, name)
	default:
		panic("fill: cannot fill " + name)
	}
}

func (f *filler) slice(v reflect.Value, name string) {
	if f.mode == Empty {
		return
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b, ok := f.special[name]
		if !ok {
			b = fmt.Appendf(nil, "%s %d", name, f.next)
		}
		v.SetBytes(b)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 2, 2))
	for i := range 2 {
		f.value(v.Index(i), name)
	}
}
