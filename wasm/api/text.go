package api

import (
	"fmt"
	"strings"
)

// Text is one sentence or label in every language of the page.
//
// A Text is also an error: a clause, without capital letter and full stop,
// that explains to a visitor what was wrong.
type Text struct {
	En string `cbor:"en"`
	Zh string `cbor:"zh"`
}

// Error is the English clause, for logs and the command line.
func (t Text) Error() string { return t.En }

// Sentence makes a sentence of a clause: a capital letter at its beginning,
// and a full stop unless it asks.
func (t Text) Sentence() Text {
	if t.En != "" {
		t.En = strings.ToUpper(t.En[:1]) + t.En[1:]
		if !strings.HasSuffix(t.En, "?") && !strings.HasSuffix(t.En, ".") {
			t.En += "."
		}
	}
	if t.Zh != "" && !strings.HasSuffix(t.Zh, "？") && !strings.HasSuffix(t.Zh, "。") {
		t.Zh += "。"
	}
	return t
}

// clause fills both languages in with the same values.
func clause(en, zh string, args ...any) Text {
	return Text{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}
