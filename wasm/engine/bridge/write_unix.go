//go:build unix

package bridge

import "syscall"

// writeNow writes what a socket takes without waiting. Of an error the reader
// will hear too.
func writeNow(socket syscall.RawConn, b []byte) (taken int) {
	if len(b) == 0 {
		return 0
	}
	socket.Write(func(fd uintptr) (done bool) {
		n, _ := syscall.Write(int(fd), b)
		taken = max(n, 0)
		return true
	})
	return taken
}
