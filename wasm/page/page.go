//go:build js

package page

import (
	"syscall/js"

	"grapevine/ui"
	"grapevine/wasm/engine/worker"
	"grapevine/wasm/lab"
)

// Main plays the role that the boot script or the worker script named before
// it started this file. It does not return.
func Main(labs []*lab.Lab) {
	if js.Global().Get("grapevineRole").String() == "engine" {
		worker.Main(labs)
		return
	}
	ui.Main()
}
