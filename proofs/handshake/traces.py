"""Traces of the real stub (tests/host/trace_test.cpp), as the model's events. The model must accept them in exactly this order."""

import concurrent.futures
import os
import subprocess

STAGE0, STAGE1, STAGE2, TOOL = 1, 2, 3, 4
WORKS, FAILS, KILLED, REFUSED = 0, 1, 2, 3
THE_END = 255
KINDS = {"1": "kMapIds", "2": "kSetTimeOffsets", "3": "kOpenMountSources", "4": "kDone", "5": "kReady", "6": "kFailed"}
# Calls that no other process can notice and whose failure changes nothing, and prctl's options of that kind.
NOT_IN_THE_MODEL = {"munmap", "geteuid", "getegid", "getpid", "gettid", "rt_sigprocmask", "rt_sigtimedwait", "set_tid_address",
                    "get_robust_list", "set_robust_list"}
PRCTLS = {"3": "E_get_dumpable", "4": "E_dumpable", "15": None, "40": None}
# The event has the name of the call.
AS_CALLED = {"recvfrom", "recvmsg", "sendmsg", "mmap", "rt_sigaction", "clone", "pidfd_open", "ppoll", "pidfd_send_signal", "wait4",
             "execve", "setsid", "setuid", "setgid", "setgroups", "setresuid", "unshare", "setns", "dup3", "socketpair", "exit_group",
             "fstatfs"}
# A start may do without these, or do them more than once: the model accepts both.
OPTIONAL = {"E_dumpable", "E_get_dumpable", "E_setgroups", "E_unshare", "E_mmap", "E_openat_namespace", "E_setns", "E_setresuid",
            "E_openat_proc", "E_read_init",  # a message without attributes needs one read
            "E_openat2_oom_score_adj", "E_openat2_setgroups",
            "E_ppoll"}  # not if pidfd_open has failed, which a trace does not say


class Untranslatable(Exception):
    """A trace that says nothing about the model."""


def event_of(call, process, arguments, about):
    """Returns the model's name of a call, or None."""
    if call == "read":
        return "E_read_told" if process == STAGE2 else "E_read_init"
    if call == "sendto":
        if int(arguments[2]) > 1:
            return "E_send_pid_line"
        return "E_send_ready_byte" if about == "0" else f"E_send_{KINDS[about]}"
    if call == "close":
        return "E_close_channel" if about.startswith("socket:") else None
    if call == "write":
        return "E_write_log" if about.startswith("pipe:") else "E_write"
    if call == "openat2":
        return f"E_openat2_{os.path.basename(about)}"
    if call == "openat":
        if about == "/proc":
            return "E_openat_proc"
        if "/ns/" in about:
            return "E_openat_namespace"
        return "E_openat_source" if about.startswith("/") else "E_openat_file"
    if call == "prctl":
        return PRCTLS[arguments[0]]
    if call in AS_CALLED:
        return f"E_{call}"
    if call in NOT_IN_THE_MODEL:
        return None
    raise ValueError(f"the system call {call} has no place in the model (event_of in traces.py)")


def translate(text):
    """Returns [(process, event, result)], the verdict and the number of fatal records."""
    lines = [line.split(" ", 6) for line in text.split("\n") if line]
    _, verdict, records = lines.pop()
    tools = {line[0] for line in lines if line[1] == "execve" and line[0] != "0"}
    processes, executed, started, handed_over, reported = {"0": STAGE0}, set(), False, False, False
    events = []
    for number, call, *arguments, result, about in lines:
        result = int(result)
        started = started or (number == "0" and (call, arguments[2]) in (("read", "16"), ("sendto", "1")))
        if not started or number in executed:
            continue
        if number not in processes:
            processes[number] = TOOL if number in tools else STAGE2 if STAGE1 in processes.values() else STAGE1
        process = processes[number]
        if process == STAGE2 and handed_over:
            continue
        event = event_of(call, process, arguments, about)
        if result == KILLED and event is None:
            raise Untranslatable("killed before a call that the model does not have")
        if result == FAILS and call in ("close", "exit_group"):
            raise Untranslatable("these cannot fail")
        if event is None:
            continue
        if process == TOOL and event == "E_execve" and result == WORKS:
            executed.add(number)
        handed_over = handed_over or (process == STAGE2 and reported and event == "E_close_channel")
        reported = reported or (event == "E_send_kReady" and result == WORKS)
        events.append((process, event, result))
    return events, int(verdict), int(records)


