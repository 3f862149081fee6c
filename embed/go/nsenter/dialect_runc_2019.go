//go:build linux && (amd64 || arm64 || ppc64le || s390x) && nsexec_runc_2019

package nsenter

const dialect = 3
