// Package headless is the engine without a page: `./build.sh run`. It plays a
// lab for one seed or many, as fast as it goes, and prints what came of it
// for people or as JSON.
//
// It behaves alike natively and as WebAssembly under Node: that the digests
// agree there is one of the tests.
package headless
