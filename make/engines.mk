# Container engines on a runc with the stub (docs/engines.md).

# RUNC=PROGRAM: that one instead of those that are built from the packaged source. ENGINES="docker cri": some of containerd, podman, docker and
# cri. The engines are installed into a root file system under build/, because their packages start services.
RUNC ?=
# $(call needs_root_here,target,why): these run what they build, and start daemons.
define needs_root_here
[ '$(ARCH)' = '$(HOST_ARCH)' ] || { echo 'make $(1): runs on this machine only; ARCH=$(ARCH) is another one' >&2; exit 1; }; \
[ "$$(id -u)" -eq 0 ] || { echo 'make $(1): $(2)' >&2; exit 1; }
endef
ENGINES_PACKAGES := golang-go golang-github-opencontainers-runc-dev libseccomp-dev libc6-dev busybox-static debootstrap util-linux
test-engines: $(GO_OBJECTS) $(B)/libnsexec.a
	@tests/packages $(ENGINES_PACKAGES)
	$(Q)$(call needs_root_here,test-engines,the engines need root)
	$(Q)CC='$(CC)' tests/engines/test '$(MAKE)' '$(CURDIR)/$(B)' $(if $(RUNC),'$(abspath $(RUNC))')
.PHONY: test-engines

# An ordinary user's containers in jobs of Slurm (docs/slurm.md), by nsrun and by runc on the stub.
test-slurm: $(B)/nsrun $(GO_OBJECTS)
	@tests/packages $(RUNC_PACKAGES) debootstrap
	$(Q)$(call needs_root_here,test-slurm,the cluster needs root)
	@mkdir -p $(T)
	$(Q)tests/runc/build $(ARCH) $(T)/runc
	$(Q)tests/engines/slurm-cluster $(B)/nsrun $(T)/runc
.PHONY: test-slurm
