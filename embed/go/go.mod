module nsexec-stub

go 1.19
