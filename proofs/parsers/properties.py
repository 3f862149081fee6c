"""The property sets, and the mistakes that they must find.

A harness is a function of proofs/parsers/FILE.cpp. Its size N is the number of bytes of any content that it gets; each loop runs
at most N plus `extra` times. `short` and `long` are the sizes of `make prove PROVE=short` and of `make prove`.
"""
from dataclasses import dataclass, field

# Loops over texts that are known, such as attribute names, and over texts that end inside known memory.
# Constructors fill an array one element after the other.
KNOWN = ("_ZN3sys6lengthEPKc.0:24", "_ZN3sys5entryEPKcm.0:18", "_ZN3sys7DecimalC2El.0:22", "_ZN5nsrun7UserIdsC2Ev.0:33",
         "_ZN5nsrun6ConfigC2Ev.0:66", "_ZN5nsrun20parse_resource_limitEPKcRNS_13ResourceLimitE.0:18")


@dataclass
class Harness:
    name: str
    file: str
    short: list
    long: list
    extra: int = 3
    function: str = ""
    unwindset: tuple = KNOWN
    replaced: tuple = ()
    keep: str = ""
    options: tuple = ()  # of the compiler
    fixed: bool = False  # its bound is in the harness, not the size

    def __post_init__(self):
        self.function = self.function or self.name.replace("-", "_")

    def unwind(self, size):
        return size + self.extra

    def bound(self, sizes):
        if self.fixed:
            return "all inputs"
        low, high = min(sizes), max(sizes)
        which = f"{low} to {high}" if len(sizes) == high - low + 1 and low != high else ", ".join(str(size) for size in sizes)
        return f"sizes {which}"


@dataclass
class Mutant:
    name: str
    harness: str
    size: int
    file: str
    old: str
    new: str


def upto(most):
    return list(range(most + 1))


FRAMING = ("_ZN4stub15BootstrapParser9attributeEjN3sys4SpanIcEE=attribute_of_framing",
           "_ZN4stub12_GLOBAL__N_114attribute_nameEj=name_of_framing")
DECIMAL = ("_ZN3sys7DecimalC2El=any_decimal", "_ZN3sys4Text2ofEPKc=text_of")
NUMBER = ("_ZN3sys12take_decimalERPKcl=any_number",)
NAMESPACE_FLAG = ("_ZN3sys14namespace_flagEPKcc=any_namespace_flag",)
FLAG = ("_ZN3sys14namespace_flagEPKcc.0:9", "_ZN3sys14namespace_flagEPKcc.1:9")

# An id map's line has at least five characters and its newline.
LINES = ("_ZN4stub12_GLOBAL__N_19is_id_mapEPKc.0:4", "_ZN4stub12_GLOBAL__N_19is_id_mapEPKc.1:LINES")
# The model's kernel does not interrupt a call.
CALLS = ("_ZN3sys10call_againImJiPKcmEEENS_6ResultIT_EElDpT0_.0:1", "_ZN3sys10call_againImJiPhmEEENS_6ResultIT_EElDpT0_.0:1",
         "_ZN3sys10call_againIiJPNS_9SignalSetEDnPKNS_4TimeEmEEENS_6ResultIT_EElDpT0_.0:1",
         "_ZN3sys10call_againINS_2FdEJiPKcijEEENS_6ResultIT_EElDpT0_.0:1")

