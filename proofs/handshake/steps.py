"""The steps of the stub's flow, read out of its sources and out of the model, function by function."""

import re

# The files of the flow. Each member function of a class that they define has an inline of the same name in the model.
SOURCES = ["stub/nsexec.cpp", "stub/stage.cpp", "stub/stage0.cpp", "stub/id_map_tool.cpp", "stub/stage1.cpp", "stub/stage2.cpp"]
MODEL = "proofs/handshake/handshake.pml"

# Functions that have no inline of their own in the model, with the steps that the model's macros for them have.
MACROS = {
    "Stage::fail": [("channel", "receive"), ("do", "Stage::end_and_tell")],  # Stage_fail0, Stage_fail12
    "Stage::end_and_tell": [("channel", "send"), ("sys", "exit")],
    "Stage::fail_alone": [("fail", "ended without a word")],  # FAIL
    "Stage::tell": [("channel", "send"), ("call", "sendto")],  # TELL0, TELL1, TELL2
    "Stage::listen": [("channel", "receive"), ("call", "read socketpair")],  # Stage_listen0, Stage_listen1
    "Stage1::ask": [("tell", "request"), ("do", "Stage::listen"), ("do", "Stage1::expect_done")],  # ASK
}
# Functions without a step that another process could see, and why the model leaves them out.
LEFT_OUT = {
    "Nsexec::check_environment": "before the handshake: it reads only the environment",
    "Nsexec::log_affinity": "before the handshake: one system call and one debug record",
    "Stage::check_answer": "the macro CALL",
    "Stage::check_root": "the macro CALL",
    "Stage::debug": "no fatal record, and one that cannot be written is lost (Log::write)",
    "Stage::enter": "the name of the process",
    "Stage1::may_give_memory": "a decision; the model does both",
    "Stage::fail (2)": "calls the first",
    "Stage::fail (3)": "before there is a channel: as the first",
}
# System calls that only ask.
UNSEEN = {"getegid", "geteuid"}


def without_comments(text):
    return re.sub(r"//[^\n]*", "", text)


def bracketed(text, start, opening, closing):
    """Returns the text between the brackets of which the first is at or after `start`, and the place of the last."""
    first = text.index(opening, start)
    depth = 0
    for match in re.compile(r'"(?:[^"\\]|\\.)*"|.', re.S).finditer(text, first):
        depth += {opening: 1, closing: -1}.get(match[0], 0)
        if depth == 0:
            return text[first + 1 : match.start()], match.start()
    raise ValueError("brackets that do not match")


def system_calls():
    """Returns the names of the wrappers below syscalls/ that return a result or an errno."""
    import glob

    names = set()
    for path in glob.glob("syscalls/*.h"):
        with open(path, encoding="utf-8") as file:
            text = without_comments(file.read())
        names.update(re.findall(r"^inline (?:Result<[^\n]*?>|Errno|Pid|unsigned|Uid|Gid) (\w+)\(", text, re.M))
        names.update(re.findall(r"^\[\[noreturn[^\n]*\]\] inline void (\w+)\(", text, re.M))
    return names


def functions_of_sources():
    """Returns {"Stage1::run": text of the body}."""
    found = {}
    for path in SOURCES:
        with open(path, encoding="utf-8") as file:
            text = without_comments(file.read())
        for match in re.finditer(r"^(?:\[\[[^\]]*\]\] )?[\w:<>]+ (Nsexec|Stage\d?)::(\w+)\(", text, re.M):
            name = f"{match[1]}::{match[2]}"
            count = 1 + sum(each.split(" ")[0] == name for each in found)
            found[name if count == 1 else f"{name} ({count})"] = bracketed(text, match.end(), "{", "}")[0]
    return found


def checked_call(inside):
    """Returns the name that a check() gives to its call: the first text at the top level of the arguments."""
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|.', inside, re.S):
        if depth == 0 and match[0][0] == '"':
            return match[0][1:-1]
        depth += {"(": 1, ")": -1, "{": 1, "}": -1}.get(match[0], 0)
    raise ValueError(f"check without a name: {inside}")


