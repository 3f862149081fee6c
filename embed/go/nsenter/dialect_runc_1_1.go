//go:build linux && (amd64 || arm64 || ppc64le || s390x) && nsexec_runc_1_1

package nsenter

const dialect = 1
