# tests/tally.sh: to be sourced by what runs tests.

# count PASSED FAILED SKIPPED: adds them to $NSEXEC_TALLY, if set (tests/all).
count() {
    if [ -n "${NSEXEC_TALLY:-}" ]; then echo "$1 $2 $3" >> "$NSEXEC_TALLY"; fi
}

# report NAME PASSED FAILED SKIPPED START: one line of counts, with the seconds since START, and count.
report() {
    printf '  TEST    %-28s %4d passed, %d failed, %d skipped, %d s\n' "$1" "$2" "$3" "$4" $(($(date +%s) - $5))
    count "$2" "$3" "$4"
}

# report_log NAME STATUS START PASSED FAILED SKIPPED NOISE: the same of a program that ended with STATUS and wrote $log, whose lines are
# told apart by these expressions of grep -E. Shows a failure in full, but for NOISE, and sets all=1.
report_log() {
    report_passed=$(grep -cE "$4" "$log")
    report_failed=$(grep -cE "$5" "$log")
    # What cannot be built or dies on the way has failed, whatever it had counted; and so has what has run nothing.
    if [ "$report_failed" -eq 0 ] && { [ "$2" -ne 0 ] || [ "$report_passed" -eq 0 ]; }; then report_failed=1; fi
    if [ "$report_failed" -ne 0 ]; then
        grep -vE "$7" "$log" | cut -c 1-400 | tail -n 200
        echo "  FAILED  $1: exit status $2"
        all=1
    fi
    report "$1" "$report_passed" "$report_failed" "$(grep -cE "$6" "$log")" "$3"
}
