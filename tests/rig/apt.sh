# tests/rig/apt.sh, to be sourced: downloads Debian's packages of any suite and machine with apt,
# from this system's mirror. It uses its own lists and cache, so the system's architectures and
# sources stay unchanged.

# apt_of DIRECTORY ARCHITECTURE SUITE: selects the suite for `apt` below and keeps its state in
# DIRECTORY.
apt_of() {
    apt_work=$1
    apt_architecture=$2
    rm -rf "$apt_work"
    mkdir -p "$apt_work/lists/partial" "$apt_work/archives/partial" "$apt_work/packages"
    apt_site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' \
        | grep -v security | head -n 1)
    apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [arch=$2 signed-by=$apt_keyring] ${apt_site:-http://deb.debian.org/debian} $3 main" \
        > "$apt_work/sources.list"
    touch "$apt_work/status"
    # An old release may have an expired date.
    apt apt-get -o Acquire::Check-Valid-Until=false update > "$apt_work/log" 2>&1 ||
        { cat "$apt_work/log" >&2; return 1; }
}

# apt apt-get|apt-cache ARGUMENT...: runs the command for the selected suite.
apt() {
    apt_command=$1
    shift
    "$apt_command" -q -o Dir::State="$apt_work" -o Dir::State::status="$apt_work/status" \
        -o Dir::State::Lists="$apt_work/lists" -o Dir::Cache="$apt_work" \
        -o Dir::Etc::SourceList="$apt_work/sources.list" -o Dir::Etc::SourceParts=- \
        -o APT::Architecture="$apt_architecture" -o APT::Architectures="$apt_architecture" \
        -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

# apt_unpack PACKAGE...: downloads packages and unpacks them into DIRECTORY/root.
apt_unpack() {
    (cd "$apt_work/packages" && apt apt-get download "$@" >> "$apt_work/log" 2>&1) ||
        { cat "$apt_work/log" >&2; return 1; }
    for apt_file in "$apt_work"/packages/*.deb; do dpkg-deb -x "$apt_file" "$apt_work/root" || return 1; done
}
