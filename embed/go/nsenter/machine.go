//go:build linux && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x)

package nsenter

import "unsafe"

// initialStack points to the stack as the kernel has prepared it: argc, arguments, environment and
// auxiliary vector. nsexec_go_start sets it before the Go runtime starts.
var initialStack unsafe.Pointer

// constructed returns nsexec_constructed of embed/go/constructor.cpp: 0 if the constructor has not
// run.
func constructed() uint8

const constructedSecurely = 2 // AT_SECURE is set

func inFront() bool { return initialStack != nil || constructed() != 0 }

// isSecure reports whether this process has more privilege than its caller (AT_SECURE of getauxval(3)).
func isSecure() bool {
	if initialStack == nil {
		return constructed() == constructedSecurely
	}
	const word, atSecure = unsafe.Sizeof(uintptr(0)), 23
	at := func(index uintptr) uintptr { return *(*uintptr)(unsafe.Add(initialStack, index*word)) }
	// argc may be overwritten by now: on arm the Go runtime's start does so. So count the arguments.
	index := uintptr(1)
	for at(index) != 0 {
		index++
	}
	for index++; at(index) != 0; { // the environment
		index++
	}
	// More than one NULL may be behind the environment, because ld.so removes LD_PRELOAD and the like by
	// moving the other variables up. The first entry of the auxiliary vector never has type 0.
	for at(index) == 0 {
		index++
	}
	for ; at(index) != 0; index += 2 {
		if at(index) == atSecure {
			return at(index+1) != 0
		}
	}
	return false
}

const why = "the stub did not run before it: build it with -ldflags \"-E nsexec_go_start\" " +
	"(if the system's linker links it, the C library starts the stub; with musl this needs /proc)"