PROPERTIES = [
    # stub/bootstrap.cpp
    Harness("header", "bootstrap", [0], [0], fixed=True),
    Harness("framing", "bootstrap", [6], [0, 1, 2, 3, 4, 5, 6, 7, 8, 16], replaced=FRAMING,
            keep="attribute_of_framing,name_of_framing"),
    Harness("attribute-names", "bootstrap", [], [0], extra=20, fixed=True),
    Harness("unknown-attribute", "bootstrap", [3], [0, 1, 4], extra=12),
    Harness("clone-flags", "bootstrap", [5], upto(8), extra=8),
    Harness("boolean", "bootstrap", [5], upto(8), extra=8),
    Harness("text", "bootstrap", [5], upto(8), extra=6),
    Harness("time-offsets-or-mount-sources", "bootstrap", [4], upto(6), extra=6),
    Harness("oom-score-adj", "bootstrap", [4], upto(6), extra=6),
    Harness("id-map", "bootstrap", [], upto(2)),
    Harness("id-map-lines", "id_map", [3], upto(6), unwindset=(*KNOWN, *LINES)),
    Harness("namespace-paths", "bootstrap", [], upto(2), unwindset=(*KNOWN, *FLAG)),
    Harness("namespace-flag", "lists", [4], upto(8), extra=8, unwindset=(*KNOWN, *FLAG)),
    Harness("namespace-list", "lists", [3], upto(8), extra=4, replaced=NAMESPACE_FLAG, keep="any_namespace_flag"),
    Harness("next-mount-fd", "bootstrap", [4], upto(8)),
    Harness("mount-fds", "bootstrap", [], upto(4)),
    # stub/id_map.h
    Harness("map-numbers", "map_numbers", [3], upto(5)),
    # stub/environment.cpp
    Harness("environment-number", "environment", [2], upto(5), extra=30),
    Harness("environment-any", "environment", [0], [0, 1, 4], extra=18),
    Harness("environment-two", "environment", [2], upto(3), extra=30),
    Harness("environment-state-directory", "environment", [2], upto(2), extra=30),
    Harness("environment-secure", "environment", [2], upto(2), extra=30, function="environment_number", options=("-DSECURE=true",)),
    Harness("environment-removed", "environment", [2], upto(2), extra=30, function="environment_number", options=("-DSECURE=true", "-DNULLS=3")),
    # stub/log.cpp
    Harness("escape-json", "json", [], [0, 1], extra=8),
    Harness("utf8-length", "json", [3], upto(4), extra=6),
    Harness("escape-json-step", "json", [], upto(4), extra=8),
    Harness("escape-json-room", "json", [6], [0, 5, 6, 7, 11], extra=3),
    # syscalls/text.h
    Harness("decimal-of-int", "text", [0], [0], extra=13, fixed=True),
    Harness("string-builder", "text", [3], upto(6), extra=4),
    Harness("fixed-string", "text", [3], upto(6), extra=4),
    Harness("take-decimal", "text", [4], [0, 1, 2, 4, 6], extra=3),
    Harness("take-largest-decimal", "text", [], [4], extra=3),
    Harness("take-signed-decimal", "text", [6], [0, 1, 2, 6, 12], extra=3),
    Harness("splitter", "text", [4], upto(6)),
    # lines of /proc
    Harness("hexadecimal-line", "proc", [10], [0, 1, 8, 10], extra=12),
    Harness("record", "records", [1], [0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 15, 22], extra=14,
            replaced=("_ZN4stub11escape_jsonEPKcPcS1_=escape_json_contract", *DECIMAL[:1]), keep="escape_json_contract,any_decimal", unwindset=(*KNOWN, *CALLS)),
    # /proc/self/stat
    Harness("stack-at-exec", "stat", [], [0, 1, 4], extra=3, replaced=NUMBER, keep="any_number", unwindset=(*KNOWN, *CALLS)),
    # stub/procfs.h
    Harness("process-file", "paths", [5], list(range(1, 12)), extra=30, replaced=DECIMAL, keep="any_decimal,text_of"),
    Harness("fd-path", "paths", [5], list(range(1, 12)), extra=30, replaced=DECIMAL, keep="any_decimal,text_of"),
    # tools/nsrun
    Harness("nsrun-limit", "nsrun", [], upto(6), extra=3),
    Harness("id-range", "id_map", [3], upto(6), extra=3, replaced=NUMBER, keep="any_number"),
    Harness("mapped-id", "id_map", [2], upto(4), extra=3, replaced=("_ZN5nsrun10take_rangeERPKcRNS_8MapRangeE=any_range",), keep="any_range"),
    Harness("config-words", "config", [2], upto(4), extra=3),
    Harness("config-lines", "config", [], upto(2), extra=2, replaced=("_ZN5nsrun6Config9take_lineEPPKcm=any_line",), keep="any_line"),
    Harness("mount-point", "mounts", [4], upto(6), extra=3),
    Harness("nsrun-user", "nsrun", [2], upto(5)),
    Harness("nsrun-mode", "nsrun", [5], upto(7)),
    Harness("nsrun-path-depth", "nsrun", [3], upto(5)),
    Harness("nsrun-base-name", "nsrun", [3], upto(5)),
    Harness("nsrun-escape", "nsrun", [3], upto(5)),
    # Machines whose char is unsigned.
    *(Harness(f"{name}-unsigned-char", file, [], [size], extra, function=name.replace("-", "_"), options=("-funsigned-char",))
      for name, file, size, extra in (
          ("utf8-length", "json", 4, 6), ("escape-json-step", "json", 3, 8), ("hexadecimal-line", "proc", 10, 12),
          ("take-decimal", "text", 4, 3), ("take-signed-decimal", "text", 6, 3), ("oom-score-adj", "bootstrap", 4, 6),
          ("map-numbers", "map_numbers", 4, 3), ("nsrun-mode", "nsrun", 4, 3), ("mount-point", "mounts", 4, 3),
          ("config-words", "config", 3, 3))),
]

