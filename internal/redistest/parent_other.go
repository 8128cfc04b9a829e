//go:build !linux

package redistest

import "syscall"

// dieWithParent does nothing where the kernel cannot do it: a test binary that
// dies without its cleanups leaves its redis-server behind.
func dieWithParent() *syscall.SysProcAttr { return nil }
