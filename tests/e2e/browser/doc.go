// Package browser lets Go drive the built site in a real browser.
//
//	site := browser.Serve(t)                 // the edge program over build/site
//	chromium := browser.Start(t)
//	tab := chromium.Open(site + "#gossip/rumor?n=20")
//	tab.Wait(`document.querySelector("canvas")`)
//	tab.Click("#play")
//
// Everything fails through the T it was given: a *testing.T, or a Program,
// which prints and ends. So callers check no errors, and a step that does not
// succeed says what it waited for and what the page shows instead.
//
// Each tab is a visitor of its own, with nothing stored. What goes wrong in it
// unasked (an error on the console, an exception, a request to another host)
// fails the test when the tab closes: see Tab.Problems.
//
// ./build.sh makes what is driven here, and then runs the tests.
package browser
