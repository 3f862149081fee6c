# To be sourced by the tests: they run in an empty directory, on the installed packages alone.
set -eu
examples=/usr/share/doc/nsexec-stub-doc/examples
cd "${AUTOPKGTEST_TMP:-$(mktemp -d)}"
# An ordinary user runs what is built here.
chmod 755 .

# A test bed that lets not even unshare(1) have namespaces cannot show whether our programs can.
needs_namespaces() {
    if ! unshare --mount --pid --fork true 2> refused; then
        echo "SKIP: this test bed has no new namespaces for root: $(cat refused)"
        exit 77
    fi
}
user_namespaces() {
    if setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user --map-root-user true 2> refused; then return 0; fi
    echo "an ordinary user has no user namespaces here: $(cat refused)"
    return 1
}
as_user() {
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

cat > contained.c <<'END'
#include <stdio.h>
#include <unistd.h>
int main(void) {
  printf("hello from %d\n", (int)getpid());
  return 0;
}
END

# expect_stub PROGRAM: it runs, and the stub is in front of it: a malformed variable is the stub's business.
expect_stub() {
    "$1" | grep -q '^hello from '
    if _LIBCONTAINER_INITPIPE=three "$1" > said 2>&1; then
        echo "$1: the stub is not in front of it" >&2
        exit 1
    fi
    grep -q _LIBCONTAINER_INITPIPE=three said
    if grep -q '^hello' said; then exit 1; fi
}

# expect_runtime RUNTIME CONTAINED UNCONTAINED: it starts a program as pid 1, by root and by an ordinary user, and refuses one
# without the stub.
expect_runtime() {
    "$1" "$2" > said 2>&1
    grep -q '^hello from 1$' said
    if "$1" "$3" > said 2>&1; then exit 1; fi
    grep -q 'nsexec-stub is not in front' said
    if grep -q '^hello' said; then exit 1; fi
    if user_namespaces; then
        as_user "$1" "$2" > said 2>&1
        grep -q '^hello from 1$' said
    fi
}
