# The test suites. nsexec-tests is static and needs only the binaries beside it, so that it can run
# from an initramfs. link-tests runs compilers and stays on the host.

T := $(B)/tests
GTEST_SOURCE := /usr/src/googletest/googletest

# Sources that only work on bytes, built hosted for the unit tests.
UNIT_STUB_SOURCES := stub/bootstrap.cpp stub/environment.cpp stub/log.cpp stub/stage.cpp stub/procfs.cpp \
                     $(wildcard stub/seal/*.cpp) \
                     $(wildcard tools/nsrun/command_line/*.cpp) tools/nsrun/common/user_namespaces.cpp tools/nsrun/common/id_ranges.cpp \
                     tools/nsrun/host/records.cpp tools/nsrun/host/container_files.cpp $(filter parent/%,$(PARENT_SOURCES))
SUITE_SOURCES := $(wildcard tests/unit/*.cpp tests/host/*.cpp tests/attacks/*.cpp tests/support/*.cpp) \
                 $(filter-out tests/fuzz/libfuzzer.cpp,$(wildcard tests/fuzz/*.cpp)) $(UNIT_STUB_SOURCES)
SUITE_OBJECTS := $(SUITE_SOURCES:%.cpp=$(O)/hosted/%.o)
LINK_SOURCES  := $(wildcard tests/link/*.cpp) tests/support/support.cpp tests/support/resolver.cpp parent/message.cpp
LINK_OBJECTS  := $(LINK_SOURCES:%.cpp=$(O)/hosted/%.o)

# -O0: the tests should compile quickly; their speed does not matter.
$(O)/hosted/tests/%.o: CXXFLAGS_HOSTED += -O0 -DNSEXEC_SIZE_BUDGET='$(SIZE_BUDGET)' -DNSEXEC_NSRUN_KIB=$(NSRUN_KIB) \
    -DNSEXEC_SIZES_COUNT=$(if $(SIZES_COUNT),1,0) \
    -DNSEXEC_GOT_RESERVED='$(or $(GOT_RESERVED),0)' \
    -DNSEXEC_HAS_STATIC_PIE=$(if $(NO_STATIC_PIE),0,1)
$(if $(CROSS),$(O)/hosted/tests/%.o: CXXFLAGS_HOSTED += -isystem $(GTEST_SOURCE)/include)
$(O)/hosted/%.o: %.cpp $(FLAGS_STAMP)
	$(call say,CXX,$< (hosted))
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_HOSTED) -MMD -MP -c $< -o $@

# GoogleTest: the system's library for this machine. For another machine, built from the sources
# that Debian ships.
GTEST := $(if $(CROSS),$(O)/gtest/gtest-all.o $(O)/gtest/gtest_main.o,-lgtest -lgtest_main)
$(O)/gtest/%.o: $(GTEST_SOURCE)/src/%.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O1 -I$(GTEST_SOURCE)/include -I$(GTEST_SOURCE) -c $< -o $@

$(T)/nsexec-tests: $(SUITE_OBJECTS) $(filter %.o,$(GTEST))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(COVERAGE_FLAGS) -static $(SUITE_OBJECTS) $(GTEST) -lpthread -o $@

$(T)/link-tests: $(LINK_OBJECTS) | $(B)/examples/minimal-runtime
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -static $(LINK_OBJECTS) -lgtest -lgtest_main -lpthread -o $@

# The probe, linked with the stub of each dialect and with the stub that has checkpoints.
PROBE_OBJECTS := $(O)/tests/programs/probe.o $(O)/stub/environment.o $(RUNTIME_OBJECTS) \
                 $(O)/arch/program.o

# $(call probe,name,library,extra objects)
define probe
$(T)/$(1): $(PROBE_OBJECTS) $(3) $(2) $(LINKER_SCRIPT)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(LD) -pie --no-dynamic-linker -T $(LINKER_SCRIPT) --defsym=got_reserved=$(or $(GOT_RESERVED),0) --defsym=size_budget=0x10000 \
	    -e nsexec_start $(PROBE_OBJECTS) $(3) $(2) -o $$@
PROBES += $(T)/$(1)
endef
$(eval $(call probe,probe,$(STUB_ARCHIVE),))
$(eval $(call probe,probe-runc-1.1,$(STUB_ARCHIVE),$(O)/tests/programs/config_runc_1_1.o))
$(eval $(call probe,probe-runc-1.0,$(STUB_ARCHIVE),$(O)/tests/programs/config_runc_1_0.o))
$(eval $(call probe,probe-runc-2019,$(STUB_ARCHIVE),$(O)/tests/programs/config_runc_2019.o))
$(eval $(call probe,probe-checkpoints,$(T)/libnsexec-checkpoints.a,))

# The same program with the stub in front and without it, in each kind of executable.
DUMP_OBJECTS := $(O)/tests/programs/dump.o $(O)/tests/programs/dump_entry.o
$(O)/tests/programs/dump_entry.o: tests/programs/$(ARCH)/dump_entry.S $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ASFLAGS_STUB) -c $< -o $@

# $(call dump,kind,flags): links the same program twice, with two different entry points.
define dump
$(T)/dump-$(1)-plain: ENTRY := dump_start
$(T)/dump-$(1)-stub: ENTRY := nsexec_start
$(T)/dump-$(1)-plain $(T)/dump-$(1)-stub: $(DUMP_OBJECTS) $(STUB_ARCHIVE)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -nostartfiles $(2) $$^ -Wl,-u,nsexec_start -Wl,-e,$$(ENTRY) \
	    -Wl,--defsym=nsexec_real_entry=dump_start -o $$@
PROBES += $(T)/dump-$(1)-plain $(T)/dump-$(1)-stub
endef
$(eval $(call dump,static,-static))
$(if $(NO_STATIC_PIE),,$(eval $(call dump,static-pie,-static-pie)))
$(eval $(call dump,dynamic,-pie -Wl$(comma)--no-as-needed))

# The compiler for musl: of this machine, or for another one with Debian's package of musl for it.
MUSL_FETCHED := $(if $(CROSS),build/musl/$(ARCH)/gcc)
MUSL_GCC := $(or $(MUSL_FETCHED),musl-gcc)
build/musl/%/gcc:
	$(Q)tests/rig/fetch-musl $(DEBIAN_ARCH) $(CROSS) $(@D)

# An ordinary C program, unmodified, in every way that libc can be linked. Uses README's command
# line.
HELLO := tests/programs/hello.c
# $(call hello,kind,compiler and flags)
define hello
$(T)/hello-$(1): $(HELLO) $(B)/libnsexec.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(2) $(HELLO) $(B)/libnsexec.a -Wl,-e,nsexec_start -o $$@
PROBES += $(T)/hello-$(1)
endef
$(eval $(call hello,static,$(CC) -static))
$(if $(NO_STATIC_PIE),,$(eval $(call hello,static-pie,$(CC) -static-pie)))
$(eval $(call hello,dynamic,$(CC)))
$(eval $(call hello,dynamic-no-pie,$(CC) -no-pie))
$(eval $(call hello,musl-static,$(MUSL_GCC) -static))
# A fetched musl is not where its programs look for the interpreter, so this one names it by its path.
$(eval $(call hello,musl-dynamic,$(MUSL_GCC) $(if $(MUSL_FETCHED),-Wl$(comma)--dynamic-linker="$$$$(echo '$(CURDIR)/$(dir $(MUSL_FETCHED))'root/usr/lib/ld-musl-*.so.1)")))
$(T)/hello-musl-static $(T)/hello-musl-dynamic: | $(MUSL_FETCHED)

# The program of the attackers in containers (tests/attacks). It is static, so that it runs on any
# root file system.
$(T)/attack: tests/programs/attack.c
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $< -o $@
PROBES += $(T)/attack

# Images of the file systems that can only be read, each with the probe, nsrun and nsexec-true in it. cramfs has the byte order of
# its kernel.
MEDIA := squashfs erofs iso9660 romfs cramfs
make_squashfs = mksquashfs $(1) $(2) -all-root -comp gzip -noappend
make_erofs    = mkfs.erofs $(2) $(1)
make_iso9660  = genisoimage -R -o $(2) $(1)
make_romfs    = genromfs -d $(1) -f $(2)
make_cramfs   = /sbin/mkfs.cramfs -N $(if $(filter s390x,$(ARCH)),big,little) $(1) $(2)
define medium_image
$(T)/medium.$(1): $(T)/probe $(B)/nsrun $(B)/nsexec-true
	$$(call say,IMAGE,$$@)
	$$(Q)rm -rf $$@ $$@.root && mkdir -p $$@.root && cp $$^ $$@.root/ && $$(call make_$(1),$$@.root,$$@) > $$@.log 2>&1 \
	    || { cat $$@.log; exit 1; }; rm -rf $$@.root $$@.log
PROBES += $(T)/medium.$(1)
endef
$(foreach type,$(MEDIA),$(eval $(call medium_image,$(type))))

# An empty ext4 where files may have fs-verity.
$(T)/verity.ext4:
	$(call say,IMAGE,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && truncate -s 4M $@ && /sbin/mke2fs -q -t ext4 -O verity -b 4096 -N 64 $@ > $@.log 2>&1 || { cat $@.log; exit 1; }; rm -f $@.log
PROBES += $(T)/verity.ext4

SUITE := $(T)/nsexec-tests $(PROBES) $(STUB_OUTPUTS) $(TOOL_OUTPUTS) $(B)/bench/floor $(B)/bench/launch-floor


TOOL_OBJECTS := $(O)/tests/programs/tool.o $(RUNTIME_OBJECTS) $(O)/arch/program.o
$(T)/tool: $(TOOL_OBJECTS) $(LINKER_SCRIPT)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) -pie --no-dynamic-linker -T $(LINKER_SCRIPT) --defsym=got_reserved=$(or $(GOT_RESERVED),0) --defsym=size_budget=0x10000 \
	    -e nsexec_real_entry $(TOOL_OBJECTS) -o $@
SUITE += $(T)/tool

-include $(SUITE_OBJECTS:.o=.d) $(LINK_OBJECTS:.o=.d) $(wildcard $(O)/tests/programs/*.d)
