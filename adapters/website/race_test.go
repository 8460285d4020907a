//go:build race

package website

const raceDetector = true
