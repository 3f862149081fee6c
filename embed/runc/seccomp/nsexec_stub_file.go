//go:build (!cgo || !seccomp) && nsexec_seccomp_file

package seccomp

import (
	"os"

	"github.com/opencontainers/runc/libcontainer/configs"
)

// InitSeccomp installs the filter of a container. It returns the listener if there is one.
func InitSeccomp(config *configs.Seccomp) (*os.File, error) {
	listener, err := load(config)
	if listener < 0 {
		return nil, err
	}
	return os.NewFile(uintptr(listener), "[seccomp notify fd]"), nil
}
