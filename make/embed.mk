# The programs of embed/, linked with the stub in every supported way. If a toolchain is missing on
# this machine, its programs are not built, and their tests are skipped with that reason.

E := $(T)/embed-
GO := $(shell command -v go 2> /dev/null)
# Machines that need a newer Go (GO_OLDEST in arch.mk) use the one that `make cross-go` has unpacked, if there is one.
ifneq ($(GO_OLDEST),)
GO := $(shell printf '%s\n' $(GO_OLDEST) "$$(go env GOVERSION 2> /dev/null | sed 's/^go//')" | sort -CV && echo $(GO))
GO_UNPACKED := $(if $(GO),,$(if $(wildcard build/go/version),$(CURDIR)/build/go/usr))
GO := $(or $(GO),$(if $(GO_UNPACKED),$(GO_UNPACKED)/bin/go))
endif
RUSTC := $(shell command -v rustc 2> /dev/null)
CARGO := $(shell command -v cargo 2> /dev/null)

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
# Here the linker is not told about the stub, to test what libnsexec.a does in this case.
$(eval $(call embed_c,c-forgotten,$(CC),))
$(eval $(call embed_c,c-forgotten-static,$(CC) -static,))
$(eval $(call embed_c,c-musl-forgotten,$(MUSL_GCC) -static,))
$(eval $(call embed_c,c-musl,$(MUSL_GCC) -static,$(ENTRY_MODE)))
$(E)c-musl $(E)c-musl-forgotten: | $(MUSL_FETCHED)

$(E)cpp: embed/cpp/hello.cpp $(B)/libnsexec.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O1 -static $< $(B)/libnsexec.a $(ENTRY_MODE) -o $@
EMBEDDED += $(E)cpp

# Go: the blob and the constructors, with the file names that Go's build looks for. With them a Go
# program can be built without a C compiler.
GO_MODULE   := github.com/nsexec-stub/nsexec-stub/embed/go
GO_DIALECTS := 0:runc_1_2 1:runc_1_1 2:runc_1_0 3:runc_2019
GO_BLOB     := embed/go/nsenter/nsexec_linux_$(GOARCH).syso
GO_OBJECTS  := $(GO_BLOB)
$(GO_BLOB): $(B)/nsexec-blob.o
	$(Q)cp $< $@
# $(call go_constructor,number,dialect). Symbols that are not needed are removed, because Go's
# linker refuses symbols in .init_array.
define go_constructor
$(O)/go/$(2).o: embed/go/constructor.cpp stub/constructor_note.h stub/stack_at_exec.h $(FLAGS_STAMP)
	$$(call say,CXX,$$< ($(2)))
	@mkdir -p $$(@D)
	$$(Q)$$(CXX) $$(CXXFLAGS_STUB) $$(ARCH_CXXFLAGS_GO) -g0 -ffunction-sections -fdata-sections -DNSEXEC_DIALECT=$(1) -MMD -MP -c $$< -o $$@
embed/go/nsenter/internal/$(2)/constructor_linux_$(GOARCH).syso: $(O)/go/$(2).o $(O)/arch/go_constructed.o
	$$(Q)$$(LD) -r $$^ -o $$@
	$$(Q)$$(OBJCOPY) --strip-unneeded --remove-section=.comment --keep-global-symbol=nsexec_is_constructed $$@
GO_OBJECTS += embed/go/nsenter/internal/$(2)/constructor_linux_$(GOARCH).syso
-include $(O)/go/$(2).d
endef
$(foreach one,$(GO_DIALECTS),$(eval $(call go_constructor,$(firstword $(subst :, ,$(one))),$(lastword $(subst :, ,$(one))))))
go-objects: $(GO_OBJECTS)

# Prints Go's name of the machine, or what is missing to build for it.
go-toolchain:
	@for tool in $(firstword $(CC)) $(firstword $(CXX)) $(LD) $(OBJCOPY); do \
	    command -v $$tool > /dev/null || { echo "$$tool is missing (Debian: g++-$(CROSS:%-=%))"; exit 1; }; done
	@echo $(GOARCH)
