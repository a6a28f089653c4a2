package tidy

import (
	"fmt"
	"go/build/constraint"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxLines is the most lines a file may have, by extension.
var maxLines = map[string]int{".go": 500, ".js": 300, ".mjs": 300, ".sh": 500}

func checkSizes(t *tree) []finding {
	var found []finding
	for _, name := range t.paths {
		limit := maxLines[path.Ext(name)]
		if lines := strings.Count(t.text[name], "\n"); limit > 0 && lines > limit {
			found = append(found, finding{path: name, text: fmt.Sprintf(
				"%d lines, expected at most %d: a file is one concept; find the second one in it and give it a file of its own", lines, limit)})
		}
	}
	return found
}

// checkPackageDocs wants a doc.go in each package, that says what it is.
func checkPackageDocs(t *tree) []finding {
	type pack struct{ name, doc string }
	packs := map[string]*pack{}
	var dirs []string
	for _, f := range t.go_ {
		if packs[f.dir] == nil {
			packs[f.dir] = &pack{}
			dirs = append(dirs, f.dir)
		}
		p := packs[f.dir]
		p.name = strings.TrimSuffix(f.ast.Name.Name, "_test")
		if path.Base(f.path) == "doc.go" && f.ast.Doc != nil {
			p.doc = f.ast.Doc.Text()
		}
	}
	var found []finding
	for _, dir := range dirs {
		want := "Package " + packs[dir].name
		if packs[dir].name == "main" {
			want = "Command " + path.Base(dir)
		}
		if !strings.HasPrefix(packs[dir].doc, want+" ") {
			found = append(found, finding{path: dir + "/doc.go", text: fmt.Sprintf(
				"expected a package comment that begins with %q: what the package is for, the duties of its caller, and what it leaves out", want)})
		}
	}
	return found
}

// checkDeadFiles looks for Go files that no build takes up, Go packages that
// nobody imports, and JavaScript that nobody loads.
func checkDeadFiles(t *tree) []finding {
	var found []finding
	imported := map[string]bool{}
	for _, f := range t.go_ {
		for _, spec := range f.imports() {
			imported[strings.TrimPrefix(importPath(spec), module+"/")] = true
		}
	}
	dead := map[string]bool{}
	maps := map[string]bool{} // packages of a doc.go alone, which tells of the packages below
	for _, f := range t.go_ {
		if _, other := maps[f.dir]; !other {
			maps[f.dir] = true
		}
		if path.Base(f.path) != "doc.go" {
			maps[f.dir] = false
		}
	}
	for _, f := range t.go_ {
		if maps[f.dir] && slices.ContainsFunc(t.go_, func(g *goFile) bool { return g.dir != f.dir && within(g.dir, f.dir) }) {
			continue
		}
		if !isBuilt(f, "linux", "amd64") && !isBuilt(f, "js", "wasm") && !isBuilt(f, "linux", "amd64", debugTags...) {
			found = append(found, finding{path: f.path,
				text: "neither the native build nor the one for the browser takes this file up; correct its name or its //go:build line, or delete it"})
		}
		if name := f.ast.Name.Name; !f.test && name != "main" && !imported[f.dir] && !dead[f.dir] && !within(f.dir, "tests") {
			dead[f.dir] = true
			found = append(found, finding{path: f.path, text: fmt.Sprintf(
				"nobody imports package %s; use it or delete it", f.dir)})
		}
	}
	for _, name := range t.paths {
		if within(path.Dir(name), "public") && path.Ext(name) == ".js" && !strings.HasSuffix(name, ".test.js") && !t.isLoaded(name) {
			found = append(found, finding{path: name,
				text: "no page and no other module loads this script; load it or delete it"})
		}
	}
	return found
}

// debugTags are the build tags of our own debug builds.
var debugTags = []string{"simdebug"}

// isBuilt says whether a build for the system and architecture, with the tags,
// takes f up, going by its name and its //go:build line.
func isBuilt(f *goFile, system, arch string, tags ...string) bool {
	parts := strings.Split(strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test"), "_")
	for _, part := range parts[1:] {
		if slices.Contains([]string{"js", "linux", "darwin", "windows"}, part) && part != system ||
			slices.Contains([]string{"wasm", "amd64", "arm64"}, part) && part != arch {
			return false
		}
	}
	for _, group := range f.ast.Comments {
		for _, comment := range group.List {
			if comment.Pos() > f.ast.Package || !constraint.IsGoBuild(comment.Text) {
				continue
			}
			expr, err := constraint.Parse(comment.Text)
			ok := err == nil && expr.Eval(func(tag string) bool {
				return tag == system || tag == arch || tag == "unix" && system == "linux" || slices.Contains(tags, tag)
			})
			if !ok {
				return false
			}
		}
	}
	return true
}

var quotedScript = regexp.MustCompile("[\"'`]([^\"'`\\s]+\\.js)[\"'`?]")

// isLoaded says whether a page or another script names the script.
func (t *tree) isLoaded(script string) bool {
	for _, name := range t.paths {
		if name == script || !slices.Contains([]string{".html", ".js", ".mjs"}, path.Ext(name)) || strings.HasSuffix(name, ".test.js") {
			continue
		}
		for _, match := range quotedScript.FindAllStringSubmatch(t.text[name], -1) {
			if path.Join(path.Dir(name), match[1]) == script || path.Join("public", match[1]) == script {
				return true
			}
		}
	}
	return false
}
