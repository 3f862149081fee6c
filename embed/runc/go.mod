module github.com/nsexec-stub/nsexec-stub/embed/runc

go 1.19
