package api

import (
	"fmt"
	"math"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Link is a run as it stands in the address bar, after the '#':
//
//	gossip/rumor?n=200&k=2&seed=7&v=1&do=1.5s+crash+gossiper/3;2s+heal&t=2.5s
//
// The lab, then its parameters by name, then what belongs to every run: seed,
// version ("v"), script ("do", actions apart by ';', a space written as '+')
// and perhaps an instant ("t"). Those four names cannot name a parameter.
// Durations are written as package time writes them, to the microsecond.
//
// A Link is syntax alone: whether the lab exists and takes such a parameter is
// for the engine to say.
type Link struct {
	Run Run
	// At is the instant to go to, in microseconds, and Wait says that there
	// is one: the run then waits there, paused, instead of playing from 0.
	At   int64
	Wait bool
}

// Link returns the run as a link that plays from the beginning.
func (r Run) Link() string { return Link{Run: r}.String() }

// String writes the link. ParseLink gives back an equal Link, if the script
// was in order of time.
func (l Link) String() string {
	var b strings.Builder
	b.WriteString(escape(l.Run.Lab))
	separator := byte('?')
	add := func(name, value string) {
		b.WriteByte(separator)
		separator = '&'
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(value)
	}
	for _, p := range l.Run.Params {
		add(escape(p.Name), escape(p.Value))
	}
	add("seed", strconv.FormatUint(l.Run.Seed, 10))
	if l.Run.Version != 0 {
		add("v", strconv.Itoa(l.Run.Version))
	}
	if len(l.Run.Script) > 0 || l.Run.Scripted {
		actions := make([]string, len(l.Run.Script))
		for i, a := range l.Run.Script {
			actions[i] = FormatTime(a.At) + "+" + escape(a.Do)
		}
		add("do", strings.Join(actions, ";"))
	}
	if l.Wait {
		add("t", FormatTime(l.At))
	}
	return b.String()
}

// ParseLink reads a link; its errors are Texts. A whole address may be given: what stands before its
// '#' is left out. When err is not nil the Link holds what was understood
// until then, so that the nearest lab can still be opened. A link without a
// seed has seed 1, as everywhere.
func ParseLink(s string) (Link, error) {
	l := Link{Run: Run{Seed: 1}}
	if len(s) > maxLinkBytes {
		return l, clause("the link is %d bytes long, expected at most %d: was something else pasted into the address?",
			"链接有 %d 字节长，最多只能有 %d 字节：是不是把别的内容粘进了地址栏？", len(s), maxLinkBytes)
	}
	if _, fragment, found := strings.Cut(s, "#"); found {
		s = fragment
	}
	lab, query, _ := strings.Cut(s, "?")
	lab, err := unescape(lab)
	if err != nil {
		return l, err
	}
	if !isLabID(lab) {
		return l, clause("the link begins with %q, expected a lab such as gossip/rumor: choose one from the list",
			"链接开头是 %q，应该是实验的名称，例如 gossip/rumor；请在列表里选一个", Shorten(lab))
	}
	l.Run.Lab = lab
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		if len(seen) == maxLinkParams {
			return l, clause("the link sets more than %d values: leave some out", "链接里设置的值超过了 %d 个，请删去一些", maxLinkParams)
		}
		name, value, found := strings.Cut(part, "=")
		if name, err = unescape(name); err != nil {
			return l, err
		}
		if !found || name == "" {
			return l, clause("the link has %q, expected name=value, such as seed=7", "链接里有 %q，应写成“名称=值”，例如 seed=7", Shorten(part))
		}
		if seen[name] {
			return l, clause("the link sets %s twice: leave one out", "链接两次设置了 %s，请删去一个", Shorten(name))
		}
		seen[name] = true
		if err := l.set(name, value); err != nil {
			return l, err
		}
	}
	return l, nil
}

