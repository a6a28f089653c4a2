package protobuf

import "google.golang.org/protobuf/encoding/protowire"

// What proto3 does not write: a number of zero, false, an empty string or
// empty bytes. The Append functions leave such a field out; inside a oneof or
// a repeated field, where even zero says something, the generator asks first
// and calls the functions with Always in their name.

// AppendInt adds a number, an enum or, as 0 and 1, a bool.
func AppendInt[T ~int32 | ~int64 | ~uint32 | ~uint64](b []byte, number uint32, v T) []byte {
	if v == 0 {
		return b
	}
	return AlwaysInt(b, number, v)
}

// AlwaysInt adds a number, even 0.
func AlwaysInt[T ~int32 | ~int64 | ~uint32 | ~uint64](b []byte, number uint32, v T) []byte {
	b = protowire.AppendVarint(b, uint64(number)<<3|uint64(Varint))
	return protowire.AppendVarint(b, uint64(v)) // negative ones in ten bytes, as the format wants it
}

// AppendBool adds true.
func AppendBool(b []byte, number uint32, v bool) []byte {
	if !v {
		return b
	}
	return AlwaysInt(b, number, uint32(1))
}

// AppendString adds a string, or bytes.
func AppendString[T ~string | ~[]byte](b []byte, number uint32, v T) []byte {
	if len(v) == 0 {
		return b
	}
	return AlwaysString(b, number, v)
}

// AlwaysString adds a string, or bytes, even if empty.
func AlwaysString[T ~string | ~[]byte](b []byte, number uint32, v T) []byte {
	b = protowire.AppendVarint(b, uint64(number)<<3|uint64(Bytes))
	b = protowire.AppendVarint(b, uint64(len(v)))
	return append(b, v...)
}

// AppendMessage adds a message, even an empty one. Its length is not known
// before it is written, so room for one byte is left, and the few messages
// that need more are moved up: cheaper than going over each one twice.
func AppendMessage(b []byte, number uint32, m Message) []byte {
	b = protowire.AppendVarint(b, uint64(number)<<3|uint64(Bytes))
	at := len(b)
	b = append(b, 0)
	b = m.Append(b)
	size := len(b) - at - 1
	if size < 0x80 {
		b[at] = byte(size)
		return b
	}
	more := protowire.SizeVarint(uint64(size)) - 1
	for range more {
		b = append(b, 0)
	}
	copy(b[at+1+more:], b[at+1:at+1+size])
	protowire.AppendVarint(b[:at], uint64(size))
	return b
}

// AppendPacked adds many numbers as one field of bytes.
func AppendPacked(b []byte, number uint32, items []int32) []byte {
	if len(items) == 0 {
		return b
	}
	size := 0
	for _, v := range items {
		size += protowire.SizeVarint(uint64(v))
	}
	b = protowire.AppendVarint(b, uint64(number)<<3|uint64(Bytes))
	b = protowire.AppendVarint(b, uint64(size))
	for _, v := range items {
		b = protowire.AppendVarint(b, uint64(v))
	}
	return b
}