def steps_of_source(name, text, functions, calls):
    """Returns the steps of a function, an inner call before the outer one: [("call", "unshare user"), ...]."""
    of_class = name.split("::")[0]
    steps = []
    checked = []  # the places of the arguments of check()
    for match in re.finditer(r"(\w+(?:::|\.)|\.)?(\w+)(?:<[^<>()]*>)?\(", text):
        prefix, word = match[1] or "", match[2]
        inside, end = bracketed(text, match.end() - 1, "(", ")")
        literal = re.search(r'"([^"]*)"', inside)
        step = None
        if word == "checkpoint":
            step = ("checkpoint", literal[1])
        elif word in ("check", "check_root") and not prefix:
            checked.append((match.end(), end))
            step = ("call", checked_call(inside))
        elif word in ("fail", "fail_alone") and not prefix:
            step = ("fail", literal[1] if literal else inside)
        elif word in ("tell", "ask") and not prefix:
            step = (word, re.match(r"(?:Message::)?(\w+)", inside)[1])
        elif prefix == "channel_." and word in ("send", "receive"):
            step = ("channel", word)
        elif word == "clone_and_exit" or (prefix == "sys::" and word in calls and word not in UNSEEN):
            if not any(first <= match.start() < last for first, last in checked):
                step = ("sys", word)
        elif not prefix:
            owner = of_class if f"{of_class}::{word}" in functions else "Stage"
            if f"{owner}::{word}" in functions and f"{owner}::{word}" not in LEFT_OUT:
                step = ("do", f"{owner}::{word}")
        if step:
            steps.append((end, step))
    for match in re.finditer(r'kCreated\[\] = "([^"]*)"', text):
        steps.append((match.start(), ("checkpoint", match[1])))
    return [step for _, step in sorted(steps, key=lambda each: each[0])]


def inlines_of_model(text):
    """Returns {"Stage1::run": text of the body}."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    found = {}
    for match in re.finditer(r"^inline (Nsexec|Stage\d?)_(\w+)\(", text, re.M):
        found[f"{match[1]}::{match[2]}"] = bracketed(text, match.end(), "{", "}")[0]
    return found


def steps_of_model(text):
    """Returns the steps of an inline. Some places of the model stand for more or less than one step of the source."""
    steps = []
    pattern = (r'(?P<call>CALL|ALSO|CALL_FAILS)\(\w+, (?P<event>\w+), "(?P<called>[^"]*)"\)'
               r"|(?P<sys>SYS|WORKS)\(\w+, \w+, (?P<name>\w+)\)"
               r"|CHECKPOINT\((?P<checkpoint>\w+)\)"
               r'|FAIL\("(?P<fail>[^"]*)"\)'
               r"|(?P<told>TELL\d|ASK)\([\w, ]*?(?P<message>k\w+)\)"
               r"|(?P<tool>run tool)"
               r"|(?P<proc_file>open_proc_file)\("
               r"|(?P<owner>Nsexec|Stage\d?)_(?P<function>\w+?)(?:(?<=listen)\d)?\(")
    for match in re.finditer(pattern, text):
        if match["call"]:
            if match["event"] != "E_fstatfs":  # part of opening
                steps.append(("call", match["called"]))
        elif match["sys"]:
            if match["name"] not in ("close", "user_namespace", "exit_of_clone"):  # destructors; parts of a call
                steps.append(("sys", match["name"]))
        elif match["checkpoint"]:
            steps.append(("checkpoint", match["checkpoint"]))
        elif match["fail"]:
            steps.append(("fail", match["fail"]))
        elif match["told"]:
            steps.append(("ask" if match["told"] == "ASK" else "tell", match["message"]))
        elif match["tool"]:
            steps += [("sys", "execve"), ("sys", "exit")]  # the process `tool`
        elif match["proc_file"]:
            steps.append(("call", "open"))
        elif f"{match['owner']}::{match['function']}" != "Stage::end_as_told":
            steps.append(("do", f"{match['owner']}::{match['function']}"))
    return steps


def names(steps):
    """Checkpoints are written as identifiers in the model. Each stage is a process of its own there."""
    starts = ("Stage0::run", "Stage1::run", "Stage2::run")
    return [(kind, re.sub(r"\W", "_", name) if kind == "checkpoint" else name) for kind, name in steps
            if not (kind == "do" and name in starts)]


def compare(model):
    """Returns [(name, what differs or "")] for the kinds of messages and for each function."""
    functions, calls, inlines = functions_of_sources(), system_calls(), inlines_of_model(model)
    with open("stub/channel.h", encoding="utf-8") as file:
        kinds = re.findall(r"^  (k\w+)(?: = 0)?,", file.read(), re.M)
    known = re.search(r"mtype = \{ (kEnd[^}]*) \}", model)[1].split(", ")
    results = [("the kinds of messages", "" if kinds == known else f"the stub has {kinds}, the model {known}")]
    for name, text in functions.items():
        if name in LEFT_OUT:
            continue
        source = steps_of_source(name, text, functions, calls)
        model_steps = MACROS.get(name) or (steps_of_model(inlines[name]) if name in inlines else None)
        if model_steps is None:
            results.append((name, "has no inline in the model"))
            continue
        ours, theirs = names(model_steps), names(source)
        results.append((name, "" if ours == theirs else f"\n    the stub:  {theirs}\n    the model: {ours}"))
    for name in sorted(set(inlines) - set(functions) - {"Stage::listen0", "Stage::listen1", "Stage::fail0", "Stage::fail12", "Stage::end_as_told"}):
        results.append((name, "is no function of the stub"))
    return results
