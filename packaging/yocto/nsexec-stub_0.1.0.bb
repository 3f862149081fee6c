SUMMARY = "Launcher of containers without a C library, and the stub that sets up namespaces in front of a program"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

# The archive of "make dist", in the directory "files" beside this recipe.
SRC_URI = "file://nsexec-stub-${PV}.tar.gz"
S = "${WORKDIR}/nsexec-stub-${PV}"

# The machine, as "uname -m" prints it.
NSEXEC_MACHINE = "${TARGET_ARCH}"
NSEXEC_MACHINE:arm = "armv7l"
NSEXEC_MACHINE:powerpc64le = "ppc64le"

# The compiler's options for the machine are in CC and CXX. All other flags of a freestanding program are its own. The Go
# package has the stub for this machine alone.
EXTRA_OEMAKE = "ARCH=${NSEXEC_MACHINE} CROSS=${TARGET_PREFIX} GO_MACHINES=${NSEXEC_MACHINE} \
    'CC=${CC}' 'CXX=${CXX}' 'LD=${TARGET_PREFIX}ld' PREFIX=${prefix} LIBDIR=${libdir}"

do_compile() {
    unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
    oe_runmake all
}

do_install() {
    unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
    oe_runmake install DESTDIR=${D}
}

FILES:${PN} = "${bindir}/nsrun"
FILES:${PN}-dev = "${includedir} ${libdir} ${datadir}/nsexec-stub"
FILES:${PN}-doc = "${mandir}"
PACKAGES =+ "${PN}-completions"
FILES:${PN}-completions = "${datadir}/bash-completion ${datadir}/zsh ${datadir}/fish"
# The static libraries are what this package is for.
PACKAGES:remove = "${PN}-staticdev"
INSANE_SKIP:${PN}-dev = "staticdev"
# nsrun is stripped, static and has no libc.
INSANE_SKIP:${PN} = "already-stripped ldflags"
