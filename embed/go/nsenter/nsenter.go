// Package nsenter puts nsexec-stub in front of a Go program. The stub joins and creates namespaces,
// which a container runtime's first process must do before the Go runtime has threads.
//
//	import _ "github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
//
//	go build -ldflags "-E nsexec_go_start"
//
// Go's own linker makes the stub the ELF entry point; this needs neither cgo nor a C compiler. With
// -race, with cgo, and with -linkmode=external the system's linker links the program and ignores -E.
// There the C library calls the stub, before main and before the constructors of other libraries.
//
// In a process that a parent started as a container's init (docs/protocol.md; package parent does it)
// the stub seals the binary, joins and creates the namespaces, and then starts Go in the container. In
// any other process it does nothing.
//
// By default the stub speaks the protocol of runc 1.2 and later. A build tag selects an older
// parent: nsexec_runc_1_1, nsexec_runc_1_0, nsexec_runc_2019.
//
// There is a stub for Linux on 386, amd64, arm, arm64, loong64, ppc64le, riscv64 and s390x. On other systems a program that
// imports this package builds, and Entered returns false.
//
// If a program is started as an init and has no stub in front, it exits with status 1 while its
// packages are initialised. This package only imports package syscall, so that its check runs
// early. Package parent does not start such a program at all.
package nsenter

import "syscall"

// Entered reports whether the stub ran before this program. It returns false if the program was
// linked without -ldflags "-E nsexec_go_start", and on systems and machines that have no stub.
func Entered() bool { return inFront() }

// IsInit reports whether a parent has started this process as a container's init, and the stub has
// made it one. It returns false in a program that has more privilege than its caller (set-user-ID,
// file capabilities), whatever the environment says.
func IsInit() bool {
	pipe, _ := syscall.Getenv("_LIBCONTAINER_INITPIPE")
	return pipe != "" && inFront() && !isSecure()
}
