package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
)

// deterministic are the rooms in which equal input must give equal output, bit
// for bit, on every machine.
var deterministic = []string{"protocols", "wasm/sim", "wasm/lab", "wasm/labs"}

func (f *goFile) isDeterministic() bool {
	return slices.ContainsFunc(deterministic, func(room string) bool { return within(f.dir, room) })
}

// displayFiles are the names of files (or the last part of one, after "_") that
// work out numbers for people to look at, after the fact. Only they may use floats.
var displayFiles = []string{"display", "metrics", "series", "theory"}

func (f *goFile) isForDisplay() bool {
	name := strings.TrimSuffix(path.Base(f.path), ".go")
	return slices.Contains(displayFiles, name[strings.LastIndex(name, "_")+1:])
}

// clock are the functions of package time that look at the wall clock or wait.
var clock = []string{
	"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker",
}

// checkDeterminism looks for what makes two equal runs differ. A test may use
// floats and goroutines, but not the clock: one that does fails on a slow day.
func checkDeterminism(t *tree) []finding {
	var found []finding
	for _, f := range t.go_ {
		if !f.isDeterministic() {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if text := whyNotDeterministic(f, n); text != "" {
				found = append(found, finding{path: f.path, line: t.line(n), text: text})
			}
			return true
		})
	}
	return found
}

func whyNotDeterministic(f *goFile, n ast.Node) string {
	if call, ok := n.(*ast.SelectorExpr); ok && isPackage(call.X, "time") && slices.Contains(clock, call.Sel.Name) {
		return fmt.Sprintf("time.%s looks at the wall clock; take the virtual time, int64 microseconds, as an argument", call.Sel.Name)
	}
	if f.test {
		return ""
	}
	const scheduler = "the scheduler decides what comes first, so runs differ; say it as an event of the simulator"
	switch n.(type) {
	case *ast.GoStmt:
		return "a go statement: " + scheduler
	case *ast.SelectStmt:
		return "a select statement: " + scheduler
	case *ast.SendStmt:
		return "a channel send: " + scheduler
	case *ast.ChanType:
		return "a channel: " + scheduler
	}
	if f.isForDisplay() {
		return ""
	}
	const floats = "floats differ between machines in their last bits; decide with integers (a ratio as parts per million, a table for logarithms), " +
		"or, if it is for people to look at, put it into a file named *display.go, *metrics.go, *series.go or *theory.go"
	switch n := n.(type) {
	case *ast.Ident:
		if n.Name == "float64" || n.Name == "float32" {
			return n.Name + ": " + floats
		}
	case *ast.BasicLit:
		if n.Kind == token.FLOAT || n.Kind == token.IMAG {
			return n.Value + ": " + floats
		}
	case *ast.SelectorExpr:
		if isPackage(n.X, "math") && !strings.HasPrefix(n.Sel.Name, "Max") && !strings.HasPrefix(n.Sel.Name, "Min") {
			return "math." + n.Sel.Name + ": " + floats
		}
	}
	return ""
}

func isPackage(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}
