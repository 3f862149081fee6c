# runc with the stub in the place of its C code (docs/runc.md).

# make runc RUNC_SOURCE=DIR [CGO=1] [GOARCH=arm64]: builds an unpacked source. RUNC_MODULE: the Go module with the stub's
# objects, where there is no compiler for them; RUNC_TAGS and RUNC_LDFLAGS: for go build, in addition.
RUNC_SOURCE ?=
# In a directory of its own, because the rig takes all files beside the libraries.
RUNC_OUTPUT ?= $(B)/runc/runc
RUNC_MODULE ?=
RUNC_TAGS ?=
RUNC_LDFLAGS ?=
CGO ?= 0
runc: $(if $(filter 1,$(CGO)),$(B)/libnsexec.a,$(if $(RUNC_MODULE),,$(GO_OBJECTS)))
	$(Q)[ -n '$(RUNC_SOURCE)' ] || { echo 'make runc: RUNC_SOURCE=DIR is missing (docs/runc.md)' >&2; exit 1; }
	@mkdir -p '$(dir $(abspath $(RUNC_OUTPUT)))'
	$(Q)cd embed/runc && $(RUNC_GO) run . -source='$(abspath $(RUNC_SOURCE))' -output='$(abspath $(RUNC_OUTPUT))' \
	    -goarch='$(GOARCH)' $(if $(filter 1,$(CGO)),-cgo) -module='$(abspath $(or $(RUNC_MODULE),embed/go))' \
	    -library='$(abspath $(B)/libnsexec.a)' -include='$(abspath stub)' -tags='$(RUNC_TAGS)' -ldflags='$(RUNC_LDFLAGS)'
# The builder runs on this machine, whatever it builds for.
RUNC_GO = env -u GOOS -u GOARCH -u GOFLAGS -u CGO_ENABLED GO111MODULE=on GOTOOLCHAIN=local GOWORK=off \
          GOCACHE='$(CURDIR)/build/go-cache' CC='$(CC)' '$(or $(GO),go)'

# The packaged source, built without cgo and with it: real containers. For another machine it is only built, for the rig.
# Where Go has been unpacked for that machine (make cross-go), the source is the one of the same release.
RUNC_PACKAGED = $(or $(GO_UNPACKED),/usr)/share/gocode/src/github.com/opencontainers/runc
RUNC_PACKAGES := golang-go golang-github-opencontainers-runc-dev runc busybox-static util-linux
test-runc: $(GO_OBJECTS) $(B)/libnsexec.a
	@tests/packages $(RUNC_PACKAGES)
	@mkdir -p $(T)
	$(Q)if [ '$(ARCH)' = '$(HOST_ARCH)' ]; then CC='$(CC)' tests/runc/test '$(MAKE)' '$(CURDIR)/$(B)'; \
	    else RUNC_PACKAGED='$(RUNC_PACKAGED)' tests/runc/build $(ARCH) $(T)/runc; fi

# runc's own tests, with its C code and with the stub: RUNC_SUITE=bookworm, trixie, sid or experimental is whose source.
RUNC_SUITE ?= sid
test-runc-suites:
	@tests/packages debootstrap util-linux golang-go
	$(Q)tests/runc/suites $(RUNC_SUITE)
.PHONY: runc test-runc test-runc-suites
