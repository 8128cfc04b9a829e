//go:build race

package clitest_test

// raceDetector is in the commands where it is in the tests.
const raceDetector = true
