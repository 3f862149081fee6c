// Package runc_1_2 brings the constructor for runc 1.2 and later, which starts the stub in programs that the
// system's linker has linked. It is an object file, constructor_linux_GOARCH.syso, and no Go code.
package runc_1_2
