//go:build js

// Command rpc is the site's file for the labs about remote procedure calls:
// page-rpc.wasm. See package page.
package main
