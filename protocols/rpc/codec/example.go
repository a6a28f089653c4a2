package codec

import "slices"

// The example's structures: an order at a shop, and the receipt for it. They
// are small, and have what formats differ in: a structure within a list, a
// negative number in either of Protocol Buffers' ways, one beyond 2^53, text
// that is not ASCII, a list of numbers, and something absent.

// Item is one line of an order.
var Item = Schema{Name: "Item", Fields: []Def{
	{Number: 1, Name: "sku", Type: Text, Means: "sku"},
	{Number: 2, Name: "count", Type: Uint, Means: "count"},
}}

// Order is the call's argument, in its first version.
var Order = Schema{Name: "Order", Fields: []Def{
	{Number: 1, Name: "id", Type: Uint, Means: "id"},
	{Number: 2, Name: "customer", Type: Text, Means: "customer"},
	{Number: 3, Name: "items", Type: List, Of: Struct, Struct: &Item, Means: "items"},
	{Number: 4, Name: "discount", Type: Sint, Means: "discount in cents"},
	{Number: 5, Name: "balance", Type: Int, Means: "balance"},
	{Number: 6, Name: "express", Type: Bool, Means: "express"},
	{Number: 7, Name: "slots", Type: List, Of: Uint, Means: "slots"},
	{Number: 8, Name: "note", Type: Text, Optional: true, Means: "note"},
}}

// Receipt is the call's result.
var Receipt = Schema{Name: "Receipt", Fields: []Def{
	{Number: 1, Name: "id", Type: Uint, Means: "id"},
	{Number: 2, Name: "accepted", Type: Bool, Means: "accepted"},
	{Number: 3, Name: "text", Type: Text, Means: "text"},
}}

// meant are the example's values, by what they mean.
var meant = []struct {
	means string
	value Value
}{
	{"id", Value{Type: Uint, Bits: 1<<53 + 1}},
	{"customer", Value{Type: Text, Text: "Zoë 李"}},
	{"items", Value{Type: List, Items: []Value{
		{Type: Struct, Items: []Value{{Type: Text, Text: "tea"}, {Type: Uint, Bits: 2}}},
		{Type: Struct, Items: []Value{{Type: Text, Text: "kettle"}, {Type: Uint, Bits: 300}}},
	}}},
	{"discount in cents", Value{Type: Sint, Bits: ^uint64(250) + 1}},
	{"discount in percent", Value{Type: Sint, Bits: ^uint64(10) + 1}},
	{"balance", Value{Type: Int, Bits: ^uint64(7) + 1}},
	{"loyalty points", Value{Type: Int, Bits: 40}},
	{"express", Value{Type: Bool, Bits: 1}},
	{"slots", Value{Type: List, Items: []Value{{Type: Uint, Bits: 9}, {Type: Uint, Bits: 270}, {Type: Uint, Bits: 86_400}}}},
	{"gift", Value{Type: Text, Text: "card"}},
}

// Example is the example's value as a version of Order has it.
func Example(s *Schema) Value {
	v := empty(s)
	for i := range s.Fields {
		for _, m := range meant {
			if m.means == s.Fields[i].Means {
				v.Items[i] = m.value
				if s.Fields[i].Type == Text && m.value.Type != Text {
					v.Items[i] = Value{Type: Text, Text: m.value.String()}
				} else {
					v.Items[i].Type = s.Fields[i].Type
				}
			}
		}
	}
	return v
}

// NewReceipt is the answer to an order.
func NewReceipt(id uint64, accepted bool, text string) Value {
	v := Value{Type: Struct, Items: []Value{{Type: Uint, Bits: id}, {Type: Bool}, {Type: Text, Text: text}}}
	if accepted {
		v.Items[1].Bits = 1
	}
	return v
}

// Changes are the ways in which Order can change.
var Changes = []Change{
	{"none", "nothing changed", &Order, &Order},
	{"add", "a field was added at the end", &Order, order(func(f []Def) []Def { return append(f, gift) })},
	{"insert", "a field was added in the middle", &Order, order(func(f []Def) []Def { return slices.Insert(f, 4, gift) })},
	{"remove", "express was removed", &Order, order(func(f []Def) []Def { return slices.Delete(f, 5, 6) })},
	{"rename", "customer is now called buyer", &Order, order(func(f []Def) []Def { f[1].Name = "buyer"; return f })},
	{"sign", "discount was a sint, and is an int", &Order, order(func(f []Def) []Def { f[3].Type = Int; return f })},
	{"retype", "id was a number, and is a text", &Order, order(func(f []Def) []Def { f[0].Type = Text; return f })},
	{"reuse", "balance was removed, and points got its number", &Order, order(func(f []Def) []Def {
		f[4].Name, f[4].Means = "points", "loyalty points"
		return f
	})},
	{"remean", "discount was in cents, and is in percent", &Order, order(func(f []Def) []Def { f[3].Means = "discount in percent"; return f })},
}

var gift = Def{Number: 9, Name: "gift", Type: Text, Means: "gift"}

// order is Order with its fields changed.
func order(change func([]Def) []Def) *Schema {
	return &Schema{Name: Order.Name, Fields: change(slices.Clone(Order.Fields))}
}

// ChangeNamed returns the change with this ID, or nil.
func ChangeNamed(id string) *Change {
	for i := range Changes {
		if Changes[i].ID == id {
			return &Changes[i]
		}
	}
	return nil
}
