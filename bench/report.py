"""Turns Google Benchmark's JSON into tables, charts and a verdict.

    report.py full JSON... --output DIRECTORY    tables in Markdown, and charts in SVG
    report.py charts TABLE --output DIRECTORY    only the charts, from a table written before
    report.py check JSON --slack FACTOR          the headline ratios; exit status 1 if one is missed
    report.py busy                               exit status 1, and how busy, if the machine has other work

A figure is the median of the repetitions. Its spread is the median absolute deviation. The repetitions of all
benchmarks of a run are interleaved at random, so a ratio compares what ran at the same time.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time

sys.dont_write_bytecode = True  # leaves no __pycache__ in the source tree
import charts  # noqa: E402


def spread(some, others, draws=300):
    """Returns the interval that has the ratio of two medians with 95 % (bootstrap)."""
    source = random.Random(1)
    ratios = sorted(statistics.median(source.choices(some, k=len(some))) / statistics.median(source.choices(others, k=len(others)))
                    for _ in range(draws))
    return ratios[draws // 40], ratios[-1 - draws // 40]


class Target:
    """A ratio of two benchmarks and its target ("<=" or ">=" a number). If the target cannot be reached, `held` is the limit that the
    check uses. `floor` is the benchmark that does the least work in place of ours. No program can be better than its ratio."""

    def __init__(self, what, numerator, denominator, relation, limit, held=None, floor=None):
        self.what = what
        self.numerator = numerator
        self.denominator = denominator
        self.relation = relation
        self.limit = limit
        self.held = limit if held is None else held
        self.floor = floor

    def ratio(self, figures, denominator=None):
        """Returns None if one of the two was not measured."""
        one, other = figures.get(self.numerator), figures.get(denominator or self.denominator)
        return one.median / other.median if one and other else None

    def spread(self, figures):
        """Returns the interval that has the ratio with 95 %: of medians of what was measured, drawn again and again."""
        return spread(figures[self.numerator].times, figures[self.denominator].times)

    def is_met(self, ratio, limit, slack=1.0):
        return ratio <= limit * slack if self.relation == "<=" else ratio >= limit / slack


TARGETS = [
    Target("flow, unsealed, no namespace, to the floor", "flow/none/unsealed", "flow/none/floor", "<=", 1.12),
    Target("flow, unsealed, pid+mnt+uts+ipc, to the floor", "flow/four/unsealed", "flow/four/floor", "<=", 1.12),
    Target("flow, unsealed, + user with maps, to the floor", "flow/user+four/unsealed", "flow/user+four/floor", "<=", 1.12),
    Target("flow, sealed, pid+mnt+uts+ipc, to the floor", "flow/four/sealed", "flow/four/floor", "<=", 1.35, 1.45),
    Target("flow, on a read-only medium, to the floor", "flow/four/medium", "flow/four/floor", "<=", 1.15),
    Target("flow, sealed once by the parent, to the floor", "flow/four/parent", "flow/four/floor", "<=", 1.20),
    Target("runc init to ours, same message, both sealed", "runc-init/four/runc", "runc-init/four/sealed", ">=", 3.0),
    Target("nsrun, whole container, to the floor", "launch/rootfs/nsrun", "launch/rootfs/floor", "<=", 1.25, 1.50),
    Target("nsrun, to the floor of the same container", "launch/rootfs/nsrun", "launch/rootfs/floor-same", "<=", 1.25, 1.40),
    Target("bwrap to nsrun, whole container", "launch/rootfs/bwrap", "launch/rootfs/nsrun", ">=", 2.8, 2.4, "launch/rootfs/floor"),
    Target("crun run to nsrun, whole container", "launch/rootfs/crun", "launch/rootfs/nsrun", ">=", 5.0, 4.0, "launch/rootfs/floor"),
    Target("runc run to nsrun, whole container", "launch/rootfs/runc", "launch/rootfs/nsrun", ">=", 12.0),
    Target("unshare to nsrun, no rootfs", "launch/plain/unshare", "launch/plain/nsrun", ">=", 1.55, 1.2, "launch/plain/floor"),
    Target("wrapper to bare system call: getpid", "syscall/getpid/wrapper", "syscall/getpid/bare", "<=", 1.02),
    Target("wrapper to bare system call: read", "syscall/read/wrapper", "syscall/read/bare", "<=", 1.02),
    Target("crun to nsrun, 8 at a time", "parallel/8/crun", "parallel/8/nsrun", ">=", 4.0, 2.6, "parallel/8/floor"),
]

# What a start takes with 1000 containers running, to one with none: ours to the floor's.
GROWN = [("the stub, unsealed", "flow-unsealed", "flow-floor"), ("the stub, sealed", "flow-sealed", "flow-floor"),
         ("nsrun, whole container", "launch-nsrun", "launch-floor"), ("bwrap, whole container", "launch-bwrap", "launch-floor"),
         ("crun, whole container", "launch-crun", "launch-floor")]
GROWTH_LIMIT = 1.10

COUNTERS = {"faults": "page faults", "switches": "context switches", "p50_us": "µs p50", "p99_us": "µs p99"}
UNITS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}


class Figure:
    """The repetitions of one benchmark, in microseconds."""

    def __init__(self, times, counters):
        self.times = times
        self.median = statistics.median(times)
        self.counters = {key: statistics.median(values) for key, values in counters.items()}
        self.spread = statistics.median(abs(time - self.median) for time in times)

    def __str__(self):
        digits = 3 if self.median < 10 else 1
        return f"{self.median:.{digits}f} ± {self.spread:.{digits}f}"


def load(paths):
    """Returns the figures of all files by name, the errors of the benchmarks that did not run, and the context."""
    times, counters, errors, context = {}, {}, {}, {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        context = data["context"]
        for run in data["benchmarks"]:
            name = run["run_name"].removesuffix("/manual_time").removesuffix("/iterations:1")
            if run.get("error_occurred"):
                errors[name] = run.get("error_message", "")
            elif run["run_type"] == "iteration":
                times.setdefault(name, []).append(run["real_time"] * UNITS[run["time_unit"]])
                for key in COUNTERS.keys() & run.keys():
                    counters.setdefault(name, {}).setdefault(key, []).append(run[key])
    figures = {name: Figure(all_times, counters.get(name, {})) for name, all_times in times.items()}
    return dict(sorted(figures.items())), errors, context


def check(figures, errors, slack):
    """Prints one screen. Returns how many ratios are missed."""
    failed = 0
    print(f"          {'':48} {'ratio':>6}  {'95 % of it':>12}  {'target':>8}  {'floor':>6}")
    for target in TARGETS:
        ratio = target.ratio(figures)
        if ratio is None:
            reason = errors.get(target.numerator) or errors.get(target.denominator) or "not measured"
            print(f"          {target.what:48} {reason}")
            failed += 1
            continue
        failed += not target.is_met(ratio, target.held, slack)
        low, high = target.spread(figures)
        best = target.ratio(figures, target.floor) if target.floor else None
        sign = "≤" if target.relation == "<=" else "≥"
        verdict = "" if target.is_met(ratio, target.limit) else "missed" if target.is_met(ratio, target.held, slack) else "MISSED, and the limit that is held"
        print(f"          {target.what:48} {ratio:6.2f}  {low:5.2f}-{high:5.2f}  {sign} {target.limit:6g}  {f'{best:6.2f}' if best else '':6}  {verdict}".rstrip())
    print("          95 %: the interval that has the ratio. floor: what the least work reaches in nsrun's place.")
    for line in growth(figures):
        print("          " + line)
    return failed


def growth(figures):
    """Returns lines: how much longer a start takes among 1000 containers, to how much longer the floor takes."""
    lines = []
    for what, name, floor in GROWN:
        found = [figures.get(f"parked/{count}/{each}") for each in (name, floor) for count in (1000, 0)]
        if not all(found):
            continue
        own, floors = found[0].median / found[1].median, found[2].median / found[3].median
        verdict = "" if own <= floors * GROWTH_LIMIT else "  more than the floor's"
        lines.append(f"among 1000 containers, {what}: {own:.2f} times as long; the floor {floors:.2f} times{verdict}")
    return lines


# Which part of the processors' time other work may take.
MOST_BUSY = 0.10


def busy(seconds=3):
    """Says how busy the machine is, and by what. Returns whether that is too much for ratios that mean something."""
    def used():
        with open("/proc/stat", encoding="utf-8") as file:
            fields = [int(field) for field in file.readline().split()[1:]]
        fields = fields[:8]  # guest time is part of user time
        return sum(fields) - fields[3] - fields[4], sum(fields)

    def by_process():
        times = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    name, _, rest = file.read().rpartition(")")
            except OSError:
                continue  # it has ended
            fields = rest.split()
            times[pid, name.partition("(")[2]] = int(fields[11]) + int(fields[12])
        return times
    before, whole_before, processes = *used(), by_process()
    time.sleep(seconds)
    after, whole, now = *used(), by_process()
    share = (after - before) / max(whole - whole_before, 1)
    most = max(now, key=lambda process: now[process] - processes.get(process, 0))
    print(f"          {share:.0%} of the processors' time went to other work in the last {seconds} seconds")
    if share <= MOST_BUSY:
        return False
    print(f"bench: the machine is busy, most of all with {most[1]} (pid {most[0]}): ratios would mean little. Wait until it has at most "
          f"{MOST_BUSY:.0%} of other work, or measure all the same: make ... BUSY=1", file=sys.stderr)
    return True


def headline(figures):
    lines = ["| what | ratio | 95 % of it | target | | the floor in our place |", "| --- | --- | --- | --- | --- | --- |"]
    for target in TARGETS:
        ratio = target.ratio(figures)
        wanted = f"{'≤' if target.relation == '<=' else '≥'} {target.limit:g}"
        if ratio is None:
            lines.append(f"| {target.what} | not measured | | {wanted} | | |")
            continue
        best = target.ratio(figures, target.floor) if target.floor else None
        verdict = "met" if target.is_met(ratio, target.limit) else "**missed**"
        low, high = target.spread(figures)
        lines.append(f"| {target.what} | {ratio:.2f} | {low:.2f} to {high:.2f} | {wanted} | {verdict} | {f'{best:.2f}' if best else ''} |")
    return lines + [""] + [f"* {line}" for line in growth(figures)]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), os.uname().machine)


def markdown(figures, errors, context):
    lines = [f"Measured on {context['num_cpus']} cpus ({processor()}), Linux {os.uname().release}, {os.uname().machine}, "
             f"{context['date'][:10]}.", ""]
    lines += headline(figures)
    group = None
    for name in figures:
        first = name.split("/")[0]
        if first != group:
            group = first
            lines += ["", f"### {group}", "", "| | µs, median ± deviation | per start |", "| --- | --- | --- |"]
        counters = ", ".join(f"{value:.0f} {COUNTERS[key]}" for key, value in figures[name].counters.items())
        lines.append(f"| {name} | {figures[name]} | {counters} |")
    for name, reason in errors.items():
        lines.append(f"\n{name}: {reason}.")
    return "\n".join(lines) + "\n"


def load_table(path):
    """Reads the figures of a table that this program wrote. Leaves out spread and counters, because no chart shows them."""
    with open(path, encoding="utf-8") as file:
        rows = [[cell.strip() for cell in line.split("|")] for line in file if " ± " in line]
    return {row[1]: Figure([float(row[2].split()[0])], {}) for row in rows if row[2][0].isdigit()}


def kind_of(name):
    """Returns the kind of a bar from the name of its benchmark."""
    if name.startswith("floor"):
        return "floor"
    if name.endswith("-default") or name == "sealed":
        return "ours2"
    return "ours" if name.startswith("nsrun") or name == "unsealed" else "peer"


def by_value(rows):
    return sorted(rows, key=lambda row: row[1])


def group_of(figures, prefix):
    """Returns the figures whose names start with the prefix, by the rest of the name."""
    return {name[len(prefix):]: figure.median for name, figure in figures.items() if name.startswith(prefix)}


FLOOR = "the least that the kernel's work takes"

# The charts of growth: the benchmark, the title, and the meaning of the numbers below the points.
GROWTH = (
    ("binary-bytes", "A larger binary costs nothing where a mount seals it", "A start of the stub; bytes of the binary"),
    ("binary-bytes-memfd", "A larger binary costs a copy where a memfd seals it", "A start of the stub; bytes of the binary"),
    ("map-lines", "More lines in the id maps", "A start of the stub; lines of each map"),
    ("namespaces", "More new namespaces", "A start of the stub; uts, ipc, pid, mnt, cgroup, time, net and user, in this order"),
    ("message-bytes", "A longer bootstrap message", "A start of the stub; bytes of the message"),
)


def plot_all(figures, output):
    def at(name):
        return os.path.join(output, name + ".svg")

    launches = group_of(figures, "launch/rootfs/")
    shown = ("nsrun", "bwrap", "crun", "runc")
    if all(name in launches for name in shown):
        ours = launches["nsrun"]
        charts.bars(at("containers"), "One container, from start to end", "New namespaces (all but time), a root file system, a program that ends at once. Shorter is better.",
                    [(None, by_value((name, launches[name], kind_of(name)) for name in shown))],
                    {"ours": "nsrun", "peer": "others"},
                    lambda value, _: "" if value == ours else f"  ({value / ours:.1f} times nsrun)")
    groups = []
    for prefix, heading in (("rootfs", "with a root file system"), ("plain", "without one"), ("busybox", "the same with busybox's true"),
                            ("join", "a command in a running container")):
        rows = by_value((name, value, kind_of(name)) for name, value in group_of(figures, f"launch/{prefix}/").items())
        if rows:
            groups.append((heading, rows))
    if groups:
        charts.bars(at("launch"), "Whole containers", "From before the fork until the launcher has ended. Shorter is better.", groups,
                    {"ours": "nsrun", "ours2": "nsrun, default options", "peer": "others", "floor": FLOOR})
    kinds = {}
    for name, value in group_of(figures, "flow/").items():
        what, _, how = name.partition("/")
        if not what.startswith(("join-", "until-")):
            kinds.setdefault(what, []).append((how, value, kind_of(how)))
    if kinds:
        groups = [(what, by_value(rows)) for what, rows in kinds.items()]
        groups.sort(key=lambda group: group[1][0][1])
        charts.bars(at("flow"), "The stub's whole job, by new namespaces", "Until all three stages are reaped. four: pid, mnt, uts, ipc; seven: all but time.",
                    groups, {"ours": "the stub", "ours2": "the stub, binary sealed", "floor": FLOOR})
    seals = group_of(figures, "sealing/")
    if seals:
        names = {"none": "none (not sealed)", "detached_mount": "detached-mount (root's default)", "child_mount": "child-mount (a user's default)"}
        rows = by_value((names.get(name, name.replace("_", "-")), value,
                         "floor" if name == "none" else "ours" if name in names else "ours2") for name, value in seals.items() if name != "unlinked_file")  # the stub refuses this strategy
        charts.bars(at("sealing"), "A start, by the way the binary is sealed", "The stub with pid, mnt, uts and ipc namespaces, a binary of 17 KB.",
                    [(None, rows)], {"ours": "default", "ours2": "to be chosen", "floor": "not sealed"})
    for kind, title, subtitle in GROWTH:
        points = sorted((int(size), value) for size, value in group_of(figures, f"growth/{kind}/").items())
        if points:
            charts.line(at(kind), title, subtitle, points)


    rows = []
    for count in (0, 10, 100, 1000, 5000):
        group = group_of(figures, f"parked/{count}/launch-")
        if group:
            rows.append((f"{count} containers", by_value((name, value, kind_of(name)) for name, value in group.items())))
    if rows:
        charts.bars(at("parked-containers"), "One container, among others that are running", "The same container by each launcher. Shorter is better.",
                    rows, {"ours": "nsrun", "peer": "others", "floor": FLOOR})
    rows = []
    for count in (1, 2, 8, 64):
        group = group_of(figures, f"parallel/{count}/")
        if group:
            rows.append((f"{count} at a time", by_value((name, value, "ours2" if name.startswith("nsrun-") else kind_of(name)) for name, value in group.items())))
    if rows:
        charts.bars(at("parallel"), "Many containers at a time", "The time of all, divided by their number. Shorter is better.",
                    rows, {"ours": "nsrun", "ours2": "nsrun, without a net or a mount namespace", "peer": "others", "floor": FLOOR},
                    lambda value, _: f"  ({1e6 / value:,.0f} a second)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["full", "charts", "check", "busy"])
    parser.add_argument("json", nargs="*", metavar="FILE")
    parser.add_argument("--output", default=".")
    parser.add_argument("--slack", type=float, default=1.0)
    arguments = parser.parse_args()
    if arguments.mode == "charts":
        plot_all(load_table(arguments.json[0]), arguments.output)
        return
    if arguments.mode == "busy":
        sys.exit(1 if busy() else 0)
    figures, errors, context = load(arguments.json)
    if arguments.mode == "check":
        sys.exit(1 if check(figures, errors, arguments.slack) else 0)
    text = markdown(figures, errors, context)
    with open(os.path.join(arguments.output, "table.md"), "w", encoding="utf-8") as file:
        file.write(text)
    plot_all(figures, arguments.output)
    check(figures, errors, 1.0)
    print(f"          all figures: {arguments.output}/table.md; charts: {arguments.output}/*.svg")
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
