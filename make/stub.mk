# The stub: build/<arch>/libnsexec.a and nsexec-true.

# What compilers call even in freestanding code: some functions on all machines, and some that only
# this machine needs.
RUNTIME_SOURCES := stub/memory.cpp $(wildcard arch/$(ARCH)/*.cpp)
RUNTIME_OBJECTS := $(RUNTIME_SOURCES:%.cpp=$(O)/%.o)

STUB_SOURCES := $(RUNTIME_SOURCES) $(filter-out stub/memory.cpp stub/true_entry.cpp stub/checkpoint.cpp stub/constructor.cpp,$(wildcard stub/*.cpp stub/seal/*.cpp))
STUB_OUTPUTS := $(B)/libnsexec.a $(B)/nsexec-true

# Programs link libnsexec.a, a linker script with two inputs. The guard is an object and not a
# member of the archive, so that every program that names libnsexec.a gets it. If nsexec_start is
# not the entry point of such a program, the guard runs the stub from a constructor.
STUB_ARCHIVE := $(B)/nsexec-stub/libnsexec-archive.a
STUB_GUARD   := $(B)/nsexec-stub/nsexec-guard.o
$(B)/libnsexec.a: $(STUB_ARCHIVE) $(STUB_GUARD)
	$(Q)cp $(STUB_ARCHIVE:.a=.proof) $(@:.a=.proof)
	$(Q)echo 'INPUT ( nsexec-stub/nsexec-guard.o nsexec-stub/libnsexec-archive.a )' > $@
$(STUB_GUARD): $(O)/stub/constructor.o
	@mkdir -p $(@D)
	$(Q)$(LD) -r --force-group-allocation $< -o $@
	$(Q)$(OBJCOPY) --keep-global-symbol=nsexec $@

# The symbols that a program can use when it links the library. All other symbols are local to it.
PUBLIC_SYMBOLS := nsexec_start nsexec_blob nsexec_real_entry nsexec_config

$(O)/%.o: %.cpp $(FLAGS_STAMP)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_STUB) -MMD -MP -c $< -o $@

$(O)/arch/%.o: arch/$(ARCH)/%.S $(FLAGS_STAMP)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ASFLAGS_STUB) -MMD -MP -c $< -o $@

# Fills in the lines for machines that have marks (arch/<arch>/marks.inc).
$(B)/freestanding.ld: ld/freestanding.ld $(FLAGS_STAMP)
	$(Q)sed '$(if $(ARCH_MARKS),s|/\* marked: \(.*\) \*/|\1|)' < $< > $@

# The stub is compiled as one translation unit, in which only the functions of these files can be
# called from outside. When the compiler knows this, the code is a tenth smaller: GCC by
# -fwhole-program, Clang by a pragma.
OUTWARD_SOURCES := $(RUNTIME_SOURCES) stub/config.cpp stub/nsexec.cpp
INWARD_SOURCES  := $(filter-out $(OUTWARD_SOURCES),$(STUB_SOURCES))
INTERNAL := clang attribute push(__attribute__((internal_linkage)), apply_to = any(record,function))

# $(call stub_unit,directory,flags,more sources)
define stub_unit
$(1)/nsexec.cpp: $(FLAGS_STAMP) $(STUB_SOURCES) $(3)
	@mkdir -p $$(@D)
	@{ echo '#include "stub/nsexec.h"'; $(if $(IS_CLANG),echo '#pragma $(INTERNAL)';) \
	   printf '#include "%s"\n' $(INWARD_SOURCES) $(3); \
	   $(if $(IS_CLANG),echo '#pragma clang attribute pop';) \
	   printf '#include "%s"\n' $(OUTWARD_SOURCES); } > $$@
$(1)/nsexec.o: $(1)/nsexec.cpp
	$$(call say,CXX,$$@ ($(words $(STUB_SOURCES) $(3)) files))
	$$(Q)$$(CXX) $$(CXXFLAGS_STUB) $$(CXXFLAGS_WHOLE) $$(COVERAGE_OF_STUB) $(2) -MMD -MP -c $$< -o $$@
-include $(1)/nsexec.d
endef
$(eval $(call stub_unit,$(O)/library,,))
# A second build of the stub, for tests that stop it at named points.
$(eval $(call stub_unit,$(O)/checkpoints,-DNSEXEC_CHECKPOINTS,stub/checkpoint.cpp))

# Makes one object, in which only the public names are global. Before it goes into a library, a link
# with the assertions of ld/freestanding.ld proves that it is freestanding.
define stub_library
$(1): $(2) $(ATTACH_STUB) $(O)/arch/entry.o $(O)/arch/default_entry.o $(STUB_GUARD) $(LINKER_SCRIPT)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(LD) -r --force-group-allocation $(GC_SECTIONS) -u nsexec_blob -u nsexec_config \
	    $(2) $(ATTACH_STUB) -o $$(@:.a=.o)
	$$(Q)$$(LD) -pie --no-dynamic-linker -T $(LINKER_SCRIPT) --defsym=got_reserved=$(or $(GOT_RESERVED),0) --defsym="size_budget=$(call size_limit,$(3))" \
	    --defsym=nsexec_real_entry=0 -e nsexec_start $(O)/arch/entry.o $$(@:.a=.o) -o $$(@:.a=.proof)
	$$(Q)$$(OBJCOPY) $$(PUBLIC_SYMBOLS:%=--keep-global-symbol=%) $$(@:.a=.o)
	$$(Q)rm -f $$@ && $$(AR) rcsD $$@ $$(@:.a=.o) $(O)/arch/entry.o $(O)/arch/default_entry.o $(STUB_GUARD)
endef
$(eval $(call stub_library,$(STUB_ARCHIVE),$(O)/library/nsexec.o,$(SIZE_BUDGET)))
$(eval $(call stub_library,$(B)/tests/libnsexec-checkpoints.a,$(O)/checkpoints/nsexec.o,0x8000))

# A freestanding program with the stub in front: $(call freestanding_program,name,objects,budget)
define freestanding_program
$(B)/$(1): $(2) $(STUB_ARCHIVE) $(LINKER_SCRIPT)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(LD) -pie --no-dynamic-linker -T $(LINKER_SCRIPT) --defsym=got_reserved=$(or $(GOT_RESERVED),0) --defsym="size_budget=$(call size_limit,$(3))" \
	    $(GC_SECTIONS) -e $(4) $(2) $(STUB_ARCHIVE) -o $$@.debug
	$$(Q)$$(OBJCOPY) --strip-all $$@.debug $$@
endef

$(eval $(call freestanding_program,nsexec-true,$(O)/stub/true_entry.o,$(SIZE_BUDGET) + 0x20,nsexec_start))

-include $(O)/stub/true_entry.d $(O)/stub/constructor.d $(O)/stub/environment.d $(RUNTIME_OBJECTS:.o=.d)
