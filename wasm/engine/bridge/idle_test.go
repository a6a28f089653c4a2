//go:build unix

package bridge

import (
	"io"
	"syscall"
	"testing"
	"time"
)

// Without anything to do the bridge does nothing.
func TestIdle(t *testing.T) {
	b := start(t)
	c := dial(t, b, 0)
	c.Write([]byte("x"))
	io.ReadFull(c, make([]byte, 1))
	time.Sleep(200 * time.Millisecond) // the last acknowledgement's delay
	before := cpu(t)
	time.Sleep(500 * time.Millisecond)
	if used := cpu(t) - before; used > 20*time.Millisecond {
		t.Errorf("half a second of idling took %v of the processor", used)
	}
}

// cpu is the processor time that this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
