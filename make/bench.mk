# Benchmarks. `make bench` runs all of them and makes tables and plots; `make bench-check` checks
# the ratios that the project promises.

BENCH := $(B)/bench
BENCH_PACKAGES := $(BUILD_PACKAGES) libgtest-dev libbenchmark-dev busybox-static runc crun bubblewrap util-linux python3 squashfs-tools
BENCH_SOURCES := bench/main.cpp bench/start.cpp bench/flow.cpp bench/launch.cpp bench/parked.cpp bench/syscalls.cpp \
                 tests/support/support.cpp tests/support/resolver.cpp tests/support/sealing.cpp parent/message.cpp parent/seal.cpp stub/seal/mount.cpp
# The floor of a whole container builds its file system with nsrun's own code. The linker picks the
# objects that it needs.
LAUNCH_FLOOR_OBJECTS := $(if $(IS_CLANG),$(O)/bench/launch_floor.o $(O)/whole/libnsrun.a,$(O)/whole/launch-floor.o $(RUNTIME_OBJECTS)) \
                        $(O)/arch/program.o
$(O)/whole/libnsrun.a: $(filter-out $(O)/tools/nsrun/main.o $(O)/arch/program.o,$(NSRUN_OBJECTS))
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(O)/whole/launch-floor.o: $(O)/whole/bench/launch_floor.o $(filter-out $(O)/whole/tools/nsrun/main.o,$(NSRUN_PARTS))
	$(whole)
BENCH_OBJECTS := $(BENCH_SOURCES:%.cpp=$(O)/hosted/%.o)

$(O)/bench/floor.o: CXXFLAGS_STUB += $(CXXFLAGS_ALONE)
$(eval $(call freestanding_program,bench/floor,$(O)/bench/floor.o $(RUNTIME_OBJECTS) $(O)/arch/program.o,0x4000,nsexec_real_entry))
$(eval $(call freestanding_program,bench/launch-floor,$(LAUNCH_FLOOR_OBJECTS),0x34000,nsexec_real_entry))

$(O)/hosted/bench/%.o: CXXFLAGS_HOSTED += -O2
$(BENCH)/nsexec-bench: $(BENCH_OBJECTS)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(BENCH_OBJECTS) -Wl,-z,now -lbenchmark -lgtest -lpthread -o $@

# The same program, linked statically, for a machine in QEMU: make bench-arch ARCH=s390x.
BENCH_ARCH_FILTER ?= ^(syscall|process|unshare|setns|mount|sealing)/|^flow/(none|four)/
BENCHMARK := build/benchmark
$(BENCHMARK)/version:
	@tests/rig/fetch-benchmark $(BENCHMARK)
$(O)/benchmark/libbenchmark.a: $(BENCHMARK)/version
	$(call say,CXX,Google Benchmark)
	@mkdir -p $(@D)
	$(Q)cd $(@D) && for file in "$(CURDIR)"/$(BENCHMARK)/src/*.cc; do case "$$file" in */benchmark_main.cc) continue ;; esac; \
	    $(CXX) -std=c++17 -O2 -DNDEBUG -DHAVE_POSIX_REGEX -DHAVE_STEADY_CLOCK -DBENCHMARK_STATIC_DEFINE \
	        -I"$(CURDIR)"/$(BENCHMARK)/include -c "$$file" || exit 1; done
	$(Q)cd $(@D) && rm -f libbenchmark.a && $(AR) rcs libbenchmark.a *.o
$(O)/hosted/bench/%.o: INCLUDES += $(if $(CROSS),-I$(BENCHMARK)/include -DBENCHMARK_STATIC_DEFINE)
$(if $(CROSS),$(BENCH_OBJECTS): | $(BENCHMARK)/version)
$(BENCH)/nsexec-bench-static: $(BENCH_OBJECTS) $(O)/benchmark/libbenchmark.a $(filter %gtest-all.o,$(GTEST))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -static $^ $(if $(CROSS),,-lgtest) -lpthread -o $@
bench-arch: | packages packages-of-rig
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(SUITE) $(BENCH)/launch-floor $(BENCH)/nsexec-bench-static
	$(Q)$(RIG_ENVIRONMENT) tests/rig/bench $(ARCH) $(KERNEL) --benchmark_filter='$(BENCH_ARCH_FILTER)' \
	    --benchmark_repetitions=11 --benchmark_min_time=0.005 --benchmark_enable_random_interleaving=true --benchmark_report_aggregates_only=true
# From the kernel's start of /init to the first container: make bench-cold ARCH=armv7l KERNEL=sid.
bench-cold: | packages packages-of-rig
	$(Q)$(MAKE) --no-print-directory -s -j$(shell nproc) $(B)/nsrun
	$(Q)$(RIG_ENVIRONMENT) tests/rig/cold $(ARCH) $(KERNEL)
.PHONY: bench-arch bench-cold

BENCH_PROGRAMS := $(BENCH)/floor $(BENCH)/launch-floor $(BENCH)/nsexec-bench $(B)/nsexec-true $(B)/nsrun
packages-to-bench:
	@tests/packages $(BENCH_PACKAGES)
bench: | packages-to-bench
	$(Q)$(MAKE) --no-print-directory -s $(BENCH_PROGRAMS)
	$(Q)bench/run $(B) full
# Writes the figures of a new run into the documentation.
bench-docs: bench
	$(Q)mkdir -p docs/figures
	$(Q){ printf '# Figures\n\nReference: every figure of one run of the benchmarks. `make bench-docs` writes this page. [bench.md](bench.md) says what each benchmark does.\n\nThe first table has the ratios that the project promises. Below it, each figure is the median of all repetitions and their median absolute deviation.\n\n'; cat $(BENCH)/table.md; } \
	    > docs/bench-figures.md
	$(Q)cp $(BENCH)/*.svg docs/figures/
.PHONY: bench-docs
bench-check: | packages-to-bench
	$(Q)$(MAKE) --no-print-directory -s $(BENCH_PROGRAMS)
	$(Q)bench/run $(B) check
.PHONY: bench bench-check packages-to-bench

-include $(BENCH_OBJECTS:.o=.d) $(O)/bench/floor.d $(O)/bench/launch_floor.d
