//go:build js

// Command queue is the site's file for the labs about message queues:
// page-queue.wasm. See package page.
package main
