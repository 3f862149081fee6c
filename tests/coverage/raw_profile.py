#!/usr/bin/env python3
"""tests/coverage/raw_profile.py PROGRAM COUNTERS_DIRECTORY OUTPUT: makes an LLVM raw profile from a freestanding program's counters.

LLVM's runtime writes header, data, counters and names (compiler-rt, InstrProfData.inc, version 8 of LLVM 14). Here the counters
come from the file that the program's processes share (attach.cpp), and the rest from the program's sections.
"""

import struct
import subprocess
import sys

VERSION = 8  # LLVM 14
RECORD = 48  # bytes of one function's data


def sections(program):
    """Returns a dictionary of the profile sections: name to (address, bytes)."""
    text = subprocess.run(["readelf", "-SW", program], check=True, capture_output=True, text=True).stdout
    with open(program, "rb") as file:
        content = file.read()
    found = {}
    for line in text.split("\n"):
        words = line.split("]", 1)[-1].split()
        if len(words) > 5 and words[0].startswith("__llvm_prf"):
            address, offset, size = (int(word, 16) for word in words[2:5])
            found[words[0]] = (address, content[offset:offset + size])
    return found


def main():
    program, directory, output = sys.argv[1:]
    found = sections(program)
    data_address, data = found["__llvm_prf_data"]
    counters_address, counters = found["__llvm_prf_cnts"]
    names_address, names = found["__llvm_prf_names"]
    # Takes only the counters of the functions. The bytes after them fill the page.
    used = 0
    for at in range(0, len(data), RECORD):
        offset, = struct.unpack_from("<q", data, at + 16)
        count, = struct.unpack_from("<I", data, at + 40)
        used = max(used, data_address + at + offset - counters_address + 8 * count)
    with open(f"{directory}/counters.{len(data)}", "rb") as file:
        counters = file.read()[:used]
    magic = 255 << 56 | int.from_bytes(b"lprofr", "big") << 8 | 129
    header = struct.pack("<11Q", magic, VERSION, 0, len(data) // RECORD, 0, used // 8, 0, len(names),
                         (counters_address - data_address) % 2**64, names_address, 1)
    with open(output, "wb") as file:
        file.write(header + data + counters + names + b"\0" * (-len(names) % 8))


if __name__ == "__main__":
    main()
