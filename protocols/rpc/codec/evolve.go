package codec

// Programs are not updated all at once, so for a while messages are written by
// one version of a schema and read by another; and what was stored is read by
// later versions for ever. What a reader makes of a message then depends on
// what tells it which field is which (Format.By), and on what was changed.

// Change is one step from a schema to the next.
type Change struct {
	ID string
	// Label says what was done, in English.
	Label    string
	Old, New *Schema
}

// Result is what became of one of the reader's fields.
type Result uint8

// The results.
const (
	Kept      Result = iota // the writer's value, or rightly none
	Missing                 // the writer's schema has no such thing: the default
	Defaulted               // the writer had a value, the reader takes the default
	Wrong                   // a value that the writer did not mean
	Denied                  // the message was refused as a whole
)

// String names the result.
func (r Result) String() string {
	return [...]string{"kept", "missing", "default", "wrong", "refused"}[r]
}

// Outcome is one of the reader's fields after reading.
type Outcome struct {
	Def    *Def
	Result Result
	Wrote  Value // what the writer meant; Absent if it has no such field
	Got    Value // what the reader takes it for
}

// Compare says what the reader's schema makes of a message, field by field.
// wrote is the value that was written by the writer's schema.
func Compare(writer *Schema, wrote Value, reader *Schema, reading Reading) []Outcome {
	var all []Outcome
	for i := range reader.Fields {
		d := &reader.Fields[i]
		o := Outcome{Def: d, Result: Missing}
		for j := range writer.Fields {
			if writer.Fields[j].Means == d.Means {
				o.Wrote, o.Result = wrote.Items[j], Kept
			}
		}
		got := reading.Value.Items[i]
		switch o.Got = got; {
		case reading.Err != nil:
			o.Result, o.Got = Denied, Value{}
		case got.Type == Absent:
			o.Got = d.zero()
			if o.Result == Kept && o.Wrote.String() != o.Got.String() && !o.Wrote.isZero() {
				o.Result = Defaulted
			}
		case got.String() != o.Wrote.String():
			o.Result = Wrong
		}
		all = append(all, o)
	}
	return all
}

// Worst is the worst result of them: refused, then wrong, then the rest.
func Worst(all []Outcome) Result {
	worst := Kept
	for _, o := range all {
		worst = max(worst, o.Result)
	}
	return worst
}
