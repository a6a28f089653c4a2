package main

import (
	"fmt"
	"os"

	"grapevine/wasm/engine/headless"
	"grapevine/wasm/engine/session"
	"grapevine/wasm/labs"
)

func main() {
	switch command := append(os.Args[1:], "")[0]; command {
	case "run":
		os.Exit(headless.Main(os.Args[2:], os.Stdout, os.Stderr))
	case "bridge":
		os.Exit(bridgeLab(os.Args[2:]))
	case "catalogue":
		os.Stdout.Write(session.Catalogue(labs.All))
	default:
		fmt.Fprintln(os.Stderr, "usage: engine run LAB [name=value ...] or engine bridge LAB [name=value ...]; -help after it tells more")
		os.Exit(2)
	}
}
