package ui

import "strings"

// markdown turns a lesson's text into nodes. It knows what our lessons use and
// no more:
//
//	# Heading, ## Heading, ### Heading
//	Paragraphs with *emphasis*, **strong**, `code`.
//	- lists        1. numbered lists
//	??? A question to guess first
//	    The answer, indented by four spaces; it may hold all of the above.
//
// There is no raw HTML and there are no links: a text is text.
func markdown(text string) []*Node {
	const maxLessonBytes = 64 << 10
	if len(text) > maxLessonBytes {
		text = text[:maxLessonBytes]
	}
	return blocks(strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n"))
}

func blocks(lines []string) []*Node {
	var out []*Node
	for len(lines) > 0 {
		line := lines[0]
		switch {
		case strings.TrimSpace(line) == "":
			lines = lines[1:]
		case heading(line) > 0:
			level := heading(line)
			// The page's own headings are h1 and h2: a lesson's begin at h3.
			tag := [...]string{"", "h3", "h4", "h5"}[level]
			out = append(out, el(tag, inline(strings.TrimSpace(line[level:]))))
			lines = lines[1:]
		case strings.HasPrefix(line, "??? "):
			var answer []string
			rest := lines[1:]
			for len(rest) > 0 && (strings.HasPrefix(rest[0], "    ") || strings.TrimSpace(rest[0]) == "") {
				answer = append(answer, strings.TrimPrefix(rest[0], "    "))
				rest = rest[1:]
			}
			out = append(out, el("details.question", el("summary", inline(line[4:])), el("div", blocks(answer))))
			lines = rest
		case item(line) != "":
			tag := "ul"
			if line[0] != '-' {
				tag = "ol"
			}
			list := el(tag)
			for len(lines) > 0 && item(lines[0]) != "" && (lines[0][0] == '-') == (tag == "ul") {
				text := item(lines[0])
				lines = lines[1:]
				for len(lines) > 0 && strings.HasPrefix(lines[0], "  ") && strings.TrimSpace(lines[0]) != "" {
					text = join(text, strings.TrimSpace(lines[0]))
					lines = lines[1:]
				}
				list.Children = append(list.Children, el("li", inline(text)))
			}
			out = append(out, list)
		default:
			text := strings.TrimSpace(line)
			lines = lines[1:]
			for len(lines) > 0 && strings.TrimSpace(lines[0]) != "" && heading(lines[0]) == 0 &&
				item(lines[0]) == "" && !strings.HasPrefix(lines[0], "??? ") {
				text = join(text, strings.TrimSpace(lines[0]))
				lines = lines[1:]
			}
			out = append(out, el("p", inline(text)))
		}
	}
	return out
}

// heading is the level of a heading's line, 0 for any other.
func heading(line string) int {
	for level := 1; level <= 3; level++ {
		if strings.HasPrefix(line, strings.Repeat("#", level)+" ") {
			return level
		}
	}
	return 0
}

// item is the text of a list's line, "" for any other.
func item(line string) string {
	if rest, ok := strings.CutPrefix(line, "- "); ok {
		return rest
	}
	number, rest, ok := strings.Cut(line, ". ")
	if ok && number != "" && len(number) < 3 && strings.Trim(number, "0123456789") == "" {
		return rest
	}
	return ""
}

// join puts a wrapped line behind the one before: with a space, except between
// Chinese characters, which have none.
func join(a, b string) string {
	last, first := []rune(a), []rune(b)
	if len(last) > 0 && len(first) > 0 && last[len(last)-1] > 0x2e7f && first[0] > 0x2e7f {
		return a + b
	}
	return a + " " + b
}

// marks are the inline marks, longest first. What is inside code is taken as
// it stands.
var marks = []struct{ mark, tag string }{{"**", "strong"}, {"*", "em"}, {"`", "code"}}

func inline(text string) []*Node {
	var out []*Node
	plain := 0
	for i := 0; i < len(text); i++ {
		for _, m := range marks {
			if !strings.HasPrefix(text[i:], m.mark) {
				continue
			}
			inner := text[i+len(m.mark):]
			end := strings.Index(inner, m.mark)
			// "2 * 3" is no emphasis: a mark touches what it encloses.
			if end <= 0 || inner[0] == ' ' || inner[end-1] == ' ' {
				continue
			}
			if plain < i {
				out = append(out, &Node{Text: text[plain:i]})
			}
			if m.tag == "code" {
				out = append(out, el("code", inner[:end]))
			} else {
				out = append(out, el(m.tag, inline(inner[:end])))
			}
			plain = i + end + 2*len(m.mark)
			i = plain - 1
			break
		}
	}
	if plain < len(text) {
		out = append(out, &Node{Text: text[plain:]})
	}
	return out
}
