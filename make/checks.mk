# Layout, lint, packages, and the targets that run the test suites.

FORMATTED := $(wildcard arch/*/*.h arch/*/*.cpp syscalls/*.h stub/*.h stub/*.cpp stub/seal/*.h stub/seal/*.cpp \
               tools/*/*.h tools/*/*.cpp tools/*/*/*.h tools/*/*/*.cpp tests/*/*.h tests/*/*.cpp tests/*/*.c bench/*.h bench/*.cpp install/*/*.cpp parent/*.h parent/*.cpp arch/*.h embed/*/*.cpp \
               examples/*/*.c examples/*/*.cpp proofs/*/*.h proofs/*/*.cpp proofs/*/*/*.cpp proofs/*/*/*.c proofs/*/*/*/*.h)

# $(call pinned,tool): sets $(tool) to the command. If another version is installed, the recipe ends
# with success.
CLANG_TOOLS := 14
pinned = tool=$$(tests/pinned $(1) $(CLANG_TOOLS)) || { status=$$?; [ $$status -eq 3 ] && exit 0 || exit $$status; }
format:
	$(call say,FORMAT,$(words $(FORMATTED)) files)
	$(Q)$(call pinned,clang-format); $$tool --dry-run --Werror $(FORMATTED)

format-fix:
	$(Q)$(call pinned,clang-format); $$tool -i $(FORMATTED)

# clang-tidy reads the stub as it is built, freestanding.
LINTED := $(STUB_SOURCES) stub/constructor.cpp stub/true_entry.cpp stub/checkpoint.cpp $(NSRUN_SOURCES) \
          tools/nsreport/nsreport.cpp $(wildcard parent/*.cpp)
# Without the flags that only GCC knows.
LINT_FLAGS = $(filter-out -fno-ident -fno-gnu-unique -fno-tree-loop-distribute-patterns -Werror,$(CXXFLAGS_STUB)) \
             $(TOOL_FLAGS) -DNSEXEC_CHECKPOINTS
lint: $(FLAGS_STAMP)
	$(call say,LINT,$(words $(LINTED)) files)
	$(Q)$(call pinned,clang-tidy); export tool; printf '%s\n' $(LINTED) | xargs -P $(shell nproc) -n 4 sh -c \
	    '$$tool --quiet "$$@" -- $(subst ",\",$(subst ',,$(LINT_FLAGS))) 2>/dev/null' lint

# Debian packages for a build, and for lint and the tests. Missing ones are installed if that is
# possible (root, apt). Otherwise the command to type is printed.
BUILD_PACKAGES := g++ binutils linux-libc-dev
TEST_PACKAGES  := $(BUILD_PACKAGES) clang lld clang-format clang-tidy libgtest-dev libc6-dev \
                  musl-tools uidmap busybox-static xfsprogs golang-go rustc cargo pkg-config cmake man-db \
                  bubblewrap passt iproute2 meson ninja-build libbenchmark-dev libseccomp-dev kmod \
                  squashfs-tools erofs-utils genisoimage genromfs util-linux-extra e2fsprogs
packages-to-build:
	@tests/packages $(BUILD_PACKAGES)
packages:
	@tests/packages $(TEST_PACKAGES)
# Installs all packages for `make test` at once, before its steps run in parallel.
packages-to-test:
	@tests/packages $(sort $(TEST_PACKAGES) libc6-i386 $(RIG_PACKAGES) $(FUZZ_PACKAGES) $(RUNC_PACKAGES) $(ENGINES_PACKAGES) $(PROOF_PACKAGES) debootstrap valgrind cppcheck)
.PHONY: packages packages-to-build packages-to-test suite test-link

# Builds everything that is tested, in parallel.
suite: | packages
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SUITE)

test-unit: | packages
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(T)/nsexec-tests
	$(Q)tests/run unit $(T)/nsexec-tests --gtest_filter=$(UNIT_FILTER)

# HOST_TESTS is a GoogleTest filter. By default all tests except the unit tests run.
HOST_TESTS ?= -
test-host: suite
	$(Q)tests/run host $(T)/nsexec-tests --gtest_filter='$(HOST_TESTS):$(UNIT_FILTER)'

test-link: suite
	$(Q)$(MAKE) --no-print-directory -s $(T)/link-tests $(B)/generate-completions
	$(Q)$(LINK_ENVIRONMENT) tests/run link $(T)/link-tests

# i686: x86_64's kernels run its programs too, so the suite runs here and not in QEMU.
test-i686: | packages
	@[ '$(HOST_ARCH)' = x86_64 ] || { echo 'make test-i686: this is $(HOST_ARCH); only kernels of x86_64 run programs of i686. Elsewhere: make test-arch ARCH=i686' >&2; exit 1; }
	@tests/packages g++-i686-linux-gnu libc6-i386 googletest
	$(Q)$(MAKE) --no-print-directory ARCH=i686 suite
	$(Q)tests/rig/fetch-busybox i386 build/busybox/i386/busybox
	$(Q)NSEXEC_BUSYBOX='$(CURDIR)/build/busybox/i386/busybox' tests/run i686 build/i686/tests/nsexec-tests --gtest_filter='$(FILTER)'
.PHONY: test-i686

# The suites in tests/unit.
UNIT_FILTER := Splitter.*:Decimal.*:FixedString.*:ErrnoName.*:EscapeJson.*:LogTest.*:Bootstrap.*:BootstrapHeader.*:InitialStack.*:Environment*.*:Result.*:Fd.*:Files.*:Memfd.*:Mapping.*:Clone*.*:Process.*:Signals.*:Sockets.*:Namespaces.*:Mounts.*:NsrunOptions.*:NsrunCapabilities.*:NsrunConfig.*:*FuzzTest.*:ParentEncode.*:ParentRecords.*
LINK_ENVIRONMENT = NSEXEC_MAKE='make TOOLCHAIN=$(TOOLCHAIN)' NSEXEC_CC='$(CC)' NSEXEC_CXX='$(CXX)' NSEXEC_LD='$(LD)' NSEXEC_CXXFLAGS='$(CXXFLAGS_STUB)'

# Runs all tests; tests/all has the list.
test: | packages-to-test
	$(Q)tests/all $(MAKE)

# Tests a shell in a debootstrapped Debian, through a terminal. The root file system is kept under
# build/.
DEBIAN_ROOT := build/debian
test-debian: | packages
	@tests/packages debootstrap
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SUITE)
	$(Q)tests/debian-root $(DEBIAN_ROOT)
	$(Q)NSEXEC_DEBIAN='$(CURDIR)/$(DEBIAN_ROOT)' tests/run Debian $(T)/nsexec-tests --gtest_filter='NsrunTerminalTest.*Debian'
.PHONY: test-debian

# The packages of Debian, RPM and Alpine, built from the committed sources and checked. PACKAGES="debian rpm_packages" for some of them
# (tests/packaging/run).
PACKAGING_PACKAGES := $(BUILD_PACKAGES) dpkg-dev debhelper fakeroot lintian debootstrap rpm rpmlint shellcheck busybox-static \
                      $(foreach machine,aarch64 i686 powerpc64le s390x riscv64,g++-$(machine)-linux-gnu) g++-arm-linux-gnueabihf
test-packages: dist | packages-to-package
	$(Q)tests/packaging/run $(VERSION) $(DIST) $(PACKAGES)
packages-to-package:
	@tests/packages $(PACKAGING_PACKAGES)
.PHONY: test-packages packages-to-package
