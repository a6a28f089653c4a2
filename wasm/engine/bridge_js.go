package main

import (
	"fmt"
	"os"
)

// bridgeLab has no sockets to listen on here.
func bridgeLab([]string) int {
	fmt.Fprintln(os.Stderr, "bridge: only the native engine can listen: use ./build.sh bridge")
	return 2
}
