# make install DESTDIR= PREFIX=/usr/local LIBDIR=PREFIX/lib: installs nsrun, and what a program
# needs to link the stub, to be its parent, or to make system calls without a libc. LIBDIR is the
# directory for one machine's libraries, such as /usr/lib/x86_64-linux-gnu. Paths may contain
# spaces. Everybody can read the installed files, whatever the umask is.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
MACHINES := $(patsubst arch/%/syscall.h,%,$(wildcard arch/*/syscall.h))

# Files below LIBDIR, and files below PREFIX.
INSTALL_LIB   := libnsexec.a libnsexec-parent.a \
                 nsexec-stub/nsexec-guard.o nsexec-stub/libnsexec-archive.a nsexec-stub/nsexec-blob.o \
                 nsexec-stub/ld/freestanding.ld nsexec-stub/ld/blob.ld \
                 $(patsubst %,pkgconfig/%.pc,nsexec-stub nsexec-parent nsexec-syscalls) \
                 $(patsubst %,cmake/nsexec-stub/nsexec-stub-%.cmake,config config-version)
INSTALL_HEADERS := $(wildcard syscalls/*.h) arch/syscall.h arch/32bit.h arch/64bit.h arch/register_syscall.h $(MACHINES:%=arch/%/syscall.h)
INSTALL_FILES := include/nsexec.h include/nsexec_parent.h $(INSTALL_HEADERS:%=include/nsexec/%) bin/nsrun \
                 share/man/man1/nsrun.1 share/man/man7/nsexec-stub.7 \
                 share/bash-completion/completions/nsrun share/zsh/site-functions/_nsrun \
                 share/fish/vendor_completions.d/nsrun.fish
TO_LIB := '$(DESTDIR)$(LIBDIR)'/
TO := '$(DESTDIR)$(PREFIX)'/
VERSION_PARTS := $(subst ., ,$(VERSION))
# Escapes the characters that have a meaning in the replacement of sed's s command.
for_sed = $(subst |,\|,$(subst &,\&,$(subst \,\\,$(1))))
FILLED_IN = sed -e 's|@PREFIX@|$(call for_sed,$(PREFIX))|' -e 's|@VERSION@|$(VERSION)|' \
                -e 's|@LIBDIR@|$(call for_sed,$(subst $(PREFIX)/,$${prefix}/,$(LIBDIR)))|' \
                -e 's|@VERSION_MAJOR@|$(word 1,$(VERSION_PARTS))|' -e 's|@VERSION_MINOR@|$(word 2,$(VERSION_PARTS))|' \
                -e "s|@INCLUDE_FROM_CMAKE@|$$(realpath -m --relative-to='$(LIBDIR)/cmake/nsexec-stub' '$(PREFIX)/include')|"
# In the tree, headers are included from the top directory. Installed, they are included from the
# directory of all headers.
HEADERS_INSTALLED = sed -e 's|^\#include "syscalls/|\#include "nsexec/syscalls/|' -e 's|^\#include "arch/|\#include "nsexec/arch/|'

install: all go-module
	$(Q)cd '$(CURDIR)' && install -d $(addprefix $(TO_LIB),$(sort $(dir $(INSTALL_LIB)))) \
	    $(addprefix $(TO),$(sort $(dir $(INSTALL_FILES))))
	$(Q)install -m 644 $(B)/libnsexec.a $(B)/libnsexec-parent.a $(TO_LIB)
	$(Q)install -m 644 $(STUB_GUARD) $(STUB_ARCHIVE) $(B)/nsexec-blob.o $(TO_LIB)nsexec-stub/
	$(Q)install -m 644 stub/nsexec.h parent/nsexec_parent.h $(TO)include/
	$(Q)for header in $(INSTALL_HEADERS); do \
	    $(HEADERS_INSTALLED) $$header > $(TO)include/nsexec/$$header || exit 1; done
	$(Q)install -m 755 $(B)/nsrun $(TO)bin/
	$(Q)install -m 644 docs/man/nsrun.1 $(TO)share/man/man1/
	$(Q)install -m 644 docs/man/nsexec-stub.7 $(TO)share/man/man7/
	$(Q)install -m 644 install/completions/nsrun.bash $(TO)share/bash-completion/completions/nsrun
	$(Q)install -m 644 install/completions/_nsrun $(TO)share/zsh/site-functions/
	$(Q)install -m 644 install/completions/nsrun.fish $(TO)share/fish/vendor_completions.d/
	$(Q)install -m 644 $(B)/freestanding.ld ld/blob.ld $(TO_LIB)nsexec-stub/ld/
	$(Q)install -d $(TO)share/nsexec-stub
	$(Q)rm -rf $(TO)share/nsexec-stub/go && cp -R build/go-module $(TO)share/nsexec-stub/go
	$(Q)rm -rf $(TO)share/nsexec-stub/rust && cp -R embed/rust $(TO)share/nsexec-stub/rust
	$(Q)rm -rf $(TO)share/nsexec-stub/rust/target
	$(Q)chmod -R u=rwX,go=rX $(TO)share/nsexec-stub/go $(TO)share/nsexec-stub/rust
	$(Q)for name in nsexec-stub nsexec-parent nsexec-syscalls; do \
	    $(FILLED_IN) install/$$name.pc.in > $(TO_LIB)pkgconfig/$$name.pc || exit 1; done
	$(Q)for name in config config-version; do $(FILLED_IN) install/nsexec-stub-$$name.cmake.in \
	    > $(TO_LIB)cmake/nsexec-stub/nsexec-stub-$$name.cmake || exit 1; done
	$(Q)chmod 644 $(addprefix $(TO),$(INSTALL_HEADERS:%=include/nsexec/%)) \
	    $(addprefix $(TO_LIB),$(filter pkgconfig/% cmake/%,$(INSTALL_LIB)))

uninstall:
	$(Q)rm -f $(addprefix $(TO_LIB),$(INSTALL_LIB)) $(addprefix $(TO),$(INSTALL_FILES))
	$(Q)rm -rf $(TO)share/nsexec-stub $(TO)include/nsexec $(TO_LIB)nsexec-stub $(TO_LIB)cmake/nsexec-stub

# Packs the committed sources only. The bytes are the same whenever and wherever it is made.
DIST := build/nsexec-stub-$(VERSION).tar.gz
dist:
	@git -C '$(CURDIR)' ls-files --error-unmatch Makefile > /dev/null 2>&1 \
	    || { echo 'make dist needs a git checkout, because it packs the committed files' >&2; exit 1; }
	$(Q)mkdir -p build
	$(Q)git archive --format=tar --prefix=nsexec-stub-$(VERSION)/ -o $(DIST).tmp HEAD && gzip -9n < $(DIST).tmp > $(DIST)
	@rm -f $(DIST).tmp
	@echo $(DIST)

.PHONY: install uninstall dist
