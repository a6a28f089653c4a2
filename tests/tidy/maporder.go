package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// checkMapOrder looks for loops over maps in the deterministic rooms: Go gives
// another order each time. Collecting keys and sorting them is spelled
// slices.Sorted(maps.Keys(m)), which is no loop over a map.
//
// The types are worked out here, from the project's own source alone: packages
// of others count as empty, since the maps that matter are our own. So this
// needs neither a compiled project nor a network, and takes no time.
func checkMapOrder(t *tree) []finding {
	c := &checker{tree: t, byDir: map[string][]*goFile{}, done: map[string]*types.Package{}}
	c.info.Types = map[ast.Expr]types.TypeAndValue{}
	c.info.Uses = map[*ast.Ident]types.Object{}
	var dirs []string
	for _, f := range t.go_ {
		if f.test {
			continue
		}
		if c.byDir[f.dir] == nil {
			dirs = append(dirs, f.dir)
		}
		c.byDir[f.dir] = append(c.byDir[f.dir], f)
	}
	var found []finding
	for _, dir := range dirs {
		if !c.byDir[dir][0].isDeterministic() {
			continue
		}
		c.load(dir)
		for _, f := range c.byDir[dir] {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if loop, ok := n.(*ast.RangeStmt); ok && c.isMap(loop.X) {
					found = append(found, finding{path: f.path, line: t.line(loop),
						text: "a loop over a map: its order changes from run to run; range over slices.Sorted(maps.Keys(m)), or keep a slice beside the map"})
				}
				return true
			})
		}
	}
	return found
}

// A checker works out types, package by package as they are imported.
type checker struct {
	tree  *tree
	byDir map[string][]*goFile
	done  map[string]*types.Package
	info  types.Info
}

// isMap says whether looping over x is looping over a map: x is one, or it is
// the keys or values of one, unsorted.
func (c *checker) isMap(x ast.Expr) bool {
	if call, ok := x.(*ast.CallExpr); ok {
		name, ok := call.Fun.(*ast.SelectorExpr)
		return ok && isPackage(name.X, "maps")
	}
	typ := c.info.TypeOf(x)
	if typ == nil {
		return false
	}
	if param, ok := typ.(*types.TypeParam); ok {
		typ = param.Constraint()
	}
	_, isMap := typ.Underlying().(*types.Map)
	return isMap
}

// Import makes a checker the importer of its own packages.
func (c *checker) Import(imported string) (*types.Package, error) {
	if dir, own := strings.CutPrefix(imported, module+"/"); own && c.byDir[dir] != nil {
		return c.load(dir), nil
	}
	empty := types.NewPackage(imported, imported[strings.LastIndex(imported, "/")+1:])
	empty.MarkComplete()
	return empty, nil
}

func (c *checker) load(dir string) *types.Package {
	if pkg, ok := c.done[dir]; ok {
		return pkg
	}
	c.done[dir] = types.NewPackage(module+"/"+dir, "") // an import cycle ends here
	var files []*ast.File
	for _, f := range c.byDir[dir] {
		files = append(files, f.ast)
	}
	config := types.Config{
		Importer:                 c,
		Error:                    func(error) {}, // whatever other people's packages would have given
		DisableUnusedImportCheck: true,
	}
	pkg, _ := config.Check(module+"/"+dir, c.fset(), files, &c.info)
	c.done[dir] = pkg
	return pkg
}

func (c *checker) fset() *token.FileSet { return c.tree.fset }
