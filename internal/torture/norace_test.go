//go:build !race

package torture_test

// raceDetector is in the commands where it is in the tests.
const raceDetector = false
