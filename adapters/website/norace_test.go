//go:build !race

package website

const raceDetector = false
