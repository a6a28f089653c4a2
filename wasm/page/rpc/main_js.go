package main

import (
	"grapevine/wasm/labs/rpc"
	"grapevine/wasm/page"
)

func main() { page.Main(rpc.Labs) }
