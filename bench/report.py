"""Turns Google Benchmark's JSON into tables, plots and a verdict.

    report.py full JSON... --output DIRECTORY    tables in Markdown, and plots (gnuplot) in SVG
    report.py check JSON --slack FACTOR          the headline ratios; exit status 1 where one is missed

A figure is the median of the repetitions; its spread is the median absolute deviation. The repetitions of all
benchmarks of a run are interleaved at random, so a ratio compares what ran at the same time.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys


class Target:
    """A ratio of two benchmarks, what it is to be ("<=" or ">=" a number), and, where less can be had, what is held instead and
    checked. `floor` is the benchmark that asks the kernel for the least in place of ours: what it reaches, nobody can pass."""

    def __init__(self, what, numerator, denominator, relation, limit, held=None, floor=None):
        self.what = what
        self.numerator = numerator
        self.denominator = denominator
        self.relation = relation
        self.limit = limit
        self.held = limit if held is None else held
        self.floor = floor

    def ratio(self, figures, denominator=None):
        """Or None where one of the two has not been measured."""
        one, other = figures.get(self.numerator), figures.get(denominator or self.denominator)
        return one.median / other.median if one and other else None

    def is_met(self, ratio, limit, slack=1.0):
        return ratio <= limit * slack if self.relation == "<=" else ratio >= limit / slack


TARGETS = [
    Target("flow, unsealed, no namespace, to the floor", "flow/none/unsealed", "flow/none/floor", "<=", 1.15),
    Target("flow, unsealed, pid+mnt+uts+ipc, to the floor", "flow/four/unsealed", "flow/four/floor", "<=", 1.15),
    Target("flow, unsealed, + user with maps, to the floor", "flow/user+four/unsealed", "flow/user+four/floor", "<=", 1.25),
    Target("flow, sealed, pid+mnt+uts+ipc, to the floor", "flow/four/sealed", "flow/four/floor", "<=", 1.60),
    Target("runc init to ours, same message, both sealed", "runc-init/four/runc", "runc-init/four/sealed", ">=", 3.0),
    Target("bwrap to nsrun, whole container", "launch/rootfs/bwrap", "launch/rootfs/nsrun", ">=", 2.5, floor="launch/rootfs/floor"),
    Target("runc run to nsrun, whole container", "launch/rootfs/runc", "launch/rootfs/nsrun", ">=", 12.0),
    Target("crun run to nsrun, whole container", "launch/rootfs/crun", "launch/rootfs/nsrun", ">=", 4.0, floor="launch/rootfs/floor"),
    Target("unshare to nsrun, no rootfs", "launch/plain/unshare", "launch/plain/nsrun", ">=", 1.5, 1.2, "launch/plain/floor"),
    Target("wrapper to bare system call: getpid", "syscall/getpid/wrapper", "syscall/getpid/bare", "<=", 1.02),
    Target("wrapper to bare system call: read", "syscall/read/wrapper", "syscall/read/bare", "<=", 1.02),
    Target("crun to nsrun, 8 at a time", "parallel/8/crun", "parallel/8/nsrun", ">=", 4.0, 2.6, "parallel/8/floor"),
]

COUNTERS = {"faults": "page faults", "switches": "context switches", "p50_us": "µs p50", "p99_us": "µs p99"}
UNITS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}


class Figure:
    """The repetitions of one benchmark, in microseconds."""

    def __init__(self, times, counters):
        self.median = statistics.median(times)
        self.counters = {key: statistics.median(values) for key, values in counters.items()}
        self.spread = statistics.median(abs(time - self.median) for time in times)

    def __str__(self):
        digits = 3 if self.median < 10 else 1
        return f"{self.median:.{digits}f} ± {self.spread:.{digits}f}"


def load(paths):
    """The figures of all files by name, and what kept a benchmark from running."""
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
    failed = 0
    for target in TARGETS:
        ratio = target.ratio(figures)
        if ratio is None:
            reason = errors.get(target.numerator) or errors.get(target.denominator) or "not measured"
            print(f"          {target.what:50} {reason}")
            failed += 1
            continue
        good = target.is_met(ratio, target.held, slack)
        failed += not good
        print(f"          {target.what:50} {ratio:6.2f}  {target.relation} {target.held}{'' if good else '   MISSED'}")
    return failed


def headline(figures):
    lines = ["| what | ratio | target | | the floor in our place |", "| --- | --- | --- | --- | --- |"]
    for target in TARGETS:
        ratio = target.ratio(figures)
        wanted = f"{'≤' if target.relation == '<=' else '≥'} {target.limit:g}"
        if ratio is None:
            lines.append(f"| {target.what} | not measured | {wanted} | | |")
            continue
        best = target.ratio(figures, target.floor) if target.floor else None
        verdict = "met" if target.is_met(ratio, target.limit) else "**missed**"
        lines.append(f"| {target.what} | {ratio:.2f} | {wanted} | {verdict} | {f'{best:.2f}' if best else ''} |")
    return lines


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


def plot(path, title, rows):
    """A bar chart of (label, microseconds)."""
    script = f"""set terminal svg size 900,{80 + 26 * len(rows)} background "white"
set output "{path}"
set title "{title}"
set style fill solid 0.7
set xlabel "microseconds"
set xrange [0:*]
set yrange [-0.6:{len(rows) - 0.4}] reverse
set ytics noenhanced
set lmargin 30
set grid xtics
unset key
plot "-" using ($2*0.5):0:($2*0.5):(0.35):ytic(1) with boxxyerror
"""
    data = "".join(f'"{label}" {value}\n' for label, value in rows) + "e\n"
    subprocess.run(["gnuplot"], input=script + data, text=True, check=True)


def plot_growth(path, figures, kind):
    prefix = f"growth/{kind}/"
    points = [(float(name[len(prefix):]), figure.median) for name, figure in figures.items() if name.startswith(prefix)]
    if not points:
        return
    logarithmic = "set logscale x\n" if points[-1][0] / max(points[0][0], 1) > 50 else ""
    script = f"""set terminal svg size 700,420 background "white"
set output "{path}"
set title "a start, as its {kind.replace('-', ' ')} grow"
set ylabel "microseconds"
set yrange [0:*]
{logarithmic}set grid
unset key
plot "-" with linespoints pointtype 7
"""
    data = "".join(f"{x} {y}\n" for x, y in sorted(points)) + "e\n"
    subprocess.run(["gnuplot"], input=script + data, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["full", "check"])
    parser.add_argument("json", nargs="+")
    parser.add_argument("--output", default=".")
    parser.add_argument("--slack", type=float, default=1.0)
    arguments = parser.parse_args()
    figures, errors, context = load(arguments.json)
    if arguments.mode == "check":
        sys.exit(1 if check(figures, errors, arguments.slack) else 0)
    text = markdown(figures, errors, context)
    with open(os.path.join(arguments.output, "table.md"), "w", encoding="utf-8") as file:
        file.write(text)
    print(text)
    for group, title in (("flow", "the stub's whole job, until all are reaped"), ("launch", "whole containers"),
                         ("sealing", "a start, by sealing strategy")):
        rows = [(name[len(group) + 1:], figure.median) for name, figure in figures.items() if name.startswith(group + "/")]
        plot(os.path.join(arguments.output, f"{group}.svg"), title, rows)
    for kind in ("binary-bytes", "binary-bytes-memfd", "map-lines", "namespaces", "message-bytes", "parked-containers"):
        plot_growth(os.path.join(arguments.output, f"{kind}.svg"), figures, kind)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
