# Compiler flags. The stub and the tools are freestanding; the tests are ordinary programs that
# use the very same headers.

WARNINGS := -Wall -Wextra -Wshadow -Wcast-qual -Wundef -Wvla -Wnon-virtual-dtor
# A warning ends the build where we test (tests/all), and not where a newer compiler than ours knows more of them.
ifneq ($(WERROR),)
WARNINGS += -Werror
endif

IS_CLANG := $(findstring clang,$(shell $(CXX) --version 2>/dev/null | head -n 1))

# Whatever the checkout is called, the objects are the same. Its path may have spaces.
SPACE := $() $()
REPRODUCIBLE := -ffile-prefix-map=$(subst $(SPACE),\$(SPACE),$(CURDIR))=. -fno-ident $(if $(IS_CLANG),-fdebug-compilation-dir=.)

FREESTANDING := -ffreestanding -fpie -fvisibility=hidden -fno-stack-protector \
                -fno-asynchronous-unwind-tables -fno-unwind-tables -fomit-frame-pointer \
                -fno-exceptions -fno-rtti -fno-threadsafe-statics \
                $(if $(IS_CLANG),,-fno-tree-loop-distribute-patterns -fno-gnu-unique)

# Hosted objects of this tree take constants from stub/nsexec.h and are linked without the stub.
INCLUDES := -I. -I$(B)/include -DNSEXEC_DECLARATIONS_ONLY

CXXFLAGS_STUB := -std=c++20 -Oz -g $(FREESTANDING) $(ARCH_CXXFLAGS) $(ARCH_MARKS) $(WARNINGS) $(REPRODUCIBLE) \
                 $(INCLUDES)
# What GCC makes the smallest code with, where it sees a program as a whole: on any machine, and on
# this one.
CXXFLAGS_SMALLEST := $(if $(IS_CLANG),,-fno-move-loop-invariants -fno-caller-saves -fira-region=all $(ARCH_CXXFLAGS_WHOLE))
# For the one translation unit that is the stub.
CXXFLAGS_WHOLE := -ffunction-sections -fdata-sections $(if $(IS_CLANG),,-fwhole-program) $(CXXFLAGS_SMALLEST)
ASFLAGS_STUB  := -g $(ARCH_MARKS) $(REPRODUCIBLE) $(INCLUDES)

CXXFLAGS_HOSTED := -std=c++20 -O1 -g $(WARNINGS) $(REPRODUCIBLE) $(INCLUDES)

# Another compiler or other flags: everything is built again.
FLAGS_STAMP := $(B)/.flags
FLAGS_TEXT  := $(filter-out -Werror,$(CC)|$(CXX)|$(LD)|$(CXXFLAGS_STUB) |$(CXXFLAGS_WHOLE)|$(CXXFLAGS_HOSTED))
$(shell mkdir -p $(B) && { echo '$(FLAGS_TEXT)' | cmp -s - $(FLAGS_STAMP) || echo '$(FLAGS_TEXT)' > $(FLAGS_STAMP); })

# Without the compiler, nothing is built, and what to type is said instead.
COMPILER := $(firstword $(CXX))
ifeq ($(shell command -v $(COMPILER) 2> /dev/null),)
$(FLAGS_STAMP): no-compiler
endif
no-compiler:
	@echo '$(COMPILER) is missing. On Debian:  apt-get install $(or $(if $(findstring clang,$(COMPILER)),clang),$(if $(CROSS),g++-$(CROSS:-=)),g++)' >&2; exit 1
.PHONY: no-compiler

# "arch/syscall.h" is this machine's.
$(shell mkdir -p $(B)/include && ln -sfn ../../../arch/$(ARCH) $(B)/include/arch)
