package tidy

import (
	"fmt"
	"slices"
	"strings"
)

const module = "grapevine"

const (
	cborLib      = "github.com/fxamacker/cbor/v2"
	domLib       = "honnef.co/go/js/dom/v2"
	protowireLib = "google.golang.org/protobuf/encoding/protowire"
)

// A room says what the packages at and below dir may import directly. The
// first row that fits a package counts. Of our own packages and of other
// people's only those listed are allowed ("X/*" stands for everything below
// X); of the standard library everything but noStd.
type room struct {
	dir   string
	alone bool // dir itself, not what is below
	may   []string
	noStd []string
}

// What a room must not know: the world outside; a pure one not even the words
// for time, which it counts in int64 microseconds.
var (
	world = []string{"net", "os", "sync", "math/rand", "syscall"}
	pure  = append([]string{"time"}, world...)
	// Below a banned package, but only text.
	harmless = []string{"net/url"}
)

// rooms is the design's table of who may import whom.
var rooms = []room{
	{dir: "protocols/field", alone: true, noStd: pure},
	{dir: "protocols/field", may: []string{"protocols/field"}, noStd: pure},
	// Not a protocol: how those that speak CBOR write it.
	{dir: "protocols/strictcbor", may: []string{cborLib}, noStd: pure},
	{dir: "protocols/cborhead", noStd: pure},
	{dir: "protocols/prototest", may: []string{"protocols/field"}, noStd: world},
	{dir: "protocols/rpc/pipeline", may: []string{"protocols/rpc"}, noStd: pure}, // its messages are those of protocols/rpc
	{dir: "protocols/rpc", may: []string{"protocols/field", "protocols/field/shape", "protocols/strictcbor", "protocols/cborhead", "protocols/http2", "protocols/rpc", "protocols/rpc/*", cborLib, protowireLib}, noStd: pure},
	{dir: "protocols/grpc", may: []string{"protocols/field", "protocols/http2", "protocols/grpc", "protocols/grpc/*", protowireLib}, noStd: pure},
	{dir: "protocols/dubbo", may: []string{"protocols/field", "protocols/http2", "github.com/apache/dubbo-go-hessian2"}, noStd: pure},
	{dir: "protocols/http2", may: []string{"protocols/field", "golang.org/x/net/http2/hpack"}, noStd: pure},
	{dir: "protocols/kafka", may: []string{"protocols/field", "protocols/field/shape", "protocols/kafka", "protocols/kafka/*", "github.com/twmb/franz-go/pkg/kmsg", "github.com/twmb/franz-go/pkg/kerr", "github.com/klauspost/compress/*", "github.com/pierrec/lz4/v4"}, noStd: pure},
	{dir: "protocols/gossip", may: []string{"protocols/field", "protocols/field/shape", "protocols/strictcbor", "protocols/cborhead"}, noStd: pure},
	{dir: "protocols", may: []string{"protocols/field"}, noStd: pure},

	{dir: "wasm/sim", noStd: world},
	{dir: "wasm/lab", may: []string{"wasm/sim", "protocols/field"}, noStd: world},
	{dir: "wasm/labs", alone: true, may: []string{"wasm/lab", "wasm/sim", "wasm/labs/*"}, noStd: world},
	{dir: "wasm/labs", may: []string{"wasm/lab", "wasm/sim", "protocols/*"}, noStd: world},
	{dir: "wasm/api/smallcbor", may: []string{"protocols/cborhead"}, noStd: world},
	{dir: "wasm/api", may: []string{"protocols/field", "protocols/cborhead", "wasm/api/smallcbor"}, noStd: world},
	{dir: "wasm/engine/session", may: []string{"wasm/api", "wasm/lab", "wasm/labs", "wasm/sim", "protocols/field"}},
	{dir: "wasm/engine/line", may: []string{"wasm/api", "wasm/lab", "wasm/sim"}},
	{dir: "wasm/engine/headless", may: []string{"wasm/api", "wasm/lab", "wasm/labs", "wasm/sim", "wasm/engine/line", "wasm/engine/pcap", "wasm/engine/session"}},
	{dir: "wasm/engine/pcap", may: []string{"wasm/sim"}},
	{dir: "wasm/engine/bridge", may: []string{"wasm/api", "wasm/lab", "wasm/labs", "wasm/sim", "wasm/engine/line"}},
	{dir: "wasm/engine/worker", may: []string{"wasm/engine/session", "wasm/lab", "wasm/labs", "wasm/api"}},
	{dir: "wasm/engine", may: []string{"wasm/api", "wasm/lab", "wasm/labs", "wasm/sim", "wasm/engine/*"}},
	{dir: "wasm/page", alone: true, may: []string{"ui", "wasm/engine/worker", "wasm/lab"}},
	{dir: "wasm/page", may: []string{"wasm/page", "wasm/labs/*"}},
	{dir: "wasm/edge", may: []string{"wasm/api", "wasm/lab", "wasm/labs", "github.com/syumai/workers/*"}},
	{dir: "ui", may: []string{"ui/*", "wasm/api", "protocols/field", domLib}},
}

// Tests may also use the helpers made for them, the library that our own CBOR
// is compared with, and all of the standard library.
var testHelpers = []string{"protocols/prototest", "protocols/field", cborLib}

func checkImports(t *tree) []finding {
	var found []finding
	for _, f := range t.go_ {
		if within(f.dir, "tests") {
			continue // what crosses rooms lives there
		}
		i := slices.IndexFunc(rooms, func(r room) bool { return f.dir == r.dir || !r.alone && within(f.dir, r.dir) })
		if i < 0 {
			found = append(found, finding{path: f.path, text: fmt.Sprintf(
				"package %s is in no room of the design; move it into one, or add its room to tests/tidy/imports.go and ARCHITECTURE.md", f.dir)})
			continue
		}
		for _, spec := range f.imports() {
			if text := rooms[i].judge(f, importPath(spec)); text != "" {
				found = append(found, finding{path: f.path, line: t.line(spec), text: text})
			}
		}
	}
	return found
}

// judge returns what is wrong with an import, "" when nothing is.
func (r room) judge(f *goFile, imported string) string {
	own, isOwn := strings.CutPrefix(imported, module+"/")
	switch {
	case isOwn && own == f.dir: // an external test of its own package
		return ""
	case isOwn || strings.Contains(strings.Split(imported, "/")[0], "."):
		if r.allows(own) || f.test && slices.Contains(testHelpers, own) {
			return ""
		}
		return fmt.Sprintf("%s may not import %s; it may import %s. Move the code to a room that may, or pass what it needs as an argument",
			r.dir, own, orNothing(r.may))
	case !f.test && !slices.Contains(harmless, imported) && slices.ContainsFunc(r.noStd, func(banned string) bool { return within(imported, banned) }):
		return fmt.Sprintf("%s may not import %q: what comes from the machine (time, luck, files, network) is passed in as an argument, so that every run can be repeated",
			r.dir, imported)
	}
	return ""
}

func (r room) allows(imported string) bool {
	return slices.ContainsFunc(r.may, func(pattern string) bool {
		if parent, ok := strings.CutSuffix(pattern, "/*"); ok {
			return imported != parent && within(imported, parent)
		}
		return imported == pattern
	})
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing but the standard library"
	}
	return strings.Join(list, ", ")
}
