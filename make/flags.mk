# Compiler flags. The stub and the tools are freestanding. The tests are ordinary programs that
# include the same headers.

WARNINGS := -Wall -Wextra -Wshadow -Wcast-qual -Wundef -Wvla -Wnon-virtual-dtor
# In our tests (tests/all) a warning ends the build. Elsewhere it does not, because a newer compiler
# may warn about more.
ifneq ($(WERROR),)
WARNINGS += -Werror
endif

IS_CLANG := $(findstring clang,$(shell $(with_path) $(CXX) --version 2>/dev/null | head -n 1))

# The limits of size hold for the compilers that they were measured with. Another version makes more or
# less of the same source, and that must not stop a build: there the linker has twice the room, and the
# tests print the sizes.
SIZES_COUNT := $(filter $(if $(IS_CLANG),14,$(or $(GCC_OF_SIZES),12)),$(firstword $(subst ., ,$(shell $(with_path) $(CXX) -dumpversion 2>/dev/null))))
size_limit = $(if $(SIZES_COUNT),$(1),2 * ($(1)))

# The objects do not depend on the path of the checkout, which may contain spaces.
SPACE := $() $()
REPRODUCIBLE := -ffile-prefix-map=$(subst $(SPACE),\$(SPACE),$(CURDIR))=. -fno-ident $(if $(IS_CLANG),-fdebug-compilation-dir=.)

FREESTANDING := -ffreestanding -fpie -fvisibility=hidden -fno-stack-protector \
                -fno-asynchronous-unwind-tables -fno-unwind-tables -fomit-frame-pointer \
                -fno-exceptions -fno-rtti -fno-threadsafe-statics \
                $(if $(IS_CLANG),,-fno-tree-loop-distribute-patterns -fno-gnu-unique)

# Hosted objects take constants from stub/nsexec.h, and are linked without the stub.
INCLUDES := -I. -I$(B)/include -DNSEXEC_DECLARATIONS_ONLY

CXXFLAGS_STUB := -std=c++20 -Oz -g $(FREESTANDING) $(ARCH_CXXFLAGS) $(ARCH_MARKS) $(WARNINGS) $(REPRODUCIBLE) \
                 $(INCLUDES)
# The flags that give the smallest code when GCC sees a whole program: some for all machines, some
# for this one.
CXXFLAGS_SMALLEST := $(if $(IS_CLANG),,-fno-move-loop-invariants -fno-caller-saves -fira-region=all $(ARCH_CXXFLAGS_WHOLE))
# For a program that is one source. Otherwise GCC may address the constants of headers through a GOT.
CXXFLAGS_ALONE := $(if $(IS_CLANG),,-fwhole-program)
# For the one translation unit that is the whole stub.
CXXFLAGS_WHOLE := -ffunction-sections -fdata-sections $(if $(IS_CLANG),,-fwhole-program) $(CXXFLAGS_SMALLEST)
ASFLAGS_STUB  := -g $(ARCH_ASFLAGS) $(ARCH_MARKS) $(REPRODUCIBLE) $(INCLUDES)

CXXFLAGS_HOSTED := -std=c++20 -O1 -g $(WARNINGS) $(REPRODUCIBLE) $(INCLUDES) $(ARCH_CXXFLAGS_HOSTED)

# Not every libc has static-PIE for every machine.
NO_STATIC_PIE := $(if $(findstring /,$(shell $(with_path) $(CC) -print-file-name=rcrt1.o 2> /dev/null)),,yes)

# Rebuilds everything when the compiler or the flags change.
FLAGS_STAMP := $(B)/.flags
FLAGS_TEXT  := $(filter-out -Werror,$(CC)|$(NO_STATIC_PIE)|$(CXX)|$(LD)|$(CXXFLAGS_STUB) |$(CXXFLAGS_WHOLE)|$(CXXFLAGS_HOSTED)$(ARCH_CXXFLAGS_BLOB)$(ARCH_CXXFLAGS_GO))
$(shell mkdir -p $(B) && { echo '$(FLAGS_TEXT)' | cmp -s - $(FLAGS_STAMP) || echo '$(FLAGS_TEXT)' > $(FLAGS_STAMP); })

# If a tool is missing, nothing is built, and the command to install it is printed.
BINUTILS := $(firstword $(LD)) $(firstword $(AR)) $(firstword $(OBJCOPY))
MISSING  := $(firstword $(shell $(with_path); for tool in $(firstword $(CXX)) $(firstword $(CC)) $(BINUTILS); do \
                command -v $$tool > /dev/null || echo $$tool; done))
ifneq ($(MISSING),)
$(FLAGS_STAMP): no-compiler
endif
no-compiler:
	@echo '$(MISSING) is missing. On Debian:  apt-get install $(or $(if $(findstring clang,$(MISSING)),clang),$(if $(filter $(BINUTILS),$(MISSING)),binutils,g++)$(if $(CROSS),-$(CROSS:-=)    or: make ARCH=$(ARCH) cross-compiler))' >&2; exit 1
.PHONY: no-compiler

# Makes "arch/syscall.h" the file of this machine.
$(shell mkdir -p $(B)/include && ln -sfn ../../../arch/$(ARCH) $(B)/include/arch)
