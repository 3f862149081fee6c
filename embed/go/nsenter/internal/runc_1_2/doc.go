// Package runc_1_2 has the constructor for runc 1.2 and later, which starts the stub in programs
// that the system's linker links. It is an object file, constructor_linux_GOARCH.syso, without Go
// code.
package runc_1_2
