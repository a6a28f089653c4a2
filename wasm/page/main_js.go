package main

import (
	"syscall/js"

	"grapevine/ui"
	"grapevine/wasm/engine/worker"
)

// main plays the role that the boot script or the worker script named before
// it started this file.
func main() {
	if js.Global().Get("grapevineRole").String() == "engine" {
		worker.Main()
		return
	}
	ui.Main()
}
