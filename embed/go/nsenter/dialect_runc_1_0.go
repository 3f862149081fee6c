//go:build linux && (amd64 || arm64 || ppc64le || s390x) && nsexec_runc_1_0

package nsenter

import _ "github.com/nsexec-stub/nsexec-stub/embed/go/nsenter/internal/runc_1_0"

const dialect = 2
