package api

import (
	"reflect"
	"strings"
	"testing"
)

func TestLinkRoundTrip(t *testing.T) {
	links := []struct {
		link Link
		text string
	}{
		{Link{Run: Run{Lab: "gossip/rumor"}}, "gossip/rumor?seed=0"},
		{Link{Run: Run{Lab: "gossip/rumor", Version: 1, Seed: 7,
			Params:   []Setting{{"n", "200"}, {"k", "2"}},
			Scripted: true, Script: []Action{{1_500_000, "crash gossiper/3"}, {2_000_000, "heal"}}}},
			"gossip/rumor?n=200&k=2&seed=7&v=1&do=1.5s+crash+gossiper/3;2s+heal"},
		{Link{Run: Run{Lab: "gossip/faults", Seed: 18446744073709551615, Params: []Setting{{"loss", "10%"}, {"note", "a&b=c;d+e 中文#?"}}}, At: 20, Wait: true},
			"gossip/faults?loss=10%25&note=a%26b%3Dc%3Bd%2Be+%E4%B8%AD%E6%96%87%23%3F&seed=18446744073709551615&t=20us"},
		{Link{Run: Run{Lab: "gossip/spread", Scripted: true, Script: []Action{{90_000_000, "slow a/1-3 b/2;x"}}}, Wait: true},
			"gossip/spread?seed=0&do=1m30s+slow+a/1-3+b/2%3Bx&t=0s"},
		{Link{Run: Run{Lab: "gossip/spread", Scripted: true, Script: []Action{{0, "lose a to b/2 0.5%"}}}},
			"gossip/spread?seed=0&do=0s+lose+a+to+b/2+0.5%25"},
	}
	for _, c := range links {
		if got := c.link.String(); got != c.text {
			t.Errorf("link is\n%s, expected\n%s", got, c.text)
		}
		for _, text := range []string{c.text, "https://example.org/x/?lang=zh#" + c.text} {
			got, err := ParseLink(text)
			if err != nil || !reflect.DeepEqual(got, c.link) {
				t.Errorf("ParseLink(%s) = %+v, %v; expected %+v", text, got, err, c.link)
			}
		}
	}
}

func TestParseLinkTeaches(t *testing.T) {
	cases := []struct{ text, want string }{
		{"", "expected a lab such as gossip/rumor"},
		{"https://example.org/", "expected a lab"},
		{"Gossip/Rumor", "expected a lab"},
		{strings.Repeat("a", maxLinkBytes+1), "expected at most 32768"},
		{"gossip/rumor?n", "expected name=value"},
		{"gossip/rumor?=3", "expected name=value"},
		{"gossip/rumor?n=1&n=2", "sets n twice"},
		{"gossip/rumor?seed=-1", `seed is "-1", expected a whole number`},
		{"gossip/rumor?v=new", "leave v out"},
		{"gossip/rumor?loss=10%", "expected %25"},
		{"gossip/rumor?x=%ff", "not UTF-8"},
		{"gossip/rumor?t=5", "expected a number with a unit"},
		{"gossip/rumor?t=-5s", "at least 0"},
		{"gossip/rumor?t=5ns", "whole microseconds"},
		{"gossip/rumor?do=crash", "expected a time and a deed"},
		{"gossip/rumor?do=soon+crash", "expected a number with a unit"},
		{"gossip/rumor?do=" + strings.Repeat(";", maxScriptActions), "at most 1000"},
		{"gossip/rumor?" + manyParams(maxLinkParams+1), "more than 100"},
	}
	for _, c := range cases {
		_, err := ParseLink(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseLink(%.60q): error %v, expected it to say %q", c.text, err, c.want)
		} else if text, ok := err.(Text); !ok || text.Zh == text.En || strings.Contains(text.Zh, "expected") {
			t.Errorf("ParseLink(%.60q): %#v, expected a clause in Chinese too", c.text, err)
		} else if len(err.Error()) > 300 {
			t.Errorf("ParseLink(%.60q): error of %d bytes, expected a sentence", c.text, len(err.Error()))
		}
	}
}

func TestParseLinkKeepsWhatItUnderstood(t *testing.T) {
	l, err := ParseLink("gossip/rumor?n=200&seed=lucky")
	if err == nil || l.Run.Lab != "gossip/rumor" || len(l.Run.Params) != 1 {
		t.Errorf("got %+v, %v; expected the lab and n", l, err)
	}
}

func TestParseLinkSortsTheScript(t *testing.T) {
	l, err := ParseLink("gossip/rumor?do=2s+heal;1s+crash+gossiper/3;2s+crash+gossiper/4")
	want := []Action{{1_000_000, "crash gossiper/3"}, {2_000_000, "heal"}, {2_000_000, "crash gossiper/4"}}
	if err != nil || !reflect.DeepEqual(l.Run.Script, want) {
		t.Errorf("script %v, %v; expected %v", l.Run.Script, err, want)
	}
}

// FuzzParseLink: whatever is understood survives being written and read again.
func FuzzParseLink(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLink(text)
		if err != nil {
			return
		}
		written := l.String()
		if len(written) > maxLinkBytes {
			return // escaping made it longer than a link may be
		}
		again, err := ParseLink(written)
		if err != nil || !reflect.DeepEqual(again, l) {
			t.Errorf("%q was written %q and read as %+v, %v; expected %+v", text, written, again, err, l)
		}
	})
}

func manyParams(n int) string {
	var names []string
	for i := range n {
		names = append(names, "p"+strings.Repeat("x", i)+"=1")
	}
	return strings.Join(names, "&")
}
