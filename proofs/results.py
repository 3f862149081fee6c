"""What the runners of the proofs count and print."""

import os
import sys
import time

START = time.time()
counts = {"passed": 0, "failed": 0}


def result(good, name, detail=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"  FAILED   {name}{': ' if detail else ''}{detail}", flush=True)


def end(name):
    """Prints the counts, adds "passed failed skipped" to $NSEXEC_TALLY, if it is set, and exits.

    The exit status is 1 if anything has failed or nothing has passed.
    """
    print(f"  TEST    {name:28} {counts['passed']:4} passed, {counts['failed']} failed, 0 skipped, {time.time() - START:.0f} s")
    if tally := os.environ.get("NSEXEC_TALLY"):
        with open(tally, "a", encoding="ascii") as file:
            file.write(f"{counts['passed']} {counts['failed']} 0\n")
    sys.exit(counts["failed"] != 0 or counts["passed"] == 0)
