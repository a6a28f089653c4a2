//go:build js

// Command page is the site's one WebAssembly file. It has two roles, named by
// the global grapevineRole that the scripts set before they start it: "page",
// the Go side of the page (package ui), and "engine", the simulator in its
// worker (package worker). One file, because the two share most of what they
// are made of, and a visitor downloads it once.
package main
