// Package workbench is the web view for the team: what is better looked at than typed.
//
// It is served under /workbench/ and rendered here; every page works without JavaScript. htmx swaps pages without loading
// them anew, and an event stream tells an open page that what it shows has changed (live.go).
//
//	workbench.go   what it is made of, and its addresses
//	visit.go       a request by somebody who is signed in, and how pages and forms answer it
//	session.go     who is signed in, by a cookie
//	signin.go      the pages that lead in and out
//	provider.go    in with an account on a platform
//	guard.go       headers, origins, rates
//	static.go      style sheets and scripts
//	live.go        tells open pages that something has changed
//	nav.go         the pages that all pages lead to
//	answer.go      what a word of the table asks for, or offers, on any page
//	told.go        what a form came to, for the next page
//	layout.templ   what every page has around it
//
// Every other file is one page, beside the .templ file of its look. What a page reads it declares as a small interface
// that the store satisfies; what it changes goes through the Desk by the same table of commands as in Slack and Discord,
// with bridge.Workbench as the endpoint.
//
// Pages are templ's, not html/template's: that looks methods up by name at run time, which keeps the linker from dropping
// any method of any type, a fifth of the whole program.
package workbench

//go:generate go tool -modfile=../tools/go.mod templ generate