BOOTSTRAP, TEXT, LOG, LOG_H = "stub/bootstrap.cpp", "syscalls/text.h", "stub/log.cpp", "stub/log.h"

MUTANTS = [
    Mutant("header-length-unbounded", "header", 0, BOOTSTRAP, "header.length > kMostMessageBytes", "header.length > 2 * kMostMessageBytes"),
    Mutant("header-length-under-16", "header", 0, BOOTSTRAP, "header.length < sizeof header", "header.length + 1 < sizeof header"),
    Mutant("attribute-length-past-the-end", "framing", 6, BOOTSTRAP, "if (length > rest.size)", "if (length > rest.size + 1)"),
    Mutant("attribute-length-under-4", "framing", 6, BOOTSTRAP, "if (length < kAttributeHeader)", "if (length + 1 < kAttributeHeader)"),
    Mutant("padding-past-the-end", "framing", 6, BOOTSTRAP, "rest.from(padded < rest.size ? padded : rest.size)", "rest.from(padded)"),
    Mutant("attribute-names-one-short", "attribute-names", 0, BOOTSTRAP, "index < kAttributes ? index : kAttributes",
           "index <= kAttributes ? index : kAttributes + 1"),
    Mutant("clone-flags-of-three-bytes", "clone-flags", 3, BOOTSTRAP,
           "  if (payload.size < sizeof(uint32_t)) {", "  if (payload.size < 3) {"),
    Mutant("clone-flags-unchecked", "clone-flags", 4, BOOTSTRAP, "(result_.clone_flags & ~sys::kAllNamespaces) == 0", "true"),
    Mutant("boolean-of-three-bytes", "boolean", 3, BOOTSTRAP, "payload.size >= sizeof(uint32_t)", "payload.size >= 3"),
    Mutant("text-without-nul", "text", 2, BOOTSTRAP, "    payload[payload.size - 1] = '\\0';\n", ""),
    Mutant("text-moved-too-far", "text", 2, BOOTSTRAP, "payload.size + 1};", "payload.size + 2};"),
    Mutant("mount-sources-without-nul", "time-offsets-or-mount-sources", 2, BOOTSTRAP,
           "  if (payload.empty() || payload[payload.size - 1] != '\\0') {\n    return refuse(\"no NUL", "  if (false) {\n    return refuse(\"no NUL"),
    Mutant("mount-sources-one-further", "time-offsets-or-mount-sources", 2, BOOTSTRAP, "payload.end();", "payload.end() + 1;"),
    Mutant("oom-score-adj-above-1000", "oom-score-adj", 4, BOOTSTRAP, "take_signed_decimal(cursor, 1000)", "take_signed_decimal(cursor, 1001)"),
    Mutant("oom-score-adj-with-a-tail", "oom-score-adj", 2, BOOTSTRAP, ".valid && *cursor == '\\0';", ".valid;"),
    Mutant("mount-fd-without-end", "next-mount-fd", 3, BOOTSTRAP, "*cursor == ',' || *cursor == ']' ? number : sys::Number{}", "number"),
    Mutant("mount-fd-past-the-nul", "next-mount-fd", 2, BOOTSTRAP, "if (*cursor != '[' && *cursor != ',') return {};\n  ++cursor;", "cursor += 3;"),
    Mutant("map-numbers-one-too-few", "map-numbers", 3, "stub/id_map.h", "map_length / 2 + 1", "map_length / 2"),
    Mutant("map-numbers-past-the-nul", "map-numbers", 2, "stub/id_map.h", "while (*map != '\\0' && !is_separator(*map))", "while (!is_separator(*map))"),
    Mutant("environment-malformed-off-by-one", "environment-number", 1, "stub/environment.cpp",
           "text - sizeof kPrefix -", "text - sizeof kPrefix + 1 -"),
    Mutant("environment-number-unchecked", "environment-number", 1, "stub/environment.cpp", "  if (number.valid) {", "  if (true) {"),
    Mutant("json-escape-of-five", "escape-json-room", 5, LOG, "kLongest = 6", "kLongest = 5"),
    Mutant("json-room-unchecked", "escape-json-room", 5, LOG, "*text != '\\0' && end - out >= kLongest", "*text != '\\0'"),
    Mutant("string-builder-off-by-one", "string-builder", 3, TEXT, "size_ + 1 >= memory_.size", "size_ >= memory_.size"),
    Mutant("string-builder-without-nul", "string-builder", 3, TEXT, "    memory_[size_] = '\\0';\n", ""),
    Mutant("decimal-of-nine-digits", "decimal-of-int", 0, TEXT, "char digits_[21]", "char digits_[11]"),
    Mutant("decimal-without-limit", "take-decimal", 4, TEXT, "*cursor <= '9'; ++cursor", "*cursor <= '9' + 1; ++cursor"),
    Mutant("user-groups-unbounded", "nsrun-user", 5, "tools/nsrun/command_line/values.cpp", " || ids.group_count == UserIds::kMostGroups", ""),
    Mutant("user-without-gid", "nsrun-user", 2, "tools/nsrun/command_line/values.cpp", "  if (!gid.valid) return false;\n", ""),
    Mutant("mode-above-the-limit", "nsrun-mode", 5, "tools/nsrun/command_line/values.cpp", "kMost = 07777", "kMost = 017777"),
    Mutant("mode-of-8", "nsrun-mode", 2, "tools/nsrun/command_line/values.cpp", "*text <= '7'", "*text <= '8'"),
    Mutant("unknown-attribute-ignored", "unknown-attribute", 0, BOOTSTRAP, 'return refuse("unknown", nullptr, type);', "return true;"),
    Mutant("namespace-by-its-first-letter", "namespace-flag", 2, "syscalls/namespaces.h",
           "if (type.name[i] == '\\0' && name[i] == end)", "if (name[i] == end)"),
    Mutant("namespaces-past-the-nul", "namespace-list", 3, BOOTSTRAP, "while (*cursor != '\\0' && *cursor != ',') ++cursor;",
           "while (*cursor != ',') ++cursor;"),
    Mutant("namespace-without-path", "namespace-list", 4, BOOTSTRAP,
           "    if (*path.path() == '\\0') return refuse(\"the path is empty\", path.text);\n", ""),
    Mutant("id-map-of-two-fields", "id-map-lines", 3, BOOTSTRAP, "field < 3", "field < 2"),
    Mutant("environment-last-malformed", "environment-two", 2, "stub/environment.cpp", "} else if (environment.malformed == nullptr) {", "} else {"),
    Mutant("environment-of-any-caller", "environment-secure", 1, "stub/environment.cpp",
           "return stack.auxiliary_value(AT_SECURE) != 0 ? nullptr : stack", "return stack"),
    Mutant("one-null-behind-the-environment", "environment-removed", 2, "stub/initial_stack.h", "    while (*entry == nullptr) ++entry;\n    return", "    return"),
    Mutant("relative-state-directory", "environment-state-directory", 1, "stub/environment.cpp", "*directory != '/'", "*directory == '\\0'"),
    Mutant("utf8-surrogates", "utf8-length", 3, LOG, "const bool surrogate = point >> 11 == 0xd800 >> 11;", "const bool surrogate = false;"),
    Mutant("utf8-overlong", "utf8-length", 2, LOG, "return point < least || surrogate", "return surrogate"),
    Mutant("json-with-del", "escape-json-step", 1, LOG, "c == 0x7f || ", ""),
    Mutant("record-without-room-for-its-end", "record", 8, LOG_H, "kTail = 3;", "kTail = 2;"),
    Mutant("record-without-newline", "record", 1, LOG, "\"\\\"}\\n\" : \"\\n\"", "\"\\\"}\\n\" : \"\""),
    Mutant("paths-of-32", "process-file", 11, TEXT, "using ShortString = FixedString<64>", "using ShortString = FixedString<32>"),
    Mutant("fd-path-without-slash", "fd-path", 2, "stub/procfs.h", "\"/proc/self/fd/\" << fd", "\"/proc/self/fd\" << fd"),
    Mutant("stat-before-the-start", "stack-at-exec", 1, "stub/stack_at_exec.h", "cursor != text && *cursor != ')'", "*cursor != ')'"),
    Mutant("splitter-stays", "splitter", 2, TEXT, "rest_.from(at + 1)", "rest_.from(at)"),
    Mutant("prefix-past-the-end", "hexadecimal-line", 1, TEXT, "return size_ >= prefix.size_ && first", "return first"),
    Mutant("limit-of-no-resource", "nsrun-limit", 3, "tools/nsrun/command_line/values.cpp", "limit.resource == kResourceCount || ", ""),
    Mutant("depth-under-0", "nsrun-path-depth", 2, "tools/nsrun/command_line/values.h", "depth -= depth == 0 ? 0 : 1", "depth -= 1"),
    Mutant("base-name-with-its-slash", "nsrun-base-name", 2, "tools/nsrun/command_line/values.h", "name.from(name.find('/') + 1)",
           "name.from(name.find('/'))"),
    Mutant("id-range-without-number", "id-range", 1, "tools/nsrun/common/id_ranges.h", "  if (!inside.valid) return false;\n", ""),
    Mutant("mapped-id-one-further", "mapped-id", 1, "tools/nsrun/common/id_ranges.cpp", "id - range.inside < range.count", "id - range.inside <= range.count"),
    Mutant("config-escaped-nul", "config-words", 1, "tools/nsrun/command_line/config.cpp", " && from_[1] != '\\0'", ""),
    Mutant("config-past-the-nul", "config-lines", 1, "tools/nsrun/command_line/config.cpp", "const bool last = *end == '\\0';", "const bool last = false;"),
    Mutant("mount-point-escape-of-two", "mount-point", 3, "tools/nsrun/common/mount_table.cpp", "i + 3 < escaped.size()", "i + 2 < escaped.size()"),
]

# The mistakes of `make prove PROVE=short`.
SHORT = ("header-length-unbounded", "clone-flags-of-three-bytes", "text-without-nul", "map-numbers-past-the-nul", "utf8-surrogates",
         "string-builder-off-by-one", "fd-path-without-slash", "mapped-id-one-further", "mode-of-8")
