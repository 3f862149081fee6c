module nsexec-stub.test/go

go 1.19

require github.com/nsexec-stub/nsexec-stub/embed/go v0.0.0

replace github.com/nsexec-stub/nsexec-stub/embed/go => ../../build/go-module
