# nsexec-stub: the entry to all builds and tests. `make help` lists the targets.
#
#   ARCH=x86_64            the machine to build for (arch/<ARCH>/arch.mk)
#   TOOLCHAIN=gcc|clang    or CC=... CXX=... directly
#   V=1                    show the commands

# The machine may also be given as Go calls it.
ifeq ($(origin GOARCH),command line)
  ARCH := $(or $(patsubst arch/%/arch.mk,%,$(shell grep -lxE 'GOARCH +:= $(GOARCH)' arch/*/arch.mk)),$(GOARCH))
endif
ARCH      ?= $(shell uname -m)
TOOLCHAIN ?= gcc
V         ?= 0

ifeq ($(wildcard arch/$(ARCH)/arch.mk),)
  $(error ARCH=$(ARCH): unknown machine. The machines are: $(patsubst arch/%/arch.mk,%,$(wildcard arch/*/arch.mk)))
endif
ifeq ($(filter gcc clang,$(TOOLCHAIN)),)
  $(error TOOLCHAIN=$(TOOLCHAIN): unknown toolchain. The toolchains are: gcc clang. For others set CC= and CXX=)
endif
include arch/$(ARCH)/arch.mk
# Cross compilers that `make packages-of-rig` has unpacked. Before make 4.4 the function "shell" does not see
# what is exported here.
export PATH := $(PATH):$(CURDIR)/build/cross/bin
with_path := PATH='$(PATH)'

HOST_ARCH := $(shell uname -m)
ifeq ($(ARCH),$(HOST_ARCH))
  CROSS :=
  CLANG_TARGET :=
endif

ifeq ($(TOOLCHAIN),clang)
  ifeq ($(origin CC),default)
    CC := clang $(if $(CLANG_TARGET),--target=$(CLANG_TARGET))
  endif
  ifeq ($(origin CXX),default)
    CXX := clang++ $(if $(CLANG_TARGET),--target=$(CLANG_TARGET))
  endif
else
  ifeq ($(origin CC),default)
    CC := $(CROSS)gcc
  endif
  ifeq ($(origin CXX),default)
    CXX := $(CROSS)g++
  endif
endif
ifeq ($(origin LD),default)
  LD := $(CROSS)ld
endif
ifeq ($(origin AR),default)
  AR := $(CROSS)ar
endif
OBJCOPY ?= $(CROSS)objcopy

comma := ,
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),@printf '  %-8s %s\n' '$(1)' '$(2)')

VERSION := 0.1.0

B := build/$(ARCH)$(if $(filter clang,$(TOOLCHAIN)),-clang)$(if $(COVERAGE),-coverage)
O := $(B)/obj

include make/flags.mk
include make/coverage.mk
include make/stub.mk
include make/blob.mk
include make/parent.mk
include make/tools.mk
include make/tests.mk
include make/embed.mk
include make/install.mk
include make/checks.mk
include make/runc.mk
include make/engines.mk
include make/rig.mk
include make/bench.mk
include make/assure.mk
include make/proofs.mk
include make/prove-parsers.mk

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all run test test-unit test-host lint format format-fix clean help

all: $(STUB_OUTPUTS) $(PARENT_OUTPUTS) $(TOOL_OUTPUTS)

clean:
	rm -rf build

help:
	@sed -n 's/^#: //p' make/help.txt
