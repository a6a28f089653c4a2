package rpc

import "errors"

// What a picture shows of a server, and what it keeps on a disk.

// Running returns how many calls are in execution.
func (s *Server) Running() int { return len(s.running) }

// Executions returns how many executions were asked for.
func (s *Server) Executions() uint64 { return s.executions }

// Remembered is an entry of the duplicate table, for a picture.
type Remembered struct {
	Call    CallKey
	Running bool
	Code    Code  // 0: a result
	Bytes   int   // of the stored reply
	Expires int64 // 0: while running
}

// Remembered returns up to max entries of the duplicate table: replies, the
// oldest first, then running calls.
func (s *Server) Remembered(max int) []Remembered {
	if s.seen == nil {
		return nil
	}
	var out []Remembered
	for _, a := range s.seen.kept[s.seen.head:] {
		if len(out) == max {
			return out
		}
		out = append(out, Remembered{Call: a.call, Code: a.code, Bytes: len(a.body), Expires: a.expires})
	}
	for _, x := range s.running {
		if len(out) == max {
			break
		}
		out = append(out, Remembered{Call: x.call, Running: true})
	}
	return out
}

// RememberedEntries returns of how many calls the duplicate table knows:
// running ones, and those whose reply it keeps.
func (s *Server) RememberedEntries() int {
	if s.seen == nil {
		return 0
	}
	return len(s.seen.calls)
}

// RememberedBytes returns how many bytes of replies the duplicate table holds.
func (s *Server) RememberedBytes() int {
	if s.seen == nil {
		return 0
	}
	return s.seen.bytes
}

// Save appends the duplicate table's replies to b, to be kept on a disk. To
// keep the promise of ExactlyOnce it is synced together with what the call
// changed, before the reply goes out.
func (s *Server) Save(b []byte) []byte {
	if s.seen == nil {
		return b
	}
	return s.seen.save(b)
}

// Load takes what Save wrote into the table of a new server. It fails, with
// nothing loaded, when the bytes are not Save's or exceed the limits, or calls
// are running already; without a duplicate table it does nothing.
func (s *Server) Load(now int64, saved []byte) error {
	if s.seen == nil {
		return nil
	}
	if len(s.running) > 0 {
		return errRunning
	}
	fresh := newDuplicates(s.seen.limits)
	if err := fresh.load(now, saved); err != nil {
		return err
	}
	s.seen = fresh
	return nil
}

var errRunning = errors.New("rpc: calls are running; load a saved duplicate table before the server takes calls")

// SetTable gives a running server another table, for calls that come from now on.
func (s *Server) SetTable(t *Table) { s.config.Table = t }
