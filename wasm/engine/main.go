package main

import (
	"fmt"
	"os"

	"grapevine/wasm/engine/headless"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "run" {
		fmt.Fprintln(os.Stderr, "usage: engine run LAB [name=value ...]; engine run -help tells more")
		os.Exit(2)
	}
	os.Exit(headless.Main(os.Args[2:], os.Stdout, os.Stderr))
}
