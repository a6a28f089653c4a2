package main

import (
	"grapevine/wasm/labs/gossip"
	"grapevine/wasm/page"
)

func main() { page.Main(gossip.Labs) }
