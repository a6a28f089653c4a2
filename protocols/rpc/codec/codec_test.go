package codec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strings"
	"testing"

	"grapevine/protocols/field"
)

var rewrite = flag.Bool("rewrite", false, "write testdata anew; read the diff before you commit it")

func gapless(t testing.TB, f *Format, s *Schema, b []byte) Reading {
	t.Helper()
	r := f.Read(s, b)
	if gap := field.Gaps(r.Field, len(b)); gap != "" {
		t.Fatalf("%s: % x (%q): %s", f.ID, b, b, gap)
	}
	return r
}

// everything is a schema with every type there is, and structures in structures.
var everything = Schema{Name: "Everything", Fields: []Def{
	{Number: 3, Name: "u", Type: Uint}, {Number: 1, Name: "i", Type: Int}, {Number: 2, Name: "s", Type: Sint},
	{Number: 16, Name: "b", Type: Bool}, {Number: 1 << 28, Name: "t", Type: Text}, {Number: 6, Name: "ot", Type: Text, Optional: true},
	{Number: 7, Name: "ou", Type: Uint, Optional: true}, {Number: 8, Name: "item", Type: Struct, Struct: &Item},
	{Number: 9, Name: "items", Type: List, Of: Struct, Struct: &Item}, {Number: 10, Name: "texts", Type: List, Of: Text},
	{Number: 11, Name: "numbers", Type: List, Of: Sint}, {Number: 12, Name: "bools", Type: List, Of: Bool},
	{Number: 13, Name: "order", Type: Struct, Struct: &Order, Optional: true},
}}

var texts = []string{"", "a", "Zoë 李", "\"\\/\b\f\n\r\t\x01\x7f", "𝄞 \u2028", strings.Repeat("x", 300)}

// random makes a value of a field: often an extreme one.
func random(luck *rand.Rand, d *Def) Value {
	if d.Optional && luck.Intn(3) == 0 {
		return Value{}
	}
	v := Value{Type: d.Type}
	switch d.Type {
	case Uint, Int, Sint:
		v.Bits = [...]uint64{0, 1, math.MaxUint64, 1 << 63, math.MaxInt64, 1<<53 + 1, luck.Uint64() >> luck.Intn(64)}[luck.Intn(7)]
	case Bool:
		v.Bits = uint64(luck.Intn(2))
	case Text:
		v.Text = texts[luck.Intn(len(texts))]
	case List:
		for range luck.Intn(4) {
			v.Items = append(v.Items, random(luck, d.element()))
		}
	case Struct:
		for i := range d.Struct.Fields {
			v.Items = append(v.Items, random(luck, &d.Struct.Fields[i]))
		}
	}
	return v
}

// filled puts zeros where nothing was written: what a program gets.
func filled(d *Def, v Value) string {
	if v.Type == Absent {
		v = d.zero()
	}
	out := Value{Type: v.Type, Bits: v.Bits, Text: v.Text}
	for i, item := range v.Items {
		of := d.element()
		if d.Type == Struct {
			of = &d.Struct.Fields[i]
		}
		out.Items = append(out.Items, Value{Type: Text, Text: filled(of, item)})
	}
	return fmt.Sprint(v.Type, out)
}

func TestRoundTrip(t *testing.T) {
	luck := rand.New(rand.NewSource(1))
	d := &Def{Name: "Everything", Type: Struct, Struct: &everything}
	for range 500 {
		v := random(luck, d)
		for i := range Formats {
			f := &Formats[i]
			b := f.Write(&everything, v)
			r := gapless(t, f, &everything, b)
			if r.Err != nil || r.Unknown != 0 {
				t.Fatalf("%s: %v: % x: %v, %d unknown", f.ID, v, b, r.Err, r.Unknown)
			}
			if got, want := filled(d, r.Value), filled(d, v); got != want {
				t.Fatalf("%s: wrote %s\nread %s\n% x", f.ID, want, got, b)
			}
			if again := f.Write(&everything, r.Value); !bytes.Equal(again, b) && f.By != ByPosition {
				t.Fatalf("%s: % x is written again as % x", f.ID, b, again)
			}
		}
	}
}

// Every message whole, cut short at every byte, and with bytes behind it.
func TestWholeSplitTrailing(t *testing.T) {
	for i := range Formats {
		f := &Formats[i]
		b := f.Write(&Order, Example(&Order))
		for cut := range b {
			r := gapless(t, f, &Order, b[:cut])
			if r.Err == nil && f.ID != "protobuf" { // it ends where the bytes do: a shorter message is one
				t.Errorf("%s: read the first %d of %d bytes", f.ID, cut, len(b))
			}
			if len(r.Value.Items) != len(Order.Fields) {
				t.Fatalf("%s: a value of %d fields", f.ID, len(r.Value.Items))
			}
		}
		if r := gapless(t, f, &Order, append(bytes.Clone(b), 0)); r.Err == nil {
			t.Errorf("%s: read a message with a zero behind it", f.ID)
		}
		if r := gapless(t, f, &Order, make([]byte, MaxMessageBytes+1)); r.Err == nil {
			t.Errorf("%s: read more than there may be", f.ID)
		}
	}
}

