# tests/engines/common.sh, to be sourced by the scripts of the engines, which run in what tests/engines/start has made. /nsexec/runc
# has one file for each runc: "packaged", which the others are compared with, and the others.

. /nsexec-tests/tally.sh
engine=$(basename "$0")
started=$(date +%s)
work=/tmp/$engine
mkdir -p "$work"
passed=0
failed=0
skipped=0
# shellcheck disable=SC2034
test_image=localhost/test:1
# shellcheck disable=SC2034
pause_image=localhost/pause:1
built=$(find /nsexec/runc -type f ! -name packaged -exec basename {} \; | sort)

# check NAME STATUS [LOG]: counts a check, and shows the end of LOG if it has failed.
check() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "  FAILED  $engine: $1"
        if [ -e "${3:-}" ]; then tail -n 30 "$3" | cut -c 1-400; fi
    fi
}

# tests/engines/start ends what hangs.
trap 'check "${name:-the engine}${runtime:+, $runtime}: has not ended in time" 1; finish' TERM

# wait_for WHAT COMMAND [ARGUMENT]...: until the command succeeds. Gives up after minutes, and says what did not come.
wait_for() {
    wait_what=$1
    shift
    wait_end=$(($(date +%s) + 180))
    # In a subshell, because a trap in a command would print to /dev/null.
    until ("$@") > /dev/null 2>&1; do
        if [ "$(date +%s)" -ge $wait_end ]; then
            echo "$wait_what: did not happen within 180 s"
            return 1
        fi
        sleep 0.05
    done
}

# scenario NAME: runs the function NAME, once with each runc in $runtime, and checks that output and exit status are the packaged one's.
# $log is then the packaged one's output, with the exit status in its last line. What differs each time is left out: times, and the
# name in $id that containers have. So are words that later versions of runc add to an error.
scenario() {
    name=$1
    log=$work/$name.packaged
    for runtime in packaged $built; do
        id=$name-$runtime
        begin=$(date +%s)
        ("$name") > "$work/$name.$runtime" 2> "$work/$name.$runtime.errors" < /dev/null
        echo "exit status $?" >> "$work/$name.$runtime"
        sed -i -e "s/$id/ID/g" -e 's/time="[^"]*"/time=/' -e 's/error during container init: //' "$work/$name.$runtime"
        if [ -n "${NSEXEC_SHOW:-}" ]; then echo "--- $name, $runtime, $(($(date +%s) - begin)) s"; cat "$work/$name.$runtime" "$work/$name.$runtime.errors"; fi
        if [ $runtime != packaged ]; then
            status=0
            diff "$log" "$work/$name.$runtime" > "$work/differences" || status=1
            cat "$work/$name.$runtime.errors" >> "$work/differences"
            check "$name: $runtime gives the same as the packaged runc" $status "$work/differences"
        fi
    done
}

# said EXPRESSION...: the output of the packaged runc, and so that of all, has a line that matches each.
said() {
    for expression; do
        grep -q -- "$expression" "$log"
        check "$name: the packaged runc's output has $expression" $? "$log"
    done
}

# in_a_row COUNT COMMAND...: counts the runs of the command that print "one" and nothing else. Its last argument is a number.
in_a_row() {
    row_count=$1
    shift
    row=0
    while [ $row -lt "$row_count" ]; do
        [ "$("$@" $row 2> "$work/errors")" = one ] || return 1
        row=$((row + 1))
    done
}
# at_a_time COUNT COMMAND...: the same, all at the same time.
at_a_time() {
    time_count=$1
    shift
    pids=
    rm -f "$work"/time.*
    for each in $(seq "$time_count"); do
        "$@" "$each" > "$work/time.$each" 2> "$work/errors.$each" &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid" || { cat "$work"/errors.* > "$work/errors"; return 1; }; done
    [ "$(cat "$work"/time.* | grep -cx one)" -eq "$time_count" ]
}

# finish: prints the counts, and ends.
finish() {
    report "$engine, $(engine_version)" $passed $failed $skipped "$started"
    exit $((failed > 0))
}
