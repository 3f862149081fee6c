# make coverage: which lines of the stub the suite reaches. The stub stays freestanding. COVERAGE=1
# builds with Clang into a directory of its own. The counters of the stub and of nsrun are in files
# that all their processes share (tests/coverage/attach.cpp).

LINKER_SCRIPT := $(B)/freestanding.ld
GC_SECTIONS := --gc-sections

ifneq ($(COVERAGE),)
LINKER_SCRIPT := ld/coverage.ld
GC_SECTIONS :=
COVERED := $(CURDIR)/$(B)/covered
COVERAGE_FLAGS := -fprofile-instr-generate -fcoverage-mapping
COVERAGE_OF_STUB := $(COVERAGE_FLAGS) -Dnsexec_blob=covered_nsexec_blob
COVERAGE_OF_PROGRAM := $(COVERAGE_FLAGS) -Dprogram_main=covered_program_main
ATTACH_STUB := $(O)/coverage/attach_stub.o
ATTACH_PROGRAM := $(O)/coverage/attach_program.o
CXXFLAGS_HOSTED += $(COVERAGE_FLAGS)
$(ATTACH_STUB): tests/coverage/attach.cpp
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_STUB) -DCOVERAGE_DIRECTORY='"$(COVERED)"' -c $< -o $@
$(ATTACH_PROGRAM): tests/coverage/attach.cpp
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_STUB) -DATTACH_PROGRAM -Dattach=attach_program -DCOVERAGE_DIRECTORY='"$(COVERED)"' -c $< -o $@
endif

# Runs the suite, and shows the result as HTML and in one line. Tests that fail here fail because of
# the counters (Costs).
COVERAGE_DIRECTORY := build/$(ARCH)-coverage
COVERAGE_PACKAGES = $(TEST_PACKAGES) llvm
coverage:
	$(Q)tests/packages $(COVERAGE_PACKAGES)
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) COVERAGE=1 TOOLCHAIN=clang coverage-programs
	$(Q)tests/coverage/run $(COVERAGE_DIRECTORY)
coverage-programs: $(B)/nsexec-true $(B)/nsrun $(B)/nsreport $(B)/tests/nsexec-tests $(B)/tests/tool \
                   $(B)/tests/probe $(B)/tests/probe-runc-1.1 $(B)/tests/probe-runc-1.0 $(B)/tests/probe-runc-2019 \
                   $(B)/tests/probe-checkpoints $(B)/bench/floor $(B)/bench/launch-floor
.PHONY: coverage coverage-programs