// The bytes of the example, as the specifications have them.
func TestBytes(t *testing.T) {
	for id, want := range map[string]string{
		// id: 81 80.. is 2^53+1; discount f303 is zigzag(-250); balance is ten bytes
		"protobuf": "08 8180808080808010 12 08 5a6fc3ab20e69d8e 1a 07 0a03746561 1002 1a 0b 0a066b6574746c65 10ac02 " +
			"20 f303 28 f9ffffffffffffffff01 30 01 3a 06 09 8e02 80a305",
		"cbor-numbers": "a7 01 1b0020000000000001 02 68 5a6fc3ab20e69d8e 03 82 a2 01 63746561 02 02 a2 01 666b6574746c65 02 19012c " +
			"04 38f9 05 26 06 f5 07 83 09 19010e 1a00015180",
		"cbor-positions": "87 1b0020000000000001 68 5a6fc3ab20e69d8e 82 82 63746561 02 82 666b6574746c65 19012c 38f9 26 f5 83 09 19010e 1a00015180",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(want, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := FormatNamed(id).Write(&Order, Example(&Order)); !bytes.Equal(got, b) {
			t.Errorf("%s:\n got % x\nwant % x", id, got, b)
		}
	}
	const want = `{"balance":-7,"customer":"Zoë 李","discount":-250,"express":true,"id":9007199254740993,` +
		`"items":[{"count":2,"sku":"tea"},{"count":300,"sku":"kettle"}],"slots":[9,270,86400]}`
	if got := writeJSON(&Order, Example(&Order)); string(got) != want {
		t.Errorf("json:\n got %s\nwant %s", got, want)
	}
}

// Our JSON against the standard library's.
func TestJSONAgainstItsTwin(t *testing.T) {
	for _, text := range texts {
		s := Schema{Name: "T", Fields: []Def{{Number: 1, Name: "t", Type: Text}}}
		b := writeJSON(&s, Value{Type: Struct, Items: []Value{{Type: Text, Text: text}}})
		var got struct{ T string }
		if err := json.Unmarshal(b, &got); err != nil || got.T != text {
			t.Errorf("%q: the library reads %q from %s: %v", text, got.T, b, err)
		}
		theirs, _ := json.MarshalIndent(map[string]any{"more": []any{1.5e-7, nil, map[string]any{"a": "b"}, []any{}}, "t": text}, " ", "\t ")
		r := readJSON(&s, append([]byte("\n "), theirs...))
		if r.Err != nil || r.Value.Items[0].Text != text || r.Unknown != 1 {
			t.Errorf("%s is read as %v, %d unknown: %v", theirs, r.Value, r.Unknown, r.Err)
		}
	}
	for _, bad := range []string{
		``, `[]`, `{`, `{"id":1,}`, `{"id" 1}`, `{"id":01}`, `{"id":1.}`, `{"id":1.5}`, `{"id":-1}`, `{"id":18446744073709551616}`,
		`{"id":1,"id":1}`, `{"customer":"\ud800"}`, `{"customer":"\x"}`, `{"customer":"` + "\x01" + `"}`, `{"customer":"` + "\xff" + `"}`,
		`{"customer":"`, `{"items":{}}`, `{"items":[1]}`, `{"items":[null]}`, `{"express":1}`, `{id:1}`, `{"id":tru}`, `{"x":1e}`, `{"x":[1,]}`,
		strings.Repeat(`{"x":`, 20) + `1` + strings.Repeat(`}`, 20), `{"x":` + strings.Repeat(`[`, 20) + strings.Repeat(`]`, 20) + `}`,
	} {
		if r := gapless(t, FormatNamed("json"), &Order, []byte(bad)); r.Err == nil {
			t.Errorf("%s is read as %v", bad, r.Value)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct{ format, bytes, want string }{
		{"protobuf", "00", "expected a tag"},
		{"protobuf", "08", "expected a number"},
		{"protobuf", "08ffffffffffffffffff7f", "expected a number"},
		{"protobuf", "120561", "a length of 5, but only 1"},
		{"protobuf", "1201ff", "not UTF-8"},
		{"protobuf", "3a0280ff", "a number of the list slots"},
		{"protobuf", "7b7c", "wire type"},
		{"protobuf", "7d0000", "wire type"},
		{"cbor", "80", "Order is an array, expected struct Order"},
		{"cbor", "a16269646161", "id is a text, expected uint"},
		{"cbor", "a162696420", "id is a negative number"},
		{"cbor", "a16269641bffffffffffffffff01", "extraneous"},
		{"cbor", "a26269640162696401", "duplicate"},
		{"cbor", "a168646973636f756e743bffffffffffffffff", "discount is a negative number"},
		{"cbor", "a1656974656d7381f6", "items[0] is null"},
		{"cbor", "bf626964f6ff", "indefinite"},
		{"cbor", "a1626964f6", "id is null, expected uint"},
		{"cbor-positions", "a0", "a map"},
	} {
		b, err := hex.DecodeString(c.bytes)
		if err != nil {
			t.Fatal(err)
		}
		r := gapless(t, FormatNamed(c.format), &Order, b)
		if r.Err == nil || !strings.Contains(r.Err.Error(), c.want) {
			t.Errorf("%s %s: error %v, expected one with %q", c.format, c.bytes, r.Err, c.want)
		}
	}
}

// What a reader skips, and what it reads although it was written otherwise.
func TestLenient(t *testing.T) {
	for _, c := range []struct {
		format, bytes string
		unknown       int
		want          string
	}{
		{"protobuf", "9a0603616263 0805", 1, "{5, none, none, none, none, none, none, none}"},          // field 99
		{"protobuf", "0a0161", 1, "{none, none, none, none, none, none, none, none}"},                  // id as a text
		{"protobuf", "0805 0806", 0, "{6, none, none, none, none, none, none, none}"},                  // twice
		{"protobuf", "3809 388e02", 0, "{none, none, none, none, none, none, [9, 270], none}"},         // not packed
		{"protobuf", "4200", 0, `{none, none, none, none, none, none, none, ""}`},                      // optional, and empty
		{"cbor", "a2 617a a1 6161 80 626964 1805", 1, "{5, none, none, none, none, none, none, none}"}, // not the shortest
		{"cbor-positions", "89 05 f6 80 00 00 f4 80 f6 01", 1, "{5, none, [], 0, 0, false, [], none}"},
		{"cbor-numbers", "a1 6161 01", 1, "{none, none, none, none, none, none, none, none}"},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(c.bytes, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		r := gapless(t, FormatNamed(c.format), &Order, b)
		if r.Err != nil || r.Unknown != c.unknown || r.Value.String() != c.want {
			t.Errorf("%s %s: %v, %d unknown, %v; expected %s", c.format, c.bytes, r.Value, r.Unknown, r.Err, c.want)
		}
	}
}

// A value that does not fit is the caller's bug.
func TestMisfits(t *testing.T) {
	for name, v := range map[string]Value{
		"no struct":      {Type: Uint},
		"too few fields": {Type: Struct, Items: make([]Value, 2)},
		"another type":   {Type: Struct, Items: []Value{{Type: Text}, {}, {}, {}, {}, {}, {}, {}}},
		"a null element": {Type: Struct, Items: []Value{{}, {}, {Type: List, Items: []Value{{}}}, {}, {}, {}, {}, {}}},
	} {
		for i := range Formats {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: wrote %s", Formats[i].ID, name)
					}
				}()
				Formats[i].Write(&Order, v)
			}()
		}
	}
}

// testdata/evolution.txt: what becomes of each change in each format, when the
// new program reads what the old one wrote, and the other way round.
func TestEvolution(t *testing.T) {
	var b strings.Builder
	for i := range Changes {
		c := &Changes[i]
		fmt.Fprintf(&b, "%s: %s\n", c.ID, c.Label)
		for j := range Formats {
			f := &Formats[j]
			for _, way := range []struct {
				name           string
				writer, reader *Schema
			}{{"new reads old", c.Old, c.New}, {"old reads new", c.New, c.Old}} {
				wrote := Example(way.writer)
				message := f.Write(way.writer, wrote)
				reading := gapless(t, f, way.reader, message)
				all := Compare(way.writer, wrote, way.reader, reading)
				fmt.Fprintf(&b, "  %-15s %s, %3d bytes, %d unknown: %v", f.ID, way.name, len(message), reading.Unknown, Worst(all))
				for _, o := range all {
					if o.Result != Kept && o.Result != Denied {
						fmt.Fprintf(&b, "; %s %v: wrote %v, got %v", o.Def.Name, o.Result, o.Wrote, o.Got)
					}
				}
				if reading.Err != nil {
					fmt.Fprintf(&b, ": %v", reading.Err)
				}
				b.WriteByte('\n')
			}
		}
	}
	const file = "testdata/evolution.txt"
	want, _ := os.ReadFile(file)
	if b.String() == string(want) {
		return
	}
	if !*rewrite {
		t.Fatalf("%s says otherwise:\n%s", file, b.String())
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func FuzzRead(f *testing.F) {
	for i := range Formats {
		f.Add(Formats[i].Write(&Order, Example(&Order)))
		f.Add(Formats[i].Write(&Item, Value{Type: Struct, Items: []Value{{Type: Text, Text: "x"}, {Type: Uint, Bits: 7}}}))
	}
	f.Add([]byte(`{"items":[{"sku":"a"},{"unknown":[1,{"x":null}]}],"note":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for i := range Formats {
			r := gapless(t, &Formats[i], &Order, b)
			if r.Err != nil {
				continue
			}
			again := Formats[i].Read(&Order, Formats[i].Write(&Order, r.Value))
			if again.Err != nil || filled(&Def{Type: Struct, Struct: &Order}, again.Value) != filled(&Def{Type: Struct, Struct: &Order}, r.Value) {
				t.Fatalf("%s: %v comes back as %v: %v", Formats[i].ID, r.Value, again.Value, again.Err)
			}
		}
	})
}
