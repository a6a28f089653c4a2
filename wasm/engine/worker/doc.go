// Package worker runs a session in a Web Worker: it passes messages between
// the page and the session, and calls the session's slices so that messages
// are always heard in between. There is nothing in it but syscall/js.
package worker
