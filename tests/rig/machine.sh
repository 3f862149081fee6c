# tests/rig/machine.sh, to be sourced with $arch, $suite, $build, $kernels, $image and $log set.

# run_in_machine PROGRAM ARGUMENT...: boots $kernels in QEMU, runs $build/PROGRAM in it, and keeps
# the machine's output in $log. With RIG_SHARE=I/N the suite runs in two parts: the tests of
# tests/rig/on-every-machine, and the Ith of N shares (from 0) of the other tests.
run_in_machine() {
    program=$1
    shift
    make_image "$@"
    printf '  BOOT     %s, Linux %s\n' "$arch" "$(cat "$kernels/version")"
    tests/watched "$arch $suite" "$log.raw" timeout "${RIG_LIMIT:-2400}" tests/rig/qemu $QEMU_SYSTEM -m 2560 -smp 1 -nographic -no-reboot -nodefaults -serial stdio \
        -kernel "$kernels/kernel" -initrd "$image" \
        -append "$QEMU_APPEND quiet panic=-1"
    tr -d '\r' < "$log.raw" > "$log"
    rm -f "$image" "$log.raw"
}

# Prints the command lines that the machine runs, one per line.
commands() {
    if [ -z "${RIG_SHARE:-}" ]; then
        echo "/build/$program $*"
        return
    fi
    everywhere=$(grep -v '^#' tests/rig/on-every-machine | paste -s -d :)
    echo "/build/$program --gtest_color=no --gtest_filter=$everywhere"
    echo "env GTEST_SHARD_INDEX=${RIG_SHARE%/*} GTEST_TOTAL_SHARDS=${RIG_SHARE#*/}" \
        "/build/$program --gtest_color=no --gtest_filter=-$everywhere"
}

make_image() {
    # The root file system: busybox, the suite and all programs that it runs, and a libc for the
    # dynamic programs.
    root=$(mktemp -d)
    mkdir -p "$root/bin" "$root/sbin" "$root/usr/bin" "$root/build/tests" "$root/etc" "$root/lib" "$root/lib64" \
        "$root/tmp" "$root/modules" "$root/proc" "$root/sys" "$root/dev"
    cp "$kernels/busybox" "$root/bin/busybox"
    cp tests/rig/init "$root/init"
    cp tests/rig/start "$root/start"
    commands "$@" > "$root/commands"
    date +%s > "$root/build/time"
    cp tests/runc/run "$root/build/tests/runc-run"
    printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/bin/sh > "$root/etc/passwd"
    printf '%s\n' root:x:0: nogroup:x:65534: > "$root/etc/group"
    touch "$root/etc/subuid" "$root/etc/subgid"
    for file in "$build"/*; do if [ -f "$file" ]; then cp "$file" "$root/build/"; fi; done
    mkdir -p "$root/build/bench"
    cp "$build/bench/floor" "$build/bench/launch-floor" "$root/build/bench/"
    if [ "$program" != tests/nsexec-tests ]; then cp "$build/$program" "$root/build/$program"; fi
    for file in "$build"/tests/*; do
        case $file in *.a | *.o | *.proof | */link-tests) ;; *) cp "$file" "$root/build/tests/" ;; esac
    done
    "${CROSS:-}strip" "$root/build/tests/nsexec-tests" "$root"/build/tests/embed-* "$root"/build/tests/hello-* 2> /dev/null
    modules=''
    for module in overlay loop squashfs erofs isofs romfs cramfs ext4; do add_module "$module"; done
    for module in "$root"/modules/*.xz; do if [ -e "$module" ]; then xz -d "$module"; fi; done
    # Copies the dynamic programs' interpreter and libraries to the places where they are looked for.
    interpreter=$(interpreter_of "$build/tests/hello-dynamic")
    mkdir -p "$root/$(dirname "$interpreter")"
    cp -L "$(library "$(basename "$interpreter")")" "$root$interpreter"
    for name in libc.so.6 libgcc_s.so.1; do
        cp -L "$(library "$name")" "$root/lib/"
        cp -L "$(library "$name")" "$root/lib64/"
    done
    # musl's interpreter is its libc.
    interpreter=$(interpreter_of "$build/tests/hello-musl-dynamic")
    mkdir -p "$root/$(dirname "$interpreter")"
    cp -L "$interpreter" "$root$interpreter"
    (cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) > "$image"
    rm -rf "$root"
}

# add_module NAME: copies the module, if the kernel has it as one, behind those that it depends on. /init loads
# them in the order of their names.
add_module() {
    case " $modules " in *" $1 "*) return ;; esac
    modules="$modules $1"
    for file in $(find "$kernels/modules" -name "$1.ko*" -o -name "$(echo "$1" | tr _ -).ko*"); do
        for dependency in $(/sbin/modinfo -F depends "$file" | tr , ' '); do add_module "$dependency"; done
    done
    # The names in the loop above have been overwritten by now.
    for file in $(find "$kernels/modules" -name "$1.ko*" -o -name "$(echo "$1" | tr _ -).ko*"); do
        cp "$file" "$root/modules/$(printf '%02d' "$(find "$root/modules" -type f | wc -l)")-$(basename "$file")"
    done
}

interpreter_of() { "${CROSS:-}readelf" -l "$1" | sed -n 's/.*interpreter: \(.*\)\]/\1/p'; }

# library NAME: prints the path of the compiler's library.
library() { "${CROSS:-}gcc" -print-file-name="$1"; }
