# What it costs. `make bench`: everything, with tables and plots; `make bench-check`: the headline ratios.

BENCH := $(B)/bench
BENCH_PACKAGES := $(BUILD_PACKAGES) libgtest-dev libbenchmark-dev busybox-static runc crun bubblewrap util-linux gnuplot-nox python3
BENCH_SOURCES := bench/main.cpp bench/start.cpp bench/flow.cpp bench/launch.cpp bench/syscalls.cpp \
                 tests/support/support.cpp tests/support/sealing.cpp
LAUNCH_FLOOR_OBJECTS := $(O)/bench/launch_floor.o $(O)/tools/nsrun/rootfs.o $(O)/tools/nsrun/mounts.o $(O)/tools/nsrun/options.o \
                        $(O)/tools/nsrun/capabilities.o \
                        $(O)/stub/environment.o $(O)/stub/memory.o $(O)/arch/program.o
BENCH_OBJECTS := $(BENCH_SOURCES:%.cpp=$(O)/hosted/%.o)

$(eval $(call freestanding_program,bench/floor,$(O)/bench/floor.o $(O)/stub/memory.o $(O)/arch/program.o,0x4000,nsexec_real_entry))
$(eval $(call freestanding_program,bench/launch-floor,$(LAUNCH_FLOOR_OBJECTS),0x20000,nsexec_real_entry))

$(O)/hosted/bench/%.o: CXXFLAGS_HOSTED += -O2
$(BENCH)/nsexec-bench: $(BENCH_OBJECTS)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(BENCH_OBJECTS) -lbenchmark -lgtest -lpthread -o $@

BENCH_PROGRAMS := $(BENCH)/floor $(BENCH)/launch-floor $(BENCH)/nsexec-bench $(B)/nsexec-true $(B)/nsrun
packages-to-bench:
	@tests/packages $(BENCH_PACKAGES)
bench: | packages-to-bench
	$(Q)$(MAKE) --no-print-directory $(BENCH_PROGRAMS)
	$(Q)bench/run $(B) full
bench-check: | packages-to-bench
	$(Q)$(MAKE) --no-print-directory $(BENCH_PROGRAMS)
	$(Q)bench/run $(B) check
.PHONY: bench bench-check packages-to-bench

-include $(BENCH_OBJECTS:.o=.d) $(O)/bench/floor.d $(O)/bench/launch_floor.d
