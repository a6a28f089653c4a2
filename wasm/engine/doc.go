// Command engine plays labs without a page: natively, or built for js/wasm,
// under Node.
//
//	engine run LAB [name=value ...] [flags]
//	engine bridge LAB [name=value ...] [flags]     natively only
//	engine catalogue      the Hello frame of all labs, for the site
//
// ./build.sh run and bridge build and call it; -help tells their flags. In the tab
// the same session runs in the worker's role of a program in wasm/page instead,
// so that a visitor downloads one wasm file and not two.
//
// default.pgo is a profile of the labs that the compiler reads to decide what
// to inline, here and in wasm/page: a fifth less time in the browser.
// BenchmarkLabs in wasm/labs says how to make it anew.
package main
