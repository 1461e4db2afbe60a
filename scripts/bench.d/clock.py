# SPDX-License-Identifier: Apache-2.0
"""Clock cycles of a CPU on which another program is being measured. See tests/bench/clock.h."""

import contextlib

from processes import FORWARDER_CPU, Process


class Clock:
    def __init__(self, process):
        self.process = process

    def tsc_per_cycle(self):
        """TSC cycles in one clock cycle, now."""
        return float(self.process.ask(""))


@contextlib.contextmanager
def clock(directory, build):
    """The clock of the forwarder's CPU."""
    command = [build / "tests" / "bench" / "bench_clock", FORWARDER_CPU]
    with Process("clock", command, directory, answers=True) as process:
        yield Clock(process)
