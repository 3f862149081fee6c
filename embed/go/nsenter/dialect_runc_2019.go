//go:build linux && (amd64 || arm64 || ppc64le || s390x) && nsexec_runc_2019

package nsenter

import _ "github.com/nsexec-stub/nsexec-stub/embed/go/nsenter/internal/runc_2019"

const dialect = 3
