//go:build race

package main

// slowdown is what the race detector costs at most.
const slowdown = 10
