package queue

import "grapevine/wasm/lab"

// talk says how the bytes of a connection are dissected.
func (w *cluster) talk(t lab.Talk) lab.Dissect { return nil }
