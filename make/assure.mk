# Whether it can be relied on: fuzzing, mutants, sanitizers, static analysis, coverage. docs/reliability.md has the figures.

# Fuzzing. The very sources of the stub and of nsrun that are functions of bytes alone, built hosted with sanitizers, under two
# engines: libFuzzer and AFL++. FUZZ_SECONDS is for all targets of an engine together.
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

# The stub with one mistake each: does the suite notice? MUTANTS=NAME for some of them.
mutants: suite
	$(Q)tests/mutants/run $(B) $(MUTANTS)
print-stub-programs:
	@echo $(STUB_OUTPUTS) $(PROBES) $(B)/nsrun
# Whether each of them can still be made.
mutants-apply:
	$(Q)tests/mutants/run --apply
.PHONY: mutants mutants-apply print-stub-programs

# Every system call fails, with every errno; every process is killed and stopped at each (tests/host/faults_test.cpp). The
# suite has this too, with a part of nsrun's share.
faults: suite
	$(Q)NSEXEC_EXHAUSTIVE=1 tests/run faults $(T)/nsexec-tests --gtest_filter='*FaultTest.*'
.PHONY: faults

# 10,000 starts, one after the other and 64 at a time, and 1,000 at once, by root and by an ordinary user: what is left of them.
LOAD ?= 10000
load: suite
	$(Q)NSEXEC_STARTS=$(LOAD) unshare --mount $(T)/nsexec-tests --gtest_brief=1 --gtest_filter='*LoadTest.*'
.PHONY: load

# What compilers and other readers find. Buffers that the kernel fills are uninitialised on purpose (MSan and valgrind look at
# those); GCC 12, whose analyzer is made for C, does not see that check() does not return. cppcheck and GCC's analyzer read the stub and nsrun as they are built.
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

# The hosted tests with sanitizers: what is a function of bytes, and the wrappers.
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
# valgrind knows libc's functions by their names in a shared library.
$(SANITIZED)/unit-tests-dynamic: $(SANITIZED_SOURCES:%.cpp=$(O)/hosted/%.o)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $^ -lgtest -lgtest_main -lpthread -o $@
.PHONY: sanitize
