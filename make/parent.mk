# The parent's library: build/<arch>/libnsexec-parent.a, one object that calls only the kernel.

PARENT_SOURCES := $(wildcard parent/*.cpp) stub/seal/mount.cpp $(RUNTIME_SOURCES)
PARENT_OBJECTS := $(PARENT_SOURCES:%.cpp=$(O)/parent-library/%.o)
PARENT_SYMBOLS := $(addprefix nsexec_parent_,encode check seal start read_pids set_up read_records wait signal kill close)

# -fPIC, because it may also be linked into a shared library.
$(O)/parent-library/%.o: %.cpp $(FLAGS_STAMP)
	$(call say,CXX,$< (parent))
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_STUB) -fPIC -ffunction-sections -MMD -MP -c $< -o $@

$(B)/libnsexec-parent.a: $(PARENT_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(LD) -r --force-group-allocation $^ -o $(O)/parent-library/nsexec-parent.o
	$(Q)$(OBJCOPY) $(PARENT_SYMBOLS:%=--keep-global-symbol=%) $(O)/parent-library/nsexec-parent.o
	$(Q)rm -f $@ && $(AR) rcsD $@ $(O)/parent-library/nsexec-parent.o

PARENT_OUTPUTS := $(B)/libnsexec-parent.a

# examples/minimal-runtime: a container runtime in one file.
$(B)/examples/minimal-runtime: examples/minimal-runtime/main.c parent/nsexec_parent.h $(B)/libnsexec-parent.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -Wall -Wextra -Iparent $< $(B)/libnsexec-parent.a -o $@
examples: $(B)/examples/minimal-runtime
.PHONY: examples

-include $(PARENT_OBJECTS:.o=.d)
