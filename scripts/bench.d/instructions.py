# SPDX-License-Identifier: Apache-2.0
"""The part "instructions": how many instructions the packet core executes for a packet of each case
of core_bench, counted by valgrind's callgrind.

The count does not depend on the machine: the packet core is compiled for a fixed processor, at
-O3 in every optimized build, core_bench makes the same packets every time, and
valgrind 3.19 shows every program the same processor, so that the C library chooses the same memcpy.
It does depend on the compiler. tests/bench/instructions.json has the counts of this tree.
"""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from program import run_program
from results import Failure, Result, write_file

REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "bench" / "instructions.json"
TARGET = "tests/bench/core_bench"
TOLERANCE = 0.01
UPDATE = "scripts/bench instructions --update"
DUMP = re.compile(r"^desc: Trigger: Client Request: (?P<case>[^\n]*)$.*?^totals: (?P<count>\d+)$",
                  re.MULTILINE | re.DOTALL)


class Counts(NamedTuple):
    compiler: str  # of the packet core
    flags: str  # those that select instructions
    per_packet: dict  # by case


def run(build, _quick):
    for case, count in count_instructions(build).per_packet.items():
        yield Result("instructions", case, "instructions/packet", count)


def count_instructions(build):
    if not shutil.which("valgrind"):
        raise Failure("valgrind is not installed: run scripts/setup")
    with tempfile.TemporaryDirectory(prefix="vipfwd-bench-") as directory:
        command = ["valgrind", "--tool=callgrind", "--quiet", f"--log-file={directory}/log",
                   "--instr-atstart=no", "--collect-atstart=no",
                   f"--callgrind-out-file={directory}/dump", str(build / TARGET),
                   "--count-instructions"]
        packets = {one.case: one.value for one in run_program("instructions", command)}
        counts = read_dumps(path.read_text() for path in Path(directory).glob("dump.*"))
    if counts.keys() != packets.keys():
        raise Failure(f"callgrind dumped {len(counts)} cases, {len(packets)} have run")
    per_packet = {case: round(counts[case] / packets[case], 2) for case in packets}
    return Counts(*settings(build), per_packet)


def read_dumps(texts):
    """The number of instructions of each case; a dump names its case."""
    return {found["case"]: int(found["count"]) for found in map(DUMP.search, texts) if found}


def settings(build):
    """The compiler of the packet core in that build, and the flags that select instructions."""
    targets = json.loads((build / "meson-info" / "intro-targets.json").read_text())
    [packet] = [one for one in targets if one["name"] == "packet"]
    [sources] = [one for one in packet["target_sources"] if one["language"] == "cpp"]
    version = subprocess.run([*sources["compiler"], "--version"], capture_output=True, text=True)
    flags = [word for word in sources["parameters"] if word.startswith(("-O", "-m"))]
    return version.stdout.split("\n")[0], " ".join(flags)


def check(build):
    """Compares the counts of a build with those of the tree. Returns the number of differences."""
    counted = count_instructions(build)
    complaints = list(differences(read_reference(), counted))
    for complaint in complaints:
        print(complaint)
    if complaints:
        print(f"If that is intended, {UPDATE} writes {REFERENCE.name}: the commit says why.")
    print(f"{len(counted.per_packet) - len(complaints)} counts passed, {len(complaints)} failed")
    return len(complaints)


def update(build):
    before = read_reference().per_packet if REFERENCE.exists() else {}
    counted = count_instructions(build)
    write_file(REFERENCE, json.dumps(counted._asdict(), indent=2))
    for case, count in counted.per_packet.items():
        if before.get(case) != count:
            print(f"{case}: {before.get(case, 'new')} -> {count}")


def read_reference():
    try:
        return Counts(**json.loads(REFERENCE.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise Failure(f"{REFERENCE}: {error}") from None


def differences(reference, counted):
    """Yields a sentence for each count that differs by more than the tolerance."""
    if reference[:2] != counted[:2]:
        raise Failure(f"the reference was counted with {reference.compiler} {reference.flags}, "
                      f"this build is by {counted.compiler} {counted.flags}: they cannot be "
                      f"compared. {UPDATE}")
    for case, count in counted.per_packet.items():
        expected = reference.per_packet.get(case)
        if expected is None:
            yield f"{case}: {count} instructions per packet; {REFERENCE.name} does not have the case"
        elif abs(count / expected - 1) > TOLERANCE:
            how = "raises the cost" if count > expected else "lowers the cost: lower the reference"
            yield (f"{case}: {count} instructions per packet, {expected} in {REFERENCE.name}: "
                   f"{count / expected - 1:+.1%} {how}")
    for case in reference.per_packet.keys() - counted.per_packet.keys():
        yield f"{case}: is in {REFERENCE.name}, but was not counted"
