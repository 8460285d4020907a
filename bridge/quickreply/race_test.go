//go:build race

package quickreply

const raceDetector = true
