# Our programs: nsrun, the launcher, with the stub in front; nsreport, a program to run in
# containers, without the stub.

TOOL_FLAGS := -DNSEXEC_VERSION='"$(VERSION)"'

NSRUN_SOURCES := $(wildcard tools/nsrun/*.cpp tools/nsrun/*/*.cpp)
ifneq ($(IS_CLANG),)
NSRUN_OBJECTS := $(NSRUN_SOURCES:%.cpp=$(O)/%.o) $(O)/parent/message.o $(O)/stub/environment.o $(O)/stub/procfs.o \
                 $(O)/stub/seal/mount.o $(O)/stub/seal/files.o $(O)/stub/seal/proof.o $(ATTACH_PROGRAM)
$(O)/tools/nsrun/%.o: CXXFLAGS_STUB += $(COVERAGE_OF_PROGRAM)
else
# nsrun and the stub's sources, of which it uses many, become one object that GCC optimises as a
# whole (-flto). This is an eighth smaller than separate objects. GCC only obeys -fwhole-program
# without the linker's plugin.
NSRUN_OBJECTS := $(O)/whole/nsrun.o $(O)/arch/entry.o
NSRUN_PARTS   := $(patsubst %.cpp,$(O)/whole/%.o,$(NSRUN_SOURCES) parent/message.cpp $(filter-out $(RUNTIME_SOURCES),$(STUB_SOURCES)))
$(O)/whole/%.o: %.cpp $(FLAGS_STAMP)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_STUB) $(CXXFLAGS_SMALLEST) $(TOOL_FLAGS) -DNSEXEC_DEFAULT_DIALECT_ALONE -flto -MMD -MP -c $< -o $@
define whole
$(call say,LTO,$@)
$(Q)$(CXX) $(CXXFLAGS_STUB) -flto -flto-partition=one -fwhole-program -fno-use-linker-plugin -r -nostdlib $^ -o $@
endef
$(O)/whole/nsrun.o: $(NSRUN_PARTS)
	$(whole)
-include $(NSRUN_PARTS:.o=.d)
endif
NSRUN_OBJECTS += $(RUNTIME_OBJECTS) $(O)/arch/program.o
$(O)/tools/%.o: CXXFLAGS_STUB += $(TOOL_FLAGS)
$(O)/tools/nsreport/nsreport.o: CXXFLAGS_STUB += $(CXXFLAGS_ALONE)
$(eval $(call freestanding_program,nsrun,$(NSRUN_OBJECTS),$(NSRUN_KIB) * 0x400,nsexec_real_entry))

NSREPORT_OBJECTS := $(O)/tools/nsreport/nsreport.o $(RUNTIME_OBJECTS) $(O)/arch/program.o
$(eval $(call freestanding_program,nsreport,$(NSREPORT_OBJECTS),0x4000,nsexec_real_entry))

# A program of this machine writes nsrun's completions from its option table. They are committed, so
# that a build needs no second compiler. tests/link/ checks that they are current.
COMPLETION_OBJECTS := $(patsubst %.cpp,$(O)/hosted/%.o,install/completions/generate.cpp $(wildcard tools/nsrun/command_line/*.cpp))
$(B)/generate-completions: $(COMPLETION_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CXX) -static $^ -o $@
completions: $(B)/generate-completions
	$(Q)$< bash > install/completions/nsrun.bash
	$(Q)$< zsh > install/completions/_nsrun
	$(Q)$< fish > install/completions/nsrun.fish
.PHONY: completions
-include $(COMPLETION_OBJECTS:.o=.d)

TOOL_OUTPUTS := $(B)/nsrun $(B)/nsreport

-include $(NSRUN_OBJECTS:.o=.d) $(NSREPORT_OBJECTS:.o=.d)

# A real container: all eight namespaces, its own root file system, and in it a program that prints
# what it sees.
run: | packages-to-build
	$(Q)$(MAKE) --no-print-directory all
	@rm -rf $(B)/rootfs && mkdir -p $(B)/rootfs/proc $(B)/rootfs/dev $(B)/rootfs/tmp
	@cp $(B)/nsreport $(B)/rootfs/nsreport
	@echo '$(B)/nsrun --rootfs $(B)/rootfs --hostname container --report -- /nsreport'
	@$(B)/nsrun --rootfs $(B)/rootfs --hostname container --report -- /nsreport
