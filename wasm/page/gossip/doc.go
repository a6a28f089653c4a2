//go:build js

// Command gossip is the site's file for the labs about multicast and gossip:
// page-gossip.wasm. See package page.
package main
