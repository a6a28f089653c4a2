// Package e2e tests the built site as its visitors use it: in a real browser,
// by mouse and by keyboard, from the address bar and from inside other pages.
package e2e
