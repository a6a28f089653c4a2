//go:build js

// Package page is the program in the tab. It has two roles, named by the
// global grapevineRole that the scripts set before they start it: "page", the
// Go side of the page (package ui), and "engine", the simulator in its worker
// (package worker). One file, because the two share most of what they are made
// of, and a visitor downloads it once.
//
// There is such a file for each family of labs, from the commands below this
// folder: a few lines that pass the family's labs, so that nobody downloads
// protocols that the lab at hand does not speak. The page's role is the same
// in all of them; the engine's plays only the labs it was given.
package page
