################################################################################
#
# nsexec-stub
#
################################################################################

NSEXEC_STUB_VERSION = 0.1.0
# Put the archive of "make dist" there, or set the address where you keep it.
NSEXEC_STUB_SITE = $(TOPDIR)/dl/nsexec-stub
NSEXEC_STUB_SITE_METHOD = file
NSEXEC_STUB_LICENSE = Apache-2.0
NSEXEC_STUB_LICENSE_FILES = LICENSE
NSEXEC_STUB_INSTALL_STAGING = YES

# The machine, as "uname -m" prints it.
NSEXEC_STUB_MACHINE = $(if $(BR2_arm),armv7l,$(if $(BR2_i386),i686,$(if $(BR2_powerpc64le),ppc64le,$(ARCH))))

# The flags of a freestanding program are its own, so none of TARGET_CONFIGURE_OPTS. The Go package has the stub for this
# machine alone.
NSEXEC_STUB_MAKE = $(TARGET_MAKE_ENV) $(MAKE) -C $(@D) ARCH=$(NSEXEC_STUB_MACHINE) \
	CROSS=$(TARGET_CROSS) GO_MACHINES=$(NSEXEC_STUB_MACHINE) PREFIX=/usr

define NSEXEC_STUB_BUILD_CMDS
	$(NSEXEC_STUB_MAKE) all
endef

define NSEXEC_STUB_INSTALL_STAGING_CMDS
	$(NSEXEC_STUB_MAKE) install DESTDIR=$(STAGING_DIR)
endef

define NSEXEC_STUB_INSTALL_TARGET_CMDS
	$(INSTALL) -D -m 0755 $(@D)/build/$(NSEXEC_STUB_MACHINE)/nsrun $(TARGET_DIR)/usr/bin/nsrun
endef

$(eval $(generic-package))
