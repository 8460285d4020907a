// Package intake is what adapters share of taking in what happens on a platform; it knows none of them.
//
//	dispatch   each thread in its own order, threads beside each other, and nothing overtakes what cannot be stored
//	limiter    what need not be done so often
//	panic      what one event does wrong harms no other
//	oauth      who has signed in at the platform
//	pause      waiting, but no longer than one is needed
//	reports    how the endpoint does, in order, without making a connection wait
package intake
