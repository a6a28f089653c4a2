// Package session is the engine behind one page: it takes Commands, plays one
// run, and answers with Frames. It knows no platform: whoever owns the thread
// hands it commands, calls Slice again and again, and delivers the messages it sends.
//
// # One message's journey
//
// The page asks for Play. Command notes the real time and the virtual time as
// they belong together. Each Slice works out how far the virtual clock should
// be by now, advances the play for at most a few milliseconds, and then sends
// a Picture when one is due. If the machine is too slow for the speed asked
// for, the clock simply falls behind: no event is skipped to keep up.
//
// Real time decides only how far a slice goes, never what happens in it.
package session
