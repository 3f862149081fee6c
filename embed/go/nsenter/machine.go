//go:build linux && (amd64 || arm64 || ppc64le || s390x)

package nsenter

// entered is set by nsexec_go_start before the Go runtime exists.
var entered uint8

// constructed returns nsexec_constructed, which the constructor in embed/go/constructor.cpp sets.
func constructed() uint8

func inFront() bool { return entered != 0 || constructed() != 0 }

const why = "the stub did not run before it: build it with -ldflags \"-E nsexec_go_start\" " +
	"(where the system's linker links it, the C library starts the stub; musl needs /proc for that)"
