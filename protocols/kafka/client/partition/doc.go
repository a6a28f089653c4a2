// Package partition says to which partition a record with a key belongs, as
// Java's client does, bit for bit: records with one key then stay in one
// partition whoever sends them, and so in order.
package partition
