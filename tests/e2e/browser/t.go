package browser

import (
	"fmt"
	"os"
)

// T is the part of *testing.T that is needed here.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// A Program is the T of a command: Fatalf cleans up, prints and exits.
type Program struct {
	Name     string
	failed   bool
	cleanups []func()
}

// Helper does nothing: a program prints no line numbers.
func (p *Program) Helper() {}

// Errorf prints; the program goes on, and Close will end it with status 1.
func (p *Program) Errorf(format string, args ...any) {
	p.failed = true
	fmt.Fprintf(os.Stderr, p.Name+": "+format+"\n", args...)
}

// Fatalf prints and ends the program with status 1.
func (p *Program) Fatalf(format string, args ...any) {
	p.Errorf(format, args...)
	p.Close()
}

// Cleanup has f called by Close; the latest first.
func (p *Program) Cleanup(f func()) { p.cleanups = append(p.cleanups, f) }

// Close ends what was started, and the program if something failed.
func (p *Program) Close() {
	for len(p.cleanups) > 0 {
		last := p.cleanups[len(p.cleanups)-1]
		p.cleanups = p.cleanups[:len(p.cleanups)-1]
		last()
	}
	if p.failed {
		os.Exit(1)
	}
}
