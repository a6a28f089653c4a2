package tidy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A tree is the project's text files by slash-separated path.
type tree struct {
	text  map[string]string
	paths []string // sorted
	other []string // the files that are no text: pictures
	go_   []*goFile
	fset  *token.FileSet
}

// A goFile is one parsed Go file.
type goFile struct {
	path string
	dir  string // its package: the path without the file, "." for the root
	test bool   // its name ends with _test.go
	ast  *ast.File
}

// skipDirs hold what is made, fetched, or meant to be wrong.
var skipDirs = []string{".git", "build", "node_modules", "testdata"}

// textFiles are the kinds of file that the rules read.
var textFiles = []string{
	".go", ".mod", ".js", ".mjs", ".ts", ".json", ".html", ".css", ".md", ".sh", ".txt", ".yml",
}

// readTree reads the project at root.
func readTree(root string) (*tree, error) {
	text := map[string]string{}
	var other []string
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(skipDirs, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if slices.Contains(textFiles, path.Ext(name)) || strings.HasPrefix(name, ".ci/") {
			body, err := os.ReadFile(file)
			text[name] = string(body)
			return err
		}
		other = append(other, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := newTree(text)
	t.other = other
	return t, nil
}

// newTree parses the Go files; one that does not parse is left to the compiler.
func newTree(text map[string]string) *tree {
	t := &tree{text: text, fset: token.NewFileSet()}
	for name := range text {
		t.paths = append(t.paths, name)
	}
	slices.Sort(t.paths)
	for _, name := range t.paths {
		if path.Ext(name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(t.fset, name, text[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		t.go_ = append(t.go_, &goFile{
			path: name,
			dir:  path.Dir(name),
			test: strings.HasSuffix(name, "_test.go"),
			ast:  file,
		})
	}
	return t
}

// line is the line on which a syntax node begins.
func (t *tree) line(n ast.Node) int { return t.fset.Position(n.Pos()).Line }

// imports are the paths that a file imports.
func (f *goFile) imports() []*ast.ImportSpec { return f.ast.Imports }

func importPath(spec *ast.ImportSpec) string { return strings.Trim(spec.Path.Value, "`\"") }

// within says whether dir is room or lies below it.
func within(dir, room string) bool {
	return dir == room || strings.HasPrefix(dir, room+"/")
}
