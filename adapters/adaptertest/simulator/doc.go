// Package simulator is what the simulated platforms share; it knows none of them.
//
//	lock     the lock of a simulator's state, and who awaits a condition of it
//	faults   the rules by which things go wrong: how long each stands, how often it was met
//	server   answering, waiting, and closing a connection without an answer
package simulator