// set takes one name=value of a link; value is still escaped.
func (l *Link) set(name, escaped string) error {
	value, err := unescape(escaped)
	if err != nil {
		return err
	}
	switch name {
	case "seed":
		if l.Run.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return clause("the link's seed is %q, expected a whole number from 0 to %d", "链接里的种子是 %q，应为 0 到 %d 之间的整数", Shorten(value), uint64(math.MaxUint64))
		}
	case "v":
		version, err := strconv.Atoi(value)
		if err != nil || version < 1 {
			return clause("the link's version is %q, expected a whole number from 1 up: leave v out for the current one",
				"链接里的版本是 %q，应为不小于 1 的整数；不写 v 就用当前版本", Shorten(value))
		}
		l.Run.Version = version
	case "do":
		return l.setScript(escaped)
	case "t":
		if l.At, err = ParseTime(value); err != nil {
			return err
		}
		l.Wait = true
	default:
		l.Run.Params = append(l.Run.Params, Setting{Name: name, Value: value})
	}
	return nil
}

func (l *Link) setScript(escaped string) error {
	l.Run.Scripted = true
	if escaped == "" {
		return nil
	}
	if n := strings.Count(escaped, ";") + 1; n > maxScriptActions {
		return clause("the link's script has %d actions, expected at most %d", "链接里的脚本有 %d 个操作，最多 %d 个", n, maxScriptActions)
	}
	var script []Action
	for part := range strings.SplitSeq(escaped, ";") {
		text, err := unescape(part)
		if err != nil {
			return err
		}
		at, do, _ := strings.Cut(text, " ")
		if do == "" {
			return clause("the link's script has %q, expected a time and a deed, such as 1.5s+crash+gossiper/3",
				"链接的脚本里有 %q，应写成时刻加操作，例如 1.5s+crash+gossiper/3", Shorten(text))
		}
		micros, err := ParseTime(at)
		if err != nil {
			return err
		}
		script = append(script, Action{At: micros, Do: do})
	}
	sort.SliceStable(script, func(i, j int) bool { return script[i].At < script[j].At })
	l.Run.Script = script
	return nil
}

// FormatTime writes microseconds as people and links do: "1.5s", "20us".
func FormatTime(micros int64) string {
	text := (time.Duration(micros) * time.Microsecond).String()
	return strings.Replace(text, "µ", "u", 1)
}

// ParseTime reads a time of at least 0 and whole microseconds, "1.5s" for
// instance, and returns it in microseconds.
func ParseTime(s string) (int64, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, clause("the time is %q, expected a number with a unit, such as 1.5s, 20ms or 300us", "时刻写成了 %q，应为数字加单位，例如 1.5s、20ms、300us", Shorten(s))
	}
	if d < 0 || d%time.Microsecond != 0 {
		return 0, clause("the time is %q, expected at least 0 and whole microseconds", "时刻写成了 %q，不能小于 0，最细到微秒", Shorten(s))
	}
	return d.Microseconds(), nil
}

// isLabID says whether s looks like "family/lab".
func isLabID(s string) bool {
	family, lab, found := strings.Cut(s, "/")
	return found && isWord(family) && isWord(lab) && len(s) <= 64
}

func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// plain are the characters besides letters and digits that need no escape: a
// link should be readable, and all of these are allowed in a fragment.
const plain = "-._~/:,@!*'()"

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(plain, c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func unescape(s string) (string, error) {
	text, err := url.QueryUnescape(s)
	if err != nil {
		return "", clause("the link has %q, expected %%25 for a percent sign: was the link cut off?", "链接里有 %q，百分号应写成 %%25：链接是不是没有复制完整？", Shorten(s))
	}
	if !utf8.ValidString(text) {
		return "", clause("the link has %q, which is not UTF-8 text: was the link cut off?", "链接里的 %q 不是 UTF-8 文字：链接是不是没有复制完整？", Shorten(s))
	}
	return text, nil
}

// Shorten keeps a quoted piece of a hostile link from filling the page.
func Shorten(s string) string {
	const maxQuotedBytes = 40
	if len(s) <= maxQuotedBytes {
		return s
	}
	cut := maxQuotedBytes
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
