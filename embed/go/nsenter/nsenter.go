//go:build linux && (amd64 || arm64 || ppc64le || s390x)

// Package nsenter puts nsexec-stub in front of a Go program: what a container runtime's first process
// must do before the Go runtime has threads. No cgo, no C compiler:
//
//	import _ "nsexec-stub/nsenter"
//
//	CGO_ENABLED=0 go build -ldflags "-E nsexec_go_start"
//
// The stub takes the ELF entry point. In a process that was started to be a container's init (see
// docs/protocol.md; package parent does it) it seals the binary, joins and creates the namespaces, and
// then starts Go in the container. In any other process it does nothing at all.
//
// What it does by default for runc 1.2 and later it does for older parents with a build tag:
// nsexec_runc_1_1, nsexec_runc_1_0, nsexec_runc_2019.
package nsenter

import "os"

// entered is set by nsexec_go_start before the runtime exists.
var entered uint8

// Entered tells whether the stub is in front of this program, that is, whether it was linked with
// -ldflags "-E nsexec_go_start".
func Entered() bool { return entered != 0 }

func init() {
	if os.Getenv("_LIBCONTAINER_INITPIPE") != "" && !Entered() {
		os.Stderr.WriteString("nsenter: this program was started as a container's init, but linked " +
			"without the stub's entry point: build it with -ldflags \"-E nsexec_go_start\"\n")
		os.Exit(1)
	}
}
