package rpc

import (
	"bytes"
	"math/rand"
	"slices"
	"testing"

	"grapevine/protocols/prototest"
)

// plainList is the dumb twin of the duplicate table: all that is known, in a
// list, searched from the front.
type plainList struct {
	limits DuplicateLimits
	known  []plainAnswer
}

type plainAnswer struct {
	call      CallKey
	state     serverState
	execution uint64
	code      Code
	body      []byte
	expires   int64
	age       int // kept: order of being finished
}

func (p *plainList) index(call CallKey) int {
	return slices.IndexFunc(p.known, func(a plainAnswer) bool { return a.call == call })
}

func (p *plainList) oldest() int {
	found := -1
	for i, a := range p.known {
		if a.state == kept && (found < 0 || a.age < p.known[found].age) {
			found = i
		}
	}
	return found
}

func (p *plainList) bytes() (n int) {
	for _, a := range p.known {
		n += len(a.body)
	}
	return n
}

func (p *plainList) drop(i int) CallKey {
	call := p.known[i].call
	p.known = slices.Delete(p.known, i, i+1)
	return call
}

// The duplicate table knows what a plain list knows, through whatever happens
// to it, being saved and loaded too, and stays within its limits.
func TestDuplicatesAgainstAList(t *testing.T) {
	for seed := range int64(60) {
		luck := rand.New(rand.NewSource(seed))
		limits := DuplicateLimits{MaxEntries: 1 + luck.Intn(30), MaxBytes: 1 + luck.Intn(300), ExpiryMicros: 1 + luck.Int63n(1000), WhenFull: WhenFull(seed % 2)}
		table, list := newDuplicates(limits), &plainList{limits: limits}
		now, execution, age := int64(0), uint64(0), 0
		for range 3000 {
			call := CallKey{luck.Uint64() % 3, luck.Uint64() % 20}
			i := list.index(call)
			state, at, a := table.find(call)
			switch {
			case i < 0 && state != unseen, i >= 0 && state != list.known[i].state,
				state == running && at != list.known[i].execution,
				state == kept && (a.code != list.known[i].code || !bytes.Equal(a.body, list.known[i].body) || a.expires != list.known[i].expires):
				t.Fatalf("seed %d: the table says %v of %v, the list knows %+v", seed, state, call, list.known)
			}
			switch luck.Intn(4) {
			case 0: // a request
				if state != unseen {
					break
				}
				if table.full() != (len(list.known) >= limits.MaxEntries) {
					t.Fatalf("seed %d: full: %v, the list has %d of %d", seed, table.full(), len(list.known), limits.MaxEntries)
				}
				if table.full() && limits.WhenFull == FullForgets && table.deadline() != 0 {
					if got, want := table.forgetOldest(), list.drop(list.oldest()); got != want {
						t.Fatalf("seed %d: forgot %v, expected %v", seed, got, want)
					}
				}
				if !table.full() {
					execution++
					table.begin(call, execution)
					list.known = append(list.known, plainAnswer{call: call, state: running, execution: execution})
				}
			case 1: // an end
				if state != running {
					break
				}
				body := bytes.Repeat([]byte("x"), luck.Intn(80))
				forgotten := table.end(now, call, finished, 0, body)
				for _, got := range forgotten {
					if want := list.drop(list.oldest()); got != want {
						t.Fatalf("seed %d: forgot %v, expected %v", seed, got, want)
					}
				}
				k := &list.known[list.index(call)]
				k.state, k.body, k.expires, k.age = kept, body, now+limits.ExpiryMicros, age
				age++
				if list.bytes() > limits.MaxBytes {
					k.body, k.code = nil, NotKept
				}
			case 2: // time
				now += luck.Int63n(100)
				for got, ok := table.expired(now); ok; got, ok = table.expired(now) {
					if want := list.drop(list.oldest()); got != want {
						t.Fatalf("seed %d: expired %v, expected %v", seed, got, want)
					}
				}
				if i := list.oldest(); i >= 0 && list.known[i].expires <= now {
					t.Fatalf("seed %d: %+v should have expired at %d", seed, list.known[i], now)
				}
			case 3: // a crash, with what was saved
				if luck.Intn(50) > 0 {
					break
				}
				saved := table.save(nil)
				table = newDuplicates(limits)
				if err := table.load(now, saved); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				list.known = slices.DeleteFunc(list.known, func(a plainAnswer) bool { return a.state == running || a.expires <= now })
			}
			if len(table.calls) != len(list.known) || table.bytes != list.bytes() || len(table.calls) > limits.MaxEntries || table.bytes > limits.MaxBytes {
				t.Fatalf("seed %d: %d entries and %d bytes, the list has %d and %d", seed, len(table.calls), table.bytes, len(list.known), list.bytes())
			}
		}
	}
}

// A saved table that is not one is refused, at whatever byte it goes wrong.
func TestLoadRefuses(t *testing.T) {
	table := newDuplicates(DuplicateLimits{})
	for i := range uint64(3) {
		table.begin(CallKey{1, i}, i)
		table.end(int64(i), CallKey{1, i}, finished, 0, []byte("reply"))
	}
	saved := table.save(nil)
	prototest.Message(t, saved, func(b []byte) error { return newDuplicates(DuplicateLimits{}).load(5, b) })
	if newDuplicates(DuplicateLimits{MaxEntries: 2}).load(5, saved) == nil || newDuplicates(DuplicateLimits{MaxBytes: 14}).load(5, saved) == nil {
		t.Error("loaded more than the limits allow")
	}
}

// Loading bears any bytes, and what it took it saves again.
func FuzzLoad(f *testing.F) {
	f.Add([]byte{0x81, 0x85, 1, 1, 0x18, 99, 0, 0x41, 7})
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		table := newDuplicates(DuplicateLimits{MaxEntries: 10, MaxBytes: 100})
		if table.load(0, b) != nil {
			return
		}
		again := table.save(nil)
		if err := newDuplicates(DuplicateLimits{MaxEntries: 10, MaxBytes: 100}).load(0, again); err != nil {
			t.Fatalf("% x is saved as % x: %v", b, again, err)
		}
	})
}
