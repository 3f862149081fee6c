# tests/tally.sh, to be sourced by the scripts that run tests.

# count PASSED FAILED SKIPPED: adds the numbers to $NSEXEC_TALLY, if set (tests/all).
count() {
    if [ -n "${NSEXEC_TALLY:-}" ]; then echo "$1 $2 $3" >> "$NSEXEC_TALLY"; fi
}

# report NAME PASSED FAILED SKIPPED START: prints one line of counts with the seconds since START,
# and counts them.
report() {
    printf '  TEST    %-28s %4d passed, %d failed, %d skipped, %d s\n' "$1" "$2" "$3" "$4" $(($(date +%s) - $5))
    count "$2" "$3" "$4"
}

# report_log NAME STATUS START PASSED FAILED SKIPPED NOISE: reports a program that ended with STATUS
# and wrote $log. PASSED, FAILED and SKIPPED are expressions of grep -E that match its result lines.
# Shows a failure in full, without the lines that match NOISE, and sets all=1.
report_log() {
    report_passed=$(grep -cE "$4" "$log")
    report_failed=$(grep -cE "$5" "$log")
    # A program that cannot be built, dies half-way or runs no test has failed, whatever it has
    # counted.
    if [ "$report_failed" -eq 0 ] && { [ "$2" -ne 0 ] || [ "$report_passed" -eq 0 ]; }; then report_failed=1; fi
    if [ "$report_failed" -ne 0 ]; then
        grep -vE "$7" "$log" | cut -c 1-400 | tail -n 200
        echo "  FAILED  $1: exit status $2"
        all=1
    fi
    report "$1" "$report_passed" "$report_failed" "$(grep -cE "$6" "$log")" "$3"
}
