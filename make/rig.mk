# Tests on real kernels in QEMU, and on the other machines.

ARCHES := $(patsubst arch/%/arch.mk,%,$(wildcard arch/*/arch.mk))
RIG_PACKAGES := qemu-system-arm qemu-system-ppc qemu-system-misc qemu-system-x86 qemu-user cpio xz-utils \
                googletest llvm g++-aarch64-linux-gnu g++-arm-linux-gnueabihf g++-i686-linux-gnu \
                g++-powerpc64le-linux-gnu g++-riscv64-linux-gnu g++-s390x-linux-gnu
packages-of-rig:
	@tests/packages $(RIG_PACKAGES)
	@tests/rig/fetch-qemu build/qemu
	@$(MAKE) --no-print-directory -s cross-compiler
# The compiler for ARCH: Debian's package, or, if this release has none, that of a newer release, unpacked.
cross-compiler:
	@$(if $(CROSS),tests/rig/fetch-cross '$(CROSS:%-=%)' build/cross)
# A Go that links for ARCH, if this release's is too old.
cross-go:
	@$(if $(GO_OLDEST),tests/rig/fetch-go '$(GO_OLDEST)' build/go)

all-arch:
	$(Q)for arch in $(ARCHES); do $(MAKE) --no-print-directory -s ARCH=$$arch cross-compiler && $(MAKE) --no-print-directory ARCH=$$arch all || exit 1; done

RIG_ENVIRONMENT = CROSS='$(CROSS)' QEMU_SYSTEM='$(QEMU_SYSTEM)' QEMU_APPEND='$(QEMU_APPEND)' \
                  DEBIAN_ARCH='$(DEBIAN_ARCH)' KERNEL_PACKAGE='$(KERNEL_PACKAGE)'

# Runs the suite on a real kernel of that machine: make test-arch ARCH=s390x. KERNEL is the Debian
# suite that the kernel comes from. FILTER chooses tests.
KERNEL ?= bookworm
FILTER ?= *
test-arch: | packages packages-of-rig cross-go
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SUITE)
	$(Q)$(MAKE) --no-print-directory boot-suite

# Four machines, and on x86_64 the oldest and the newest kernel, as many at a time as there are
# processors and memory for, and at most three. Each runs the whole suite. With RIG_SHARES=1, as in
# `make test`, each runs the tests that depend on the machine or the kernel, and a share of the others
# (tests/rig/on-every-machine).
RIG := aarch64:bookworm s390x:bookworm ppc64le:bookworm x86_64:bullseye x86_64:sid
RIG_SHARES ?=
# The other machines. `make test` has no time to build the suite for them. There nsrun boots them as the
# first process.
RIG_MORE := riscv64:sid loongarch64:sid armv7l:sid i686:bookworm
RIG_AT_ONCE = $(shell awk -v processors="$$(nproc)" '/^MemAvailable:/ { n = int($$2 / 3e6) } \
    END { if (n > processors) n = processors; if (n > 3) n = 3; print n < 1 ? 1 : n }' /proc/meminfo)
rig-builds: | packages packages-of-rig
	$(Q)for arch in $(sort $(foreach one,$(RIG),$(firstword $(subst :, ,$(one))))); do mkdir -p build/$$arch; \
	    $(MAKE) --no-print-directory -s ARCH=$$arch cross-compiler cross-go || exit 1; \
	    $(MAKE) --no-print-directory -j$(shell nproc) ARCH=$$arch suite > build/$$arch/suite.log 2>&1 \
	        && { [ $$arch = $(HOST_ARCH) ] || $(MAKE) --no-print-directory ARCH=$$arch test-runc; } \
	        || { tail -n 40 build/$$arch/suite.log; exit 1; }; \
	    printf '  BUILT    %s\n' "$$arch"; done
test-rig: rig-builds
	$(Q)printf '%s\n' $(RIG) | awk '{ print NR - 1 ":" $$1 }' | xargs -P $(RIG_AT_ONCE) -I '{}' sh -c \
	    'one={}; share=$${one%%:*}; one=$${one#*:}; $(if $(RIG_SHARES),export RIG_SHARE=$$share/$(words $(RIG));) \
	    $(MAKE) --no-print-directory ARCH=$${one%:*} KERNEL=$${one#*:} boot-suite'
# All machines, each with the whole suite: some hours on two processors.
test-rig-all:
	$(Q)$(MAKE) --no-print-directory test-rig RIG='$(RIG) $(RIG_MORE)'
test-rig-boots: | packages packages-of-rig
	$(Q)for one in $(RIG_MORE); do arch=$${one%:*}; \
	    $(MAKE) --no-print-directory -s ARCH=$$arch cross-compiler && \
	    $(MAKE) --no-print-directory -s -j$(shell nproc) ARCH=$$arch all && \
	    $(MAKE) --no-print-directory ARCH=$$arch KERNEL=$${one#*:} boot-nsrun || exit 1; done
boot-nsrun:
	$(Q)$(RIG_ENVIRONMENT) tests/rig/pid1 $(ARCH) $(KERNEL)
	$(Q)$(RIG_ENVIRONMENT) tests/rig/appliance $(ARCH) $(KERNEL)
boot-suite: boot-nsrun
	$(Q)$(RIG_ENVIRONMENT) tests/rig/boot $(ARCH) $(KERNEL) --gtest_filter='$(FILTER)'

# Small kernels with little memory (docs/embedded.md), on the machines that have a list of them. Their sources take 1.5 GB.
SMALL := $(patsubst tests/rig/small-kernels/%.kernels,%,$(wildcard $(ARCHES:%=tests/rig/small-kernels/%.kernels)))
SMALL_PACKAGES := flex bison bc libelf-dev cpio
test-small: | packages packages-of-rig
	@tests/packages $(SMALL_PACKAGES)
	$(Q)failed=0; for arch in $(SMALL); do \
	    $(MAKE) --no-print-directory -s ARCH=$$arch cross-compiler && \
	    $(MAKE) --no-print-directory -s -j$(shell nproc) ARCH=$$arch all && \
	    $(MAKE) --no-print-directory ARCH=$$arch boot-small || failed=1; done; exit $$failed
boot-small:
	$(Q)$(RIG_ENVIRONMENT) tests/rig/small $(ARCH)
	$(Q)tests/packaging/embedded $(ARCH) '$(CROSS)'
.PHONY: test-small boot-small

# An example image whose first process is nsrun, with two containers from two root file systems.
INITRAMFS := $(B)/initramfs.cpio
initramfs: | packages-of-rig
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(RIG_ENVIRONMENT) tests/rig/fetch-kernel $(ARCH) $(KERNEL) build/kernels/$(ARCH)/$(KERNEL)
	$(Q)examples/initramfs/pack $(ARCH) $(KERNEL) $(INITRAMFS)
	@ls -l $(INITRAMFS)
boot: initramfs
	$(Q)$(RIG_ENVIRONMENT) examples/initramfs/boot $(ARCH) $(KERNEL) $(INITRAMFS)
.PHONY: initramfs boot

# Runs the suite on x86_64 kernels, from the oldest supported one to the newest one, and prints a
# table.
KERNELS ?= bullseye bookworm trixie sid
test-kernels: | packages packages-of-rig
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SUITE)
	$(Q)failed=0; for kernel in $(KERNELS); do \
	    $(RIG_ENVIRONMENT) tests/rig/boot $(ARCH) $$kernel --gtest_filter='$(FILTER)' || failed=1; done; \
	    echo '| Linux | machine | sealing as root | as a user | passed | failed | skipped |'; \
	    echo '| --- | --- | --- | --- | --- | --- | --- |'; \
	    for kernel in $(KERNELS); do cat $(B)/rig/$$kernel.row; done; exit $$failed

# User-mode emulation is enough for unit tests, the system call wrappers and the entry code.
test-user: | packages packages-of-rig
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SUITE)
	$(Q)tests/run user-$(ARCH) tests/rig/qemu $(QEMU_USER) $(T)/nsexec-tests --gtest_filter=$(UNIT_FILTER):-$(NOT_IN_USER_MODE)
# These execute programs of that machine, or need what QEMU does not emulate: openat2, clone3,
# the mount API, memory shared with a child by CLONE_VM.
NOT_IN_USER_MODE := Message*:$(\
                    )Files.AreMadeLinkedAndReadByTheirCalls:Clone3.*:Process.ExecutesAFileByItsFd:Process.LendsItsMemory*:Mounts.AreMade*

.PHONY: all-arch cross-compiler cross-go rig-builds test-rig test-rig-all test-rig-boots boot-nsrun boot-suite test-arch test-kernels test-user packages-of-rig