def settings(name, events):
    """Returns what the environment of the checker says for that flow."""
    flow = name.split(".")[0] if not name.startswith("runc-1.") else name[:8]
    return {
        "plain": {}, "nothing": {}, "join": {"JOINS": 1}, "user-namespace": {"USER_NAMESPACE": 1}, "rootless": {"USER_NAMESPACE": 1},
        "time-offsets": {"USER_NAMESPACE": 1, "OFFSETS": 1}, "map-tool": {"USER_NAMESPACE": 1, "TOOL": 1},
        "mount-sources": {"READY_BYTE": 1, "SOURCES": 2, "CGROUP_LATER": 1}, "runc-1.1": {"READY_BYTE": 1, "CGROUP_LATER": 1},
        "runc-1.0": {"READY_BYTE": 1, "CGROUP_LATER": 2}, "runc-2019": {"CGROUP_LATER": 2},
    }[flow]


def accepted(work, name, numbers, trace):
    """Returns "" if the model accepts the trace, and otherwise what it says."""
    events, verdict, records = trace
    for _, event, _ in events:
        if event not in numbers:
            return f"{event} is nowhere in the model"
    path = f"{work}/traces/{name}"
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"{process} {numbers[event]} {result}\n" for process, event, result in events)
        file.write(f"{THE_END} {records} {verdict}\n")
    environment = dict(os.environ, TRACE_FILE=os.path.abspath(path), DISTURBANCES="0",
                       **{key: str(value) for key, value in settings(name, events).items()})
    # -E: a branch that the trace does not take is no deadlock. -x -c0 are not needed: the first error ends the search.
    run = subprocess.run(["../pan-trace", "-E", "-m100000", "-w18"], cwd=f"{work}/traces", env=environment, capture_output=True,
                         text=True, check=False)
    for line in run.stdout.split("\n"):
        if line.startswith("pan:1:"):
            return "" if "Paccepted" in line else line
    return "refused" if "states, stored" in run.stdout else f"the checker failed: {run.stdout[-200:]}{run.stderr[-200:]}"


def wrong_orders(events):
    """Yields copies of a trace in which two neighbours of one process are swapped, or one call is left out."""
    for i, (process, event, answer) in enumerate(events):
        following = next((j for j in range(i + 1, len(events)) if events[j][0] == process), None)
        if following is not None and events[following] != events[i]:
            swapped = list(events)
            swapped[i], swapped[following] = swapped[following], swapped[i]
            yield f"{event} and {events[following][1]} of process {process} swapped at {i}", swapped
        # Without a file `setgroups` nothing is written there.
        before = next((events[j][1] for j in range(i - 1, -1, -1) if events[j][0] == process), "")
        # A refused write to a map may be missing: opening the file may have been refused.
        if event not in OPTIONAL and before != "E_openat2_setgroups" and answer != REFUSED:
            yield f"without {event} of process {process} at {i}", events[:i] + events[i + 1 :]


def check(directory, work, numbers, result, long):
    """Checks each trace in a directory, and each wrong order of the undisturbed ones."""
    os.makedirs(f"{work}/traces", exist_ok=True)
    jobs, left_out = [], 0
    for name in sorted(os.listdir(directory)):
        with open(f"{directory}/{name}", encoding="ascii") as file:
            text = file.read()
        try:
            trace = translate(text)
        except Untranslatable:
            left_out += 1
            continue
        jobs.append((name, name, trace, True))
        if not name.endswith((".fails", ".killed")):
            for i, (what, events) in enumerate(wrong_orders(trace[0])):
                if long or i % 5 == 0:
                    jobs.append((f"{name}.wrong{i}", f"{name}: {what}", (events, *trace[1:]), False))
    if not jobs:
        result(False, "traces", f"there are none in {directory}")
    counted = {True: 0, False: 0}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (_, what, _, good), said in zip(jobs, pool.map(lambda job: accepted(work, job[0], numbers, job[2]), jobs)):
            counted[good] += 1
            result(said == "" if good else said != "" and not said.startswith("the checker"),
                   f"the trace {what}", (said if good else "the model accepts it") or "")
    print(f"  TRACES   {counted[True]} of the real stub, and {counted[False]} in a wrong order; {left_out} say nothing", flush=True)
