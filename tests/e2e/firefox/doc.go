// Package firefox drives a headless Firefox over Marionette, the protocol
// that Firefox itself offers for tests: JSON arrays over one TCP connection on
// the loopback interface, each after its length and a colon. It needs only the
// standard library.
//
// It does what the tests need, no more: one window, navigation, scripts, clicks.
package firefox
