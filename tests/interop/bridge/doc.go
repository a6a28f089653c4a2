// Package bridge lets stock programs talk to labs through the bridge: to the
// virtual servers of a lab, in real time, over TCP. It needs no other package's
// tests: what those try against our machine on a socket is tried here against
// the same machine in the virtual network.
package bridge
