# SPDX-License-Identifier: Apache-2.0
"""Checks that the hot path calls nothing that allocates, prints, locks, throws or reads a clock.

The library of the packet core may have only the undefined symbols that are listed here. Everything
else it must define itself, so even a call to another library of this project is found.
"""

import re
import subprocess
from pathlib import Path

from sources import Finding

LIBRARY = Path("dataplane/packet/libpacket.a")  # in the build directory

ALLOWED = re.compile(
    r"memcpy|memmove|memset|memcmp"
    r"|__stack_chk_fail"
    r"|__popcountdi2"  # of the compiler's library, for CPUs without the instruction
    # debug assertions; a release build has none
    r"|__assert_fail|std::__glibcxx_assert_fail\(.*\)"
    r"|_GLOBAL_OFFSET_TABLE_")


def check_hot_path(build):
    """The packet core needs no symbol from elsewhere that is not allowed."""
    library = build / LIBRARY
    if not library.exists():
        yield Finding(LIBRARY, 0, "not built: run scripts/build")
        return
    for name in sorted(needed(library) - provided(library)):
        readable = demangle(name)
        if not ALLOWED.fullmatch(readable):
            yield Finding(LIBRARY, 0, f"the hot path must not need '{readable}'")


def needed(library):
    return set(symbols(library, "--undefined-only"))


def provided(library):
    return set(symbols(library, "--defined-only"))


def symbols(library, option):
    listing = subprocess.run(["nm", "-P", option, str(library)], capture_output=True, text=True,
                             check=True)
    # "name type value size"; a line that ends with a colon is the name of a member of the archive
    return [line.split()[0] for line in listing.stdout.splitlines()
            if line and not line.endswith(":")]


def demangle(name):
    return subprocess.run(["c++filt", name], capture_output=True, text=True,
                          check=True).stdout.strip()
