package schema

import (
	"testing"
)

func TestParse(t *testing.T) {
	fields := parse("a:int8=-1 b:string?3+/1-4 c:[ d:[]int32? e:{ f:uuid }?/2+#1 ]?7+/5+ g:records?#12 h:int64#3=9223372036854775807")
	if len(fields) != 5 {
		t.Fatalf("%+v", fields)
	}
	a, b, c, g := fields[0], fields[1], fields[2], fields[3]
	d, e := c.Fields[0], c.Fields[1]
	if a.Name != "a" || a.Kind != Int8 || a.From != 0 || a.To != never || a.Null != -1 || a.Tag != -1 || a.Default != -1 {
		t.Errorf("a: %+v", a)
	}
	if b.Kind != String || b.Null != 3 || b.From != 1 || b.To != 4 || b.In(0) || !b.In(4) || b.In(5) || b.Nullable(2) || !b.Nullable(3) {
		t.Errorf("b: %+v", b)
	}
	if c.Kind != Struct || !c.Array || c.Null != 7 || c.From != 5 || c.To != never {
		t.Errorf("c: %+v", c)
	}
	if d.Kind != Int32 || !d.Array || d.Null != 0 || e.Kind != Struct || e.Array || e.Null != 0 || e.From != 2 || e.Tag != 1 || e.Fields[0].Kind != UUID {
		t.Errorf("d: %+v, e: %+v", d, e)
	}
	if h := fields[4]; h.Tag != 3 || h.Default != 1<<63-1 {
		t.Errorf("h: %+v", h)
	}
	if g.Kind != Records || g.Null != 0 || g.Tag != 12 {
		t.Errorf("g: %+v", g)
	}
}

func TestMistakesInTextPanic(t *testing.T) {
	for _, text := range []string{"a", "a:int9", "a:int8/", "a:int8!", "a:[ b:int8 ]]", "a:int8 ]"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken", text)
				}
			}()
			t.Errorf("%q is %+v", text, parse(text))
		}()
	}
}

func TestOf(t *testing.T) {
	if Of(-1) != nil || Of(4) != nil || Of(maxKey+1) != nil || Of(3).Key != 3 {
		t.Error("a key is not found, or one that is not there is")
	}
}

func FuzzWalk(f *testing.F) {
	f.Add(int16(3), int16(9), []byte("\x00\x01\x01\x01\x00"))
	f.Add(int16(0), int16(9), []byte("\x00\xff\xff\x00\x00\x00\x01\x02\x02a\x02\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, key, version int16, b []byte) {
		a := Of(key)
		if a == nil {
			return
		}
		for _, m := range []*Message{&a.Request, &a.Response} {
			end, err := m.Walk(b, version, nil)
			if end > len(b) {
				t.Fatalf("ends at %d of %d", end, len(b))
			}
			var v order
			end2, err2 := m.Walk(b, version, &v)
			if (err == nil) != (err2 == nil) || err == nil && end != end2 || v.at > len(b) || v.wrong {
				t.Errorf("ends at %d, %v; with a visitor at %d, %v; out of order: %v", end, err, end2, err2, v.wrong)
			}
		}
	})
}

// order checks that leaves follow one another without a gap.
type order struct {
	at, depth int
	wrong     bool
}

func (o *order) Open(f *Field, element, at int) { o.depth++ }
func (o *order) Close(at int)                   { o.depth-- }
func (o *order) Leaf(l Leaf) {
	o.wrong = o.wrong || l.At != o.at || l.Content < l.At || l.End < l.Content || o.depth < 0
	o.at = l.End
}

func BenchmarkParseAll(b *testing.B) {
	for b.Loop() {
		for _, family := range [][]text{records, groups, transactions, topics, cluster} {
			for _, t := range family {
				parse(t.request)
				parse(t.response)
			}
		}
	}
}
