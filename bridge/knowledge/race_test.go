//go:build race

package knowledge

// slow is how much slower the race detector makes everything.
const slow = 20
