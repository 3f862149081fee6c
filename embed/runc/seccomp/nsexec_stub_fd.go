//go:build (!cgo || !seccomp) && !nsexec_runc_1_0 && !nsexec_runc_2019 && !nsexec_seccomp_file

package seccomp

import "github.com/opencontainers/runc/libcontainer/configs"

// InitSeccomp installs the filter of a container. It returns the fd of the listener if there is one, and else -1.
func InitSeccomp(config *configs.Seccomp) (int, error) { return load(config) }
