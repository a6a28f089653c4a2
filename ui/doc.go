// Package ui is the page: what it shows, what it decides, and how both get
// into the document.
//
// The page is a Model, a message that something happened, and one function:
//
//	model, effects = Update(model, msg)
//
// A message is a frame of the engine or a deed of the visitor. An effect is
// anything outside of the model: a command to the engine, an entry in the
// browser's history, a text to copy, a message to come back later. Views are
// functions from the model to trees of Nodes. All of this is plain Go and is
// tested without a browser.
//
// Only the files that end in _js.go touch the browser: dom_js.go makes the
// document equal to the views' trees and main_js.go carries effects out.
//
// One message's journey: the visitor types "3" into the fan-out's field. The
// listener at the region's root finds the field's handler, which makes
// TypeParam{"fanout", "3"}. Update keeps it as a draft and asks for Settled
// after a moment; Settled finds the draft sound and sends Open. The engine
// answers Opened; Update takes the run in and pushes its link into the
// history; the views show it, and the field keeps focus and cursor, because
// nothing of it has changed.
//
// The rules for whoever adds to it:
//
//  1. Every text stands in words.go, in both languages.
//  2. A view computes; it keeps nothing and asks the browser nothing.
//  3. The address follows the engine: only a Link that the engine gave goes
//     into the history (see address.go).
//  4. What an engine or a link says is shown as text or checked before it
//     becomes anything else (a class, a percentage, a range of bytes).
package ui
