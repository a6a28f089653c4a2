package main

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func (w *writer) messages(list protoreflect.MessageDescriptors) error {
	for i := range list.Len() {
		m := list.Get(i)
		if contains(m, m, map[protoreflect.FullName]bool{}) {
			return fmt.Errorf("%s contains itself: how deep a peer may nest it would need a limit, which is left out", m.FullName())
		}
		if err := w.message(m); err != nil {
			return fmt.Errorf("%s: %w", m.Name(), err)
		}
		w.enums(m.Enums())
		if err := w.messages(m.Messages()); err != nil {
			return err
		}
	}
	return nil
}

// contains says whether what is reached from m by its fields.
func contains(m, what protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) bool {
	for i := range m.Fields().Len() {
		sub := m.Fields().Get(i).Message()
		if sub == nil || seen[sub.FullName()] {
			continue
		}
		seen[sub.FullName()] = true
		if sub.FullName() == what.FullName() || contains(sub, what, seen) {
			return true
		}
	}
	return false
}

// A field is one field of a message, and how Go writes and reads it.
type field struct {
	protoreflect.FieldDescriptor
	name   string // in Go
	typ    string // of one item, in Go
	append string // the function that adds one item: Int, Bool, String, Message
	read   string // the Reader's method
	wire   string // the wire type
}

func describe(f protoreflect.FieldDescriptor) (field, error) {
	out := field{FieldDescriptor: f, name: camel(string(f.Name())), append: "Int", wire: "Varint"}
	switch f.Kind() {
	case protoreflect.Int32Kind:
		out.typ, out.read = "int32", "Int32"
	case protoreflect.Int64Kind:
		out.typ, out.read = "int64", "Int64"
	case protoreflect.Uint32Kind:
		out.typ, out.read = "uint32", "Uint32"
	case protoreflect.Uint64Kind:
		out.typ, out.read = "uint64", "Uint64"
	case protoreflect.EnumKind:
		out.typ, out.read = goName(f.Enum()), "Int32"
	case protoreflect.BoolKind:
		out.typ, out.read, out.append = "bool", "Bool", "Bool"
	case protoreflect.StringKind:
		out.typ, out.read, out.append, out.wire = "string", "Text", "String", "Bytes"
	case protoreflect.BytesKind:
		out.typ, out.read, out.append, out.wire = "[]byte", "Bytes", "String", "Bytes"
	case protoreflect.MessageKind:
		out.typ, out.read, out.append, out.wire = goName(f.Message()), "Message", "Message", "Bytes"
	default:
		return out, fmt.Errorf("field %s: kind %v is left out", f.Name(), f.Kind())
	}
	switch {
	case f.IsMap(), f.HasOptionalKeyword():
		return out, fmt.Errorf("field %s: maps and the word optional are left out", f.Name())
	case f.IsList() && out.wire == "Varint" && f.Kind() != protoreflect.Int32Kind:
		return out, fmt.Errorf("field %s: of repeated numbers there is only int32", f.Name())
	case f.ContainingOneof() != nil && f.Kind() == protoreflect.BoolKind:
		return out, fmt.Errorf("field %s: a bool in a oneof is left out", f.Name())
	}
	return out, nil
}

// goType is the type of the whole field.
func (f field) goType() string {
	switch {
	case f.IsList() && f.Message() != nil:
		return "[]*" + f.typ
	case f.IsList():
		return "[]" + f.typ
	case f.Message() != nil:
		return "*" + f.typ
	}
	return f.typ
}

// which is the field that says what a oneof holds.
func which(o protoreflect.OneofDescriptor) string { return camel(string(o.Name())) }

