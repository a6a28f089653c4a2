// Package live listens to, and takes part in, the talk between a page and its
// engine, so that tests can play a run in a browser and read its exact state.
//
// It works in any browser that can evaluate a script: the page's messages are
// copied as they arrive and decoded here, by the package that wrote them.
package live