.PHONY: go-objects go-toolchain go-module

# The module as it is installed and published: build/go-module, with the objects for all machines.
go-module:
	$(Q)install/go-module '$(MAKE)' $(ARCH) build/go-module

GO_SOURCES := embed/go/go.mod $(wildcard embed/go/*/*.go embed/go/*/*.s embed/go/*/*/*/*.go)
GO_ENVIRONMENT := GOFLAGS=-mod=mod GOTOOLCHAIN=local GOCACHE='$(CURDIR)/build/go-cache'
GO_CGO := CGO_ENABLED=0
GO_BUILD = cd embed/go && $(GO_ENVIRONMENT) $(GO_CGO) GOARCH=$(GOARCH) '$(GO)' build -trimpath
$(E)go: $(GO_OBJECTS) $(GO_SOURCES)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)$(GO_BUILD) -ldflags "-E nsexec_go_start" -o '$(CURDIR)/$@' ./hello
$(E)go-forgotten: $(GO_OBJECTS) $(GO_SOURCES)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)$(GO_BUILD) -o '$(CURDIR)/$@' ./hello
# Linked by the system's linker.
$(E)go-cgo: GO_CGO := CGO_ENABLED=1 CC='$(CC)'
$(E)go-cgo: $(GO_OBJECTS) $(GO_SOURCES)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)$(GO_BUILD) -tags with_c -o '$(CURDIR)/$@' ./hello
ifneq ($(GO),)
EMBEDDED += $(E)go $(E)go-forgotten $(E)go-cgo
endif

# The same program twice: once with the entry point set by hand, and once with the crate, whose
# constructor needs no flag.
$(E)rust: embed/rust/nsexec-stub/examples/hello.rs $(B)/libnsexec.a
	$(call say,RUSTC,$@)
	@mkdir -p $(@D)
	$(Q)rustc -O --edition 2021 $< -C linker=$(CC) -C link-arg=$(B)/libnsexec.a \
	    -C link-arg=$(ENTRY_MODE) -o $@
CARGO_SOURCES := $(wildcard $(addprefix embed/rust/,Cargo.* */Cargo.toml */*.rs */src/*.rs */examples/*.rs))
CARGO_ENVIRONMENT = NSEXEC_LIBDIR='$(CURDIR)/$(B)' CARGO_NET_OFFLINE=true
$(E)rust-crate: $(CARGO_SOURCES) $(B)/libnsexec.a $(B)/libnsexec-parent.a
	$(call say,CARGO,$@)
	@mkdir -p $(@D)
	$(Q)cd embed/rust && $(CARGO_ENVIRONMENT) CARGO_TARGET_DIR='$(CURDIR)/$(B)/cargo/embed' \
	    cargo rustc --quiet --offline --release -p nsexec-stub --example hello -- -C linker=$(CC)
	$(Q)cp $(B)/cargo/embed/release/examples/hello $@
ifeq ($(CROSS),)
ifneq ($(RUSTC),)
EMBEDDED += $(E)rust
ifneq ($(CARGO),)
EMBEDDED += $(E)rust-crate
endif
endif
endif

# Measures what the stub costs in a process that is no init.
$(T)/overhead: tests/programs/overhead.c $(B)/libnsexec.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static $(INCLUDES) $^ -Wl,--defsym=nsexec_real_entry=0 -o $@
EMBEDDED += $(T)/overhead

SUITE += $(EMBEDDED)
embed: | packages
	$(Q)$(MAKE) --no-print-directory $(EMBEDDED)
.PHONY: embed

# The Go module: its own tests, linked in every supported way, and programs outside this tree that
# use it.
test-go: go-module $(B)/libnsexec.a
	$(Q)CC='$(CC)' GOCACHE='$(CURDIR)/build/go-cache' tests/go/run '$(CURDIR)/$(B)'
.PHONY: test-go

# The Rust crates: their own tests, linked in every supported way, and programs outside this tree
# that use them.
test-rust: $(B)/libnsexec.a $(B)/libnsexec-parent.a
	$(Q)tests/rust/run '$(CURDIR)/$(B)'
.PHONY: test-rust
