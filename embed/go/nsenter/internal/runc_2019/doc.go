// Package runc_2019 has the constructor for parents before runc 1.0.0-rc94, which starts the stub
// in programs that the system's linker links. It is an object file, constructor_linux_GOARCH.syso,
// without Go code.
package runc_2019
