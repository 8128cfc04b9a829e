package torture_test

import "syscall"

// dieWithParent has the kernel end a command when the test binary dies without
// its cleanups, as it does on a panic or a timeout.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
