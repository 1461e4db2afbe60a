# SPDX-License-Identifier: Apache-2.0
"""Flips bytes of the region, as dataplane/abi/region.h describes it, through control's descriptor."""

import contextlib
import mmap
import os
import struct
from pathlib import Path

HEADER = struct.Struct("<QIIQQ12I7Q")
# Of boot, leases, check notes, generations, rings and status: the first of them in HEADER.
OFFSETS = 17
PAGE = 4096
GENERATION_HEADER = 128


def region_of(control):
    """The region of that process, mapped."""
    for descriptor in Path("/proc", str(control), "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it has been closed meanwhile
            if "memfd:vipfwd-region" in os.readlink(descriptor):
                with descriptor.open("r+b") as file:
                    return mmap.mmap(file.fileno(), os.fstat(file.fileno()).st_size)
    raise AssertionError("control has no region")


def places(region):
    """Where to flip a byte, by the name of the area."""
    boot, leases, notes, generations, rings, _ = HEADER.unpack_from(region)[OFFSETS:OFFSETS + 6]
    active = leases - PAGE
    in_force = generations + region[active] * ((rings - generations) // 2)
    return {"header": 3, "boot parameters": boot + 100, "active": active + 5,
            "generation": in_force + 40, "ports": in_force + GENERATION_HEADER,
            "ring": rings + 20, "check notes": notes + 10}


def damage(control, area):
    region = region_of(control)
    region[places(region)[area]] ^= 0x55
    region.close()
