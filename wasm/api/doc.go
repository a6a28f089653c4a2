// Package api is the conversation between the page and the engine.
//
// The page sends Commands, the engine answers with Frames; both are CBOR maps
// (RFC 8949), one message each, over postMessage in the tab. Neither side
// shares anything else: the page never sees the simulator, the engine never
// sees the DOM.
//
// There are two kinds of frame. The small ones (Hello, Opened, Status,
// Inspection, Problem) are decoded by the page's Go side. The bulk ones
// (Scene, Picture, Series, Sequence; Cards, which has no columns) are read by the
// canvas renderer, so their columns are RFC
// 8746 typed arrays, little endian, each aligned to its element size within
// the message: JavaScript views them without a copy. File columns.go
// writes them.
//
// A Run, which is the whole truth about one execution, travels inside
// Commands, and as a link in the address bar: see Run and ParseLink.
package api
