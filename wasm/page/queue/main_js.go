package main

import (
	"grapevine/wasm/labs/queue"
	"grapevine/wasm/page"
)

func main() { page.Main(queue.Labs) }
