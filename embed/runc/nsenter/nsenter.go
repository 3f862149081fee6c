// Package nsenter puts nsexec-stub in front of runc.
package nsenter

import _ "github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
