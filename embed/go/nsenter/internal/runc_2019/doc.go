// Package runc_2019 brings the constructor for parents before runc 1.0.0-rc94, which starts the stub in programs that the
// system's linker has linked. It is an object file, constructor_linux_GOARCH.syso, and no Go code.
package runc_2019
