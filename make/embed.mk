# The programs of embed/, each way to link the stub in. What this machine has no toolchain for is left
# out, and its test is skipped with that reason.

E := $(T)/embed-
GO := $(shell command -v go 2> /dev/null)
RUSTC := $(shell command -v rustc 2> /dev/null)
GOARCH := $(GOARCH_$(ARCH))

# $(call embed_c,name,command up to the sources,link mode)
define embed_c
$(E)$(1): embed/c/hello.c $(B)/libnsexec.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(2) embed/c/hello.c $(B)/libnsexec.a $(3) -pthread -o $$@
EMBEDDED += $(E)$(1)
endef
ENTRY_MODE := -Wl,-e,nsexec_start
$(eval $(call embed_c,c-static,$(CC) -static,$(ENTRY_MODE)))
$(if $(NO_STATIC_PIE),,$(eval $(call embed_c,c-static_pie,$(CC) -static-pie,$(ENTRY_MODE))))
$(eval $(call embed_c,c-dynamic,$(CC),$(ENTRY_MODE)))
$(eval $(call embed_c,c-constructor,$(CC) -DCONSTRUCTOR,))
$(if $(CROSS),,$(eval $(call embed_c,c-musl,musl-gcc -static,$(ENTRY_MODE))))

$(E)cpp: embed/cpp/hello.cpp $(B)/libnsexec.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O1 -static $< $(B)/libnsexec.a $(ENTRY_MODE) -o $@
EMBEDDED += $(E)cpp

# Go: the blob under the name that Go's build looks for, and no C compiler.
GO_BLOB := embed/go/nsenter/nsexec_linux_$(GOARCH).syso
$(GO_BLOB): $(B)/nsexec-blob.o
	$(Q)cp $< $@
GO_BUILD = cd embed/go && CGO_ENABLED=0 GOFLAGS=-mod=mod GOARCH=$(GOARCH) GOCACHE=$(CURDIR)/build/go-cache go build -trimpath
$(E)go: $(GO_BLOB) $(wildcard embed/go/*/*)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)$(GO_BUILD) -ldflags "-E nsexec_go_start" -o $(CURDIR)/$@ ./hello
$(E)go-forgotten: $(GO_BLOB) $(wildcard embed/go/*/*)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)$(GO_BUILD) -o $(CURDIR)/$@ ./hello
ifneq ($(GO),)
EMBEDDED += $(E)go $(E)go-forgotten
endif

$(E)rust: embed/rust/hello.rs $(B)/libnsexec.a
	$(call say,RUSTC,$@)
	@mkdir -p $(@D)
	$(Q)rustc -O --edition 2021 $< -C linker=$(CC) -C link-arg=$(B)/libnsexec.a \
	    -C link-arg=$(ENTRY_MODE) -o $@
ifneq ($(RUSTC),)
ifeq ($(CROSS),)
EMBEDDED += $(E)rust
endif
endif

# What the stub costs a process that is no init.
$(T)/overhead: tests/programs/overhead.c $(B)/libnsexec.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static $(INCLUDES) $^ -Wl,--defsym=nsexec_real_entry=0 -o $@
EMBEDDED += $(T)/overhead

SUITE += $(EMBEDDED)
embed: $(EMBEDDED)
.PHONY: embed

# The Go module's own tests: the encoding, and real containers by package parent.
test-go: $(E)go
	$(Q)cd embed/go && export CGO_ENABLED=0 GOFLAGS=-mod=mod GOCACHE=$(CURDIR)/build/go-cache; \
	    test -z "$$(gofmt -l .)" && go vet ./parent ./hello \
	    && NSEXEC_HELLO=$(CURDIR)/$(E)go go test ./parent
.PHONY: test-go
