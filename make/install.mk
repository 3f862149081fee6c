# make install DESTDIR= PREFIX=/usr/local: what a program needs to have the stub in front, and nsrun.

PREFIX ?= /usr/local
INSTALL_LIB   := lib/libnsexec.a lib/nsexec-stub/nsexec-blob.o
INSTALL_FILES := $(INSTALL_LIB) include/nsexec.h bin/nsrun lib/pkgconfig/nsexec-stub.pc \
                 lib/cmake/nsexec-stub/nsexec-stub-config.cmake \
                 share/man/man1/nsrun.1 share/man/man7/nsexec-stub.7 \
                 share/bash-completion/completions/nsrun share/zsh/site-functions/_nsrun \
                 share/nsexec-stub/ld/freestanding.ld share/nsexec-stub/ld/blob.ld
FILLED_IN = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|'

install: all go-module
	$(Q)cd '$(CURDIR)' && install -d $(addprefix '$(DESTDIR)$(PREFIX)'/,$(sort $(dir $(INSTALL_FILES))))
	$(Q)install -m 644 $(B)/libnsexec.a '$(DESTDIR)$(PREFIX)'/lib/
	$(Q)install -m 644 $(B)/nsexec-blob.o '$(DESTDIR)$(PREFIX)'/lib/nsexec-stub/
	$(Q)install -m 644 stub/nsexec.h '$(DESTDIR)$(PREFIX)'/include/
	$(Q)install -m 755 $(B)/nsrun '$(DESTDIR)$(PREFIX)'/bin/
	$(Q)install -m 644 docs/man/nsrun.1 '$(DESTDIR)$(PREFIX)'/share/man/man1/
	$(Q)install -m 644 docs/man/nsexec-stub.7 '$(DESTDIR)$(PREFIX)'/share/man/man7/
	$(Q)install -m 644 install/completions/nsrun.bash '$(DESTDIR)$(PREFIX)'/share/bash-completion/completions/nsrun
	$(Q)install -m 644 install/completions/_nsrun '$(DESTDIR)$(PREFIX)'/share/zsh/site-functions/
	$(Q)install -m 644 $(B)/freestanding.ld ld/blob.ld '$(DESTDIR)$(PREFIX)'/share/nsexec-stub/ld/
	$(Q)rm -rf '$(DESTDIR)$(PREFIX)'/share/nsexec-stub/go
	$(Q)cp -R build/go-module '$(DESTDIR)$(PREFIX)'/share/nsexec-stub/go
	$(Q)$(FILLED_IN) install/nsexec-stub.pc.in > '$(DESTDIR)$(PREFIX)'/lib/pkgconfig/nsexec-stub.pc
	$(Q)$(FILLED_IN) install/nsexec-stub-config.cmake.in \
	    > '$(DESTDIR)$(PREFIX)'/lib/cmake/nsexec-stub/nsexec-stub-config.cmake

uninstall:
	$(Q)rm -f $(addprefix '$(DESTDIR)$(PREFIX)'/,$(INSTALL_FILES))
	$(Q)rm -rf '$(DESTDIR)$(PREFIX)'/share/nsexec-stub '$(DESTDIR)$(PREFIX)'/lib/nsexec-stub \
	    '$(DESTDIR)$(PREFIX)'/lib/cmake/nsexec-stub

# The committed sources and nothing else; the same bytes whenever and wherever it is made.
dist:
	$(Q)mkdir -p build
	$(Q)git archive --format=tar --prefix=nsexec-stub-$(VERSION)/ HEAD | gzip -9n > build/nsexec-stub-$(VERSION).tar.gz
	@echo build/nsexec-stub-$(VERSION).tar.gz

.PHONY: install uninstall dist