func (w *writer) message(m protoreflect.MessageDescriptor) error {
	var fields []field
	for i := range m.Fields().Len() {
		f, err := describe(m.Fields().Get(i))
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	name := goName(m)
	w.say("// %s is %s. Behind each field stands its number.\ntype %s struct {", name, m.FullName(), name)
	for _, f := range fields {
		if o := f.ContainingOneof(); o != nil && o.Fields().Get(0).Number() == f.Number() {
			w.say("%s uint32 // which of the oneof's fields is set: its number, 0 for none", which(o))
		}
		w.say("%s %s // %d", f.name, f.goType(), f.Number())
	}
	w.say("Unknown []byte // fields that are none of these\n}\n")
	w.say("// Append adds m's bytes to b.\nfunc (m *%s) Append(b []byte) []byte {", name)
	for _, f := range fields {
		w.appendField(f)
	}
	w.say("return append(b, m.Unknown...)\n}\n")
	w.say("// Merge reads the fields in b over those that m has.\nfunc (m *%s) Merge(b []byte) error {", name)
	w.say("r := protobuf.Read(b)\nfor r.Next() {\nswitch r.Tag {")
	for _, f := range fields {
		w.readField(f)
	}
	w.say("default:\nm.Unknown = r.Keep(m.Unknown)\n}\n}\nreturn r.Err()\n}\n")
	return nil
}

func (w *writer) appendField(f field) {
	switch o := f.ContainingOneof(); {
	case o != nil && f.Message() != nil:
		w.say("if m.%s == %d && m.%s != nil {\nb = protobuf.AppendMessage(b, %d, m.%s)\n}", which(o), f.Number(), f.name, f.Number(), f.name)
	case o != nil:
		w.say("if m.%s == %d {\nb = protobuf.Always%s(b, %d, m.%s)\n}", which(o), f.Number(), f.append, f.Number(), f.name)
	case f.IsPacked():
		w.say("b = protobuf.AppendPacked(b, %d, m.%s)", f.Number(), f.name)
	case f.IsList() && f.Message() != nil:
		w.say("for _, item := range m.%s {\nb = protobuf.AppendMessage(b, %d, item)\n}", f.name, f.Number())
	case f.IsList():
		w.say("for _, item := range m.%s {\nb = protobuf.Always%s(b, %d, item)\n}", f.name, f.append, f.Number())
	case f.Message() != nil:
		w.say("if m.%s != nil {\nb = protobuf.AppendMessage(b, %d, m.%s)\n}", f.name, f.Number(), f.name)
	default:
		w.say("b = protobuf.Append%s(b, %d, m.%s)", f.append, f.Number(), f.name)
	}
}

func (w *writer) readField(f field) {
	w.say("case %d<<3 | protobuf.%s:", f.Number(), f.wire)
	if o := f.ContainingOneof(); o != nil {
		w.oneof(f, o)
	}
	switch {
	case f.IsList() && f.Message() != nil:
		w.say("item := new(%s)\nr.Message(item)\nm.%s = append(m.%s, item)", f.typ, f.name, f.name)
	case f.IsList():
		w.say("m.%s = append(m.%s, r.%s())", f.name, f.name, f.read)
	case f.Message() != nil:
		w.say("if m.%s == nil {\nm.%s = new(%s)\n}\nr.Message(m.%s)", f.name, f.name, f.typ, f.name)
	case f.Enum() != nil:
		w.say("m.%s = %s(r.%s())", f.name, f.typ, f.read)
	default:
		w.say("m.%s = r.%s()", f.name, f.read)
	}
	if f.IsPacked() {
		w.say("case %d<<3 | protobuf.Bytes:\nm.%s = r.PackedInt32(m.%s)", f.Number(), f.name, f.name)
	}
}

// oneof notes which field is set. A message that was set before, and is not
// set any more, must not be merged into when it comes again.
func (w *writer) oneof(f field, o protoreflect.OneofDescriptor) {
	if f.Message() != nil {
		w.say("if m.%s != %d {\nm.%s = nil\n}", which(o), f.Number(), f.name)
	}
	w.say("m.%s = %d", which(o), f.Number())
}
