package gossip

import (
	"errors"
	"fmt"
)

// What a message must keep to beyond its shape. The decoder asks these, so
// that the rest of the package need not.

func (m *sumsMessage) check() error {
	next := uint64(0)
	for _, n := range m.Nodes {
		if n.Level >= treeDepth {
			return fmt.Errorf("a node at level %d, expected 0 to %d", n.Level, treeDepth-1)
		}
		if n.Lo&nodeSpan(0, n.Level).Hi != 0 {
			return fmt.Errorf("no node of level %d begins at place %d", n.Level, n.Lo)
		}
		if uint64(n.Lo) < next {
			return fmt.Errorf("the node at place %d is not above the one before", n.Lo)
		}
		next = uint64(nodeSpan(n.Lo, n.Level).Hi) + 1
	}
	return errors.Join(m.Flow.check(), some(len(m.Nodes), "node"))
}

func (m *checksumMessage) check() error { return m.Flow.check() }

func (m *digestMessage) check() error {
	next := uint64(0)
	for _, s := range m.Spans {
		if s.Lo > s.Hi || uint64(s.Lo) < next {
			return fmt.Errorf("the span %d to %d is not above the one before", s.Lo, s.Hi)
		}
		next = uint64(s.Hi) + 1
	}
	seen := keys{}
	for _, h := range m.Heads {
		if err := seen.check(h.Key, h.Counter); err != nil {
			return err
		}
	}
	return errors.Join(m.Flow.check(), some(len(m.Spans), "span"))
}

func (m *wantMessage) check() error {
	seen := keys{}
	for _, key := range m.Keys {
		if err := seen.check(key, 1); err != nil {
			return err
		}
	}
	return some(len(m.Keys), "key")
}

func (m *entriesMessage) check() error {
	if m.Span.Lo > m.Span.Hi {
		return fmt.Errorf("the span %d to %d ends before it begins", m.Span.Lo, m.Span.Hi)
	}
	seen := keys{}
	for _, e := range m.Entries {
		if err := seen.check(e.Key, e.Counter); err != nil {
			return err
		}
		if len(e.Value) > MaxValueBytes {
			return fmt.Errorf("a value of %d bytes, expected at most %d", len(e.Value), MaxValueBytes)
		}
	}
	return m.Flow.check()
}

func (f Flow) check() error {
	if f > Give|Take {
		return fmt.Errorf("the flow is %d, expected 0 to 3", f)
	}
	return nil
}

// keys is those of a message so far. None may come twice: else a small
// message could ask for the same entry a thousand times.
type keys map[string]bool

func (k keys) check(key string, counter uint64) error {
	if key == "" || len(key) > MaxKeyBytes {
		return fmt.Errorf("a key of %d bytes, expected 1 to %d", len(key), MaxKeyBytes)
	}
	if counter == 0 {
		return fmt.Errorf("%q has version 0, expected 1 at least", key)
	}
	if k[key] {
		return fmt.Errorf("%q comes twice", key)
	}
	k[key] = true
	return nil
}

func some(n int, what string) error {
	if n == 0 {
		return fmt.Errorf("no %s, expected one at least", what)
	}
	return nil
}
