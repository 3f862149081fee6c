//go:build linux && (amd64 || arm64 || ppc64le || s390x) && nsexec_runc_1_0

package nsenter

const dialect = 2
