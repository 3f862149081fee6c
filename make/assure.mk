# Reliability: fuzzing, mutants, sanitizers, static analysis, coverage. docs/reliability.md has the
# figures.

# Fuzzing. These sources of the stub and of nsrun only work on bytes. They are built hosted, with
# sanitizers, for two engines: libFuzzer and AFL++. FUZZ_SECONDS is the time for all targets of one
# engine together.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := bootstrap environment json map-numbers options config
FUZZ := $(B)/fuzz
FUZZED_SOURCES := stub/bootstrap.cpp stub/environment.cpp stub/log.cpp \
                  $(wildcard tools/nsrun/command_line/*.cpp)
FUZZ_SOURCES := $(filter-out tests/fuzz/libfuzzer.cpp,$(wildcard tests/fuzz/*.cpp)) $(FUZZED_SOURCES)
FUZZ_FLAGS := -std=c++20 -O1 -g $(INCLUDES)
FUZZ_PACKAGES := $(BUILD_PACKAGES) clang afl++

# $(call fuzz_engine,engine,compiler,flags for objects,flags for programs)
define fuzz_engine
$(FUZZ)/$(1)/obj/%.o: %.cpp $(wildcard tests/fuzz/*.h)
	$$(call say,CXX,$$< ($(1)))
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(FUZZ_FLAGS) $(3) -c $$< -o $$@
$(FUZZ)/$(1)/%: $$(FUZZ_SOURCES:%.cpp=$(FUZZ)/$(1)/obj/%.o) tests/fuzz/libfuzzer.cpp
	$$(call say,LINK,$$@)
	$$(Q)$(2) $$(FUZZ_FLAGS) $(3) -DFUZZ_TARGET='"$$(@F)"' $$^ $(4) -o $$@
endef
SANITIZERS := address,undefined
$(eval $(call fuzz_engine,libfuzzer,clang++,-fsanitize=fuzzer-no-link$(comma)$(SANITIZERS) -fno-sanitize-recover=all,-fsanitize=fuzzer))
$(eval $(call fuzz_engine,afl,AFL_QUIET=1 afl-clang-fast++,-fsanitize=$(SANITIZERS) -fno-sanitize-recover=all,-fsanitize=fuzzer))

fuzz-libfuzzer: $(FUZZ_TARGETS:%=$(FUZZ)/libfuzzer/%)
	$(Q)tests/fuzz/run libfuzzer $(FUZZ)/libfuzzer $(FUZZ_SECONDS) $(FUZZ_TARGETS)
fuzz-afl: $(FUZZ_TARGETS:%=$(FUZZ)/afl/%)
	$(Q)tests/fuzz/run afl $(FUZZ)/afl $(FUZZ_SECONDS) $(FUZZ_TARGETS)
packages-to-fuzz:
	@tests/packages $(FUZZ_PACKAGES)
fuzz: | packages-to-fuzz
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) $(FUZZ_TARGETS:%=$(FUZZ)/libfuzzer/%) $(FUZZ_TARGETS:%=$(FUZZ)/afl/%)
	$(Q)$(MAKE) --no-print-directory fuzz-libfuzzer fuzz-afl
.PHONY: fuzz fuzz-libfuzzer fuzz-afl packages-to-fuzz

# Builds the stub with one mistake at a time, and checks that the suite notices it. MUTANTS=NAME
# chooses some.
mutants: suite
	$(Q)tests/mutants/run $(B) $(MUTANTS)
print-stub-programs:
	@echo $(STUB_OUTPUTS) $(PROBES) $(B)/nsrun
# Checks that each mistake can still be made in the current sources.
mutants-apply:
	$(Q)tests/mutants/run --apply
.PHONY: mutants mutants-apply print-stub-programs

# Makes every system call fail with every errno, and kills and stops every process at each
# (tests/host/faults_test.cpp). The suite does this too, but for nsrun only a part of it.
faults: suite
	$(Q)NSEXEC_EXHAUSTIVE=1 tests/run faults $(T)/nsexec-tests --gtest_filter='*FaultTest.*'
.PHONY: faults

# Starts 10,000 containers, one after the other and 64 at a time, and runs 1,000 at once, as root
# and as an ordinary user. Then checks that nothing is left of them.
LOAD ?= 10000
load: suite
	$(Q)NSEXEC_STARTS=$(LOAD) unshare --mount $(T)/nsexec-tests --gtest_brief=1 --gtest_filter='*LoadTest.*'
.PHONY: load

# Static analysis, of the stub and nsrun as they are built. Warnings about uninitialised buffers are
# off, because the kernel fills these buffers (MSan and valgrind check them). So are some of GCC
# 12's, whose analyzer is made for C and does not see that check() ends the program.
ANALYZED := $(filter-out stub/checkpoint.cpp,$(wildcard stub/*.cpp stub/seal/*.cpp)) $(wildcard parent/*.cpp) $(NSRUN_SOURCES)
analyze:
	@tests/packages $(TEST_PACKAGES) cppcheck
	$(call say,CPPCHECK,$(words $(ANALYZED)) files)
	$(Q)cppcheck --quiet --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	    --suppress=missingIncludeSystem --suppress=legacyUninitvar --suppress=uninitvar --suppress=uninitMemberVar --suppress=uninitDerivedMemberVar $(INCLUDES) -D__x86_64__ $(TOOL_FLAGS) $(ANALYZED)
	$(call say,ANALYZE,$(words $(ANALYZED)) files with GCC)
	$(Q)printf '%s\n' $(ANALYZED) | xargs -P $(shell nproc) -I{} $(CXX) $(CXXFLAGS_STUB) $(TOOL_FLAGS) -fanalyzer \
	    -Wno-analyzer-null-dereference -Wno-analyzer-null-argument -Wno-analyzer-use-of-uninitialized-value -c {} -o /dev/null
.PHONY: analyze

# The hosted unit tests with sanitizers.
SANITIZED := $(B)/sanitized
sanitize:
	@tests/packages $(TEST_PACKAGES) valgrind
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SANITIZED)/unit-tests $(SANITIZED)/unit-tests-dynamic
	$(Q)ASAN_OPTIONS=detect_leaks=0 tests/run 'unit (ASan, UBSan)' $(SANITIZED)/unit-tests --gtest_filter=$(UNIT_FILTER):*FuzzTest.*
	$(Q)tests/run 'unit (valgrind)' valgrind --quiet --error-exitcode=99 --trace-children=no $(SANITIZED)/unit-tests-dynamic --gtest_filter='Splitter.*:Decimal.*:FixedString.*:ErrnoName.*:EscapeJson.*:Bootstrap.*:InitialStack.*:Environment*.*:NsrunOptions.*:NsrunConfig.*'
SANITIZED_SOURCES := $(filter-out tests/host/%,$(SUITE_SOURCES))
SANITIZED_OBJECTS := $(SANITIZED_SOURCES:%.cpp=$(SANITIZED)/obj/%.o)
$(SANITIZED)/obj/%.o: %.cpp
	$(call say,CXX,$< (sanitized))
	@mkdir -p $(@D)
	$(Q)clang++ $(filter-out -Werror,$(CXXFLAGS_HOSTED)) -Wno-everything -fsanitize=address,undefined -fno-sanitize-recover=all -c $< -o $@
$(SANITIZED)/unit-tests: $(SANITIZED_OBJECTS)
	$(call say,LINK,$@)
	$(Q)clang++ -fsanitize=address,undefined $^ -lgtest -lgtest_main -lpthread -o $@
# valgrind recognizes libc's functions only if they are in a shared library.
$(SANITIZED)/unit-tests-dynamic: $(SANITIZED_SOURCES:%.cpp=$(O)/hosted/%.o)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $^ -lgtest -lgtest_main -lpthread -o $@
.PHONY: sanitize
