package clitest_test

import (
	"os"
	ossignal "os/signal"
	"syscall"
)

// A process that is started where SIGHUP is ignored, as under nohup, ignores it
// too, and so would the programs of the scripts. What this one takes they do not
// inherit.
func init() { //nolint:gochecknoinits // Before anything starts a process.
	ossignal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
}
