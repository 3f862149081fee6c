//go:build linux && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x) && nsexec_runc_1_1

package nsenter

import _ "github.com/nsexec-stub/nsexec-stub/embed/go/nsenter/internal/runc_1_1"

const dialect = 1
