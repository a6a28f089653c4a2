// Package docs writes docs/labs.md, the reference of every lab, from the
// tables the labs are made of. Its test fails when the file is stale:
//
//	go test ./tests/docs -rewrite
//
// writes it anew; read the difference before you commit it.
package docs
