//go:build !js

package main

import (
	"os"

	"grapevine/wasm/engine/bridge"
)

func bridgeLab(args []string) int { return bridge.Main(args, os.Stdout, os.Stderr) }
