//go:build unix

package main

import "syscall"

// shutToOthers has what the process makes be of mode 0660 at most, until it is called back.
func shutToOthers() (back func()) {
	before := syscall.Umask(0o117)
	return func() { syscall.Umask(before) }
}
