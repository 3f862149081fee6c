# The stub: build/<arch>/libnsexec.a and nsexec-true.

STUB_SOURCES := $(filter-out stub/true_entry.cpp stub/checkpoint.cpp,$(wildcard stub/*.cpp))
STUB_OBJECTS := $(STUB_SOURCES:%.cpp=$(O)/%.o) $(O)/arch/entry.o
STUB_OUTPUTS := $(B)/libnsexec.a $(B)/nsexec-true

# What a program that links the library in can see; all else is local to it.
PUBLIC_SYMBOLS := nsexec_start nsexec_real_entry nsexec_config

$(O)/%.o: %.cpp $(FLAGS_STAMP)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_STUB) -MMD -MP -c $< -o $@

$(O)/arch/%.o: arch/$(ARCH)/%.S $(FLAGS_STAMP)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ASFLAGS_STUB) -MMD -MP -c $< -o $@

# A second build of the stub for tests that stop it at named points.
$(O)/checkpoints/%.o: %.cpp $(FLAGS_STAMP)
	$(call say,CXX,$< (checkpoints))
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_STUB) -DNSEXEC_CHECKPOINTS -MMD -MP -c $< -o $@

# One object with every name but the public ones made local. The link with the assertions of
# ld/freestanding.ld proves it freestanding before it goes into a library.
define stub_library
$(1): $(2) $(O)/arch/default_entry.o ld/freestanding.ld
	$$(call say,LD,$$@)
	$$(Q)$$(LD) -pie --no-dynamic-linker -T ld/freestanding.ld --defsym=size_budget=$(3) \
	    --defsym=nsexec_real_entry=0 -e nsexec_start $(2) -o $$(@:.a=.proof)
	$$(Q)$$(LD) -r --force-group-allocation $(2) -o $$(@:.a=.o)
	$$(Q)$$(OBJCOPY) $$(PUBLIC_SYMBOLS:%=--keep-global-symbol=%) $$(@:.a=.o)
	$$(Q)rm -f $$@ && $$(AR) rcsD $$@ $$(@:.a=.o) $(O)/arch/default_entry.o
endef

CHECKPOINT_OBJECTS := $(STUB_SOURCES:%.cpp=$(O)/checkpoints/%.o) $(O)/checkpoints/stub/checkpoint.o \
                      $(O)/arch/entry.o
$(eval $(call stub_library,$(B)/libnsexec.a,$(STUB_OBJECTS),$(SIZE_BUDGET)))
$(eval $(call stub_library,$(B)/tests/libnsexec-checkpoints.a,$(CHECKPOINT_OBJECTS),0x8000))
$(B)/tests/libnsexec-checkpoints.a: | $(B)/tests
$(B)/tests:
	@mkdir -p $@

# A freestanding program with the stub in front: $(call freestanding_program,name,objects,budget)
define freestanding_program
$(B)/$(1): $(2) $(B)/libnsexec.a ld/freestanding.ld
	$$(call say,LD,$$@)
	$$(Q)$$(LD) -pie --no-dynamic-linker -T ld/freestanding.ld --defsym=size_budget=$(3) \
	    --gc-sections -e $(4) $(2) $(B)/libnsexec.a -o $$@.debug
	$$(Q)$$(OBJCOPY) --strip-all $$@.debug $$@
endef

$(eval $(call freestanding_program,nsexec-true,$(O)/stub/true_entry.o,$(SIZE_BUDGET),nsexec_start))

-include $(STUB_OBJECTS:.o=.d) $(CHECKPOINT_OBJECTS:.o=.d) $(O)/stub/true_entry.d
