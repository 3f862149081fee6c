# Tests on real kernels in QEMU, and on the other machines.

ARCHES := $(patsubst arch/%/arch.mk,%,$(wildcard arch/*/arch.mk))
RIG_PACKAGES := qemu-system-arm qemu-system-ppc qemu-system-misc qemu-system-x86 qemu-user cpio xz-utils \
                googletest g++-aarch64-linux-gnu g++-powerpc64le-linux-gnu g++-s390x-linux-gnu
packages-of-rig:
	@tests/packages $(RIG_PACKAGES)
	@tests/rig/fetch-qemu build/qemu

all-arch:
	$(Q)for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch all || exit 1; done

RIG_ENVIRONMENT = CROSS='$(CROSS)' QEMU_SYSTEM='$(QEMU_SYSTEM)' QEMU_CONSOLE='$(QEMU_CONSOLE)'

# Runs the suite on a real kernel of that machine: make test-arch ARCH=s390x. KERNEL is the Debian
# suite that the kernel comes from. FILTER chooses tests.
KERNEL ?= bookworm
FILTER ?= *
test-arch: | packages packages-of-rig
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SUITE)
	$(Q)$(MAKE) --no-print-directory boot-suite

# All four machines, and on x86_64 the oldest and the newest kernel, two at a time. Each runs the
# whole suite. With RIG_SHARES=1, as in `make test`, each runs the tests that depend on the machine
# or the kernel, and a share of the others (tests/rig/on-every-machine).
RIG := aarch64:bookworm s390x:bookworm ppc64le:bookworm x86_64:bullseye x86_64:sid
RIG_SHARES ?=
rig-builds: | packages packages-of-rig
	$(Q)for arch in $(ARCHES); do mkdir -p build/$$arch; \
	    $(MAKE) --no-print-directory -j$(shell nproc) ARCH=$$arch suite > build/$$arch/suite.log 2>&1 \
	        && { [ $$arch = $(HOST_ARCH) ] || $(MAKE) --no-print-directory ARCH=$$arch test-runc; } \
	        || { tail -n 40 build/$$arch/suite.log; exit 1; }; \
	    printf '  BUILT    %s\n' "$$arch"; done
test-rig: rig-builds
	$(Q)printf '%s\n' $(RIG) | awk '{ print NR - 1 ":" $$1 }' | xargs -P 2 -I '{}' sh -c \
	    'one={}; share=$${one%%:*}; one=$${one#*:}; $(if $(RIG_SHARES),export RIG_SHARE=$$share/$(words $(RIG));) \
	    $(MAKE) --no-print-directory ARCH=$${one%:*} KERNEL=$${one#*:} boot-suite'
boot-suite:
	$(Q)$(RIG_ENVIRONMENT) tests/rig/pid1 $(ARCH) $(KERNEL)
	$(Q)$(RIG_ENVIRONMENT) tests/rig/appliance $(ARCH) $(KERNEL)
	$(Q)$(RIG_ENVIRONMENT) tests/rig/boot $(ARCH) $(KERNEL) --gtest_filter='$(FILTER)'

# An example image whose first process is nsrun, with two containers from two root file systems.
INITRAMFS := $(B)/initramfs.cpio
initramfs: | packages-of-rig
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/rig/fetch-kernel $(ARCH) $(KERNEL) build/kernels/$(ARCH)/$(KERNEL)
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
	$(Q)tests/run user-$(ARCH) $(QEMU_USER) $(T)/nsexec-tests --gtest_filter=$(UNIT_FILTER):-$(NOT_IN_USER_MODE)
# These execute programs of that machine, or need what QEMU 7.2 does not emulate: openat2, clone3,
# the mount API.
NOT_IN_USER_MODE := Message*:$(\
                    )Files.AreMadeLinkedAndReadByTheirCalls:Clone3.*:Process.ExecutesAFileByItsFd:Mounts.AreMade*

.PHONY: all-arch rig-builds test-rig boot-suite test-arch test-kernels test-user packages-of-rig
