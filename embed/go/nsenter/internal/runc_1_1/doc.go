// Package runc_1_1 brings the constructor for runc 1.1, which starts the stub in programs that the
// system's linker has linked. It is an object file, constructor_linux_GOARCH.syso, and no Go code.
package runc_1_1
