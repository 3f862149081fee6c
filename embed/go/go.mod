module github.com/nsexec-stub/nsexec-stub/embed/go

go 1.19
