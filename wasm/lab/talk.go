package lab

import "grapevine/protocols/field"

// Talk is what one side says to the other through a port: the bytes of one
// direction of a stream, or those of one datagram. World.Talk knows the
// protocol that is spoken there.
type Talk struct {
	Port       uint16 // the one that was dialled, or where the datagrams' server is
	FromClient bool   // from the one that dialled; false for the answers
	Datagram   bool
}

// Dissect names the bytes that were said, from the first on. It must take any
// bytes: a stream is dissected up to the segment that somebody looks at, and
// may end in the middle of a frame. Offsets count from the first byte.
type Dissect func(said []byte) []field.Field
