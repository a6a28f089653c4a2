package lab

import (
	"errors"
	"fmt"
)

// Text is a label or a sentence in every language of the page.
//
// A Text is also an error: what a visitor did wrong is explained to the
// visitor, in the visitor's language. Such a text is a clause that a sentence
// can be built around: no capital letter, no full stop.
type Text struct{ En, Zh string }

// Error is the English clause, for logs and the command line.
func (t Text) Error() string { return t.En }

// Say fills both languages in with the same values, as fmt.Sprintf does. Where
// the order of the words differs, the Chinese names values by number: %[2]d.
func Say(en, zh string, args ...any) Text {
	return Text{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

// Plain is a text that is the same in every language: a number, a name.
func Plain(s string) Text { return Text{s, s} }

// Explain puts an error into words: its own, or, if nobody found any in
// Chinese, the English ones as a quotation.
func Explain(err error) Text {
	var t Text
	if errors.As(err, &t) {
		return t
	}
	return Text{err.Error(), "原因（英文）：" + err.Error()}
}

// Fact is something that a node holds in its memory, for people to look at.
type Fact struct {
	Label Text
	Value Text
	Parts []Fact
}
