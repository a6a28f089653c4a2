// Package digests holds the runs that must come out alike everywhere.
//
// The promise is that equal runs give equal digests natively, in Node, in
// Chromium and in Firefox. Here the engine, built natively and for WebAssembly,
// plays each run of the table and its twin; tests/e2e plays the same table in
// the two browsers. A run is a link: one spelling for all four.
package digests
