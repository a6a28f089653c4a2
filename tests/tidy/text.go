package tidy

import (
	"fmt"
	"go/format"
	"path"
	"regexp"
	"slices"
	"strings"
)

// machineNames match what is true on one machine only. (They are put together
// from parts so that this file passes its own test.)
var machineNames = []struct {
	pattern *regexp.Regexp
	advice  string
}{
	{regexp.MustCompile(`(^|[\s"'=(` + "`" + `])/(work|tmp|root|home|Users)/[\w.-]+`),
		"a path of one machine; make it relative to the project, or ask for a temporary folder"},
	{regexp.MustCompile(`registry\.` + `npm|proxy\.` + `golang|deb\.` + `debian|"resolved": ` + `"http`),
		"a registry's host; the project names packages and versions, each machine knows where it gets them " +
			"(for package-lock.json: npm install --omit-lockfile-registry-resolved)"},
}

func checkMachineNames(t *tree) []finding {
	return t.eachLine(func(name, line string) string {
		for _, m := range machineNames {
			if got := m.pattern.FindString(line); got != "" {
				return fmt.Sprintf("%q is %s", strings.TrimSpace(got), m.advice)
			}
		}
		return ""
	})
}

var markdownLink = regexp.MustCompile(`\]\(([^)#:]+)\)`)

// checkLinks wants every file that a document leads to, or shows, to be there.
func checkLinks(t *tree) []finding {
	return t.eachLine(func(name, line string) string {
		if path.Ext(name) != ".md" {
			return ""
		}
		for _, link := range markdownLink.FindAllStringSubmatch(line, -1) {
			target := path.Join(path.Dir(name), link[1])
			if _, found := t.text[target]; !found && !slices.Contains(t.other, target) {
				return fmt.Sprintf("%q is not there; mend the link, or add the file", target)
			}
		}
		return ""
	})
}

// checkFormat wants gofmt's layout, no spaces at a line's end, and a newline at
// the end of each file.
func checkFormat(t *tree) []finding {
	found := t.eachLine(func(name, line string) string {
		if strings.TrimRight(line, " \t\r") != line {
			return "spaces at the end of the line; delete them"
		}
		return ""
	})
	for _, name := range t.paths {
		text := t.text[name]
		if text != "" && !strings.HasSuffix(text, "\n") {
			found = append(found, finding{path: name, text: "the last line does not end; add a newline"})
		}
		if path.Ext(name) != ".go" {
			continue
		}
		if formatted, err := format.Source([]byte(text)); err == nil && string(formatted) != text {
			found = append(found, finding{path: name, text: "not laid out as gofmt does; run gofmt -w " + name})
		}
	}
	return found
}

var (
	leftover = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	emoji    = regexp.MustCompile(`[\x{1F300}-\x{1FAFF}\x{FE0F}]`)
)

// checkLeftovers looks for notes to oneself and for emoji.
func checkLeftovers(t *tree) []finding {
	return t.eachLine(func(name, line string) string {
		if got := leftover.FindString(line); got != "" {
			return got + ": do it now, or open an issue and say in the comment what is left out and why"
		}
		if got := emoji.FindString(line); got != "" {
			return fmt.Sprintf("%q: no emoji; a word says it to every reader, on every system", got)
		}
		return ""
	})
}

// eachLine asks judge about every line of every file; it returns what is
// wrong with the line, "" when nothing is.
func (t *tree) eachLine(judge func(name, line string) string) []finding {
	var found []finding
	for _, name := range t.paths {
		number := 0
		for line := range strings.SplitSeq(t.text[name], "\n") {
			number++
			if text := judge(name, line); text != "" {
				found = append(found, finding{path: name, line: number, text: text})
			}
		}
	}
	return found
}
