//go:build linux && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x) && nsexec_runc_2019

package nsenter

import _ "github.com/nsexec-stub/nsexec-stub/embed/go/nsenter/internal/runc_2019"

const dialect = 3
