# SPDX-License-Identifier: Apache-2.0
"""CPU time that the host took from this machine while it had work to do. Linux counts it for all
CPUs together, in ticks of 10 ms: a shorter theft shows late or not at all."""

import bisect
import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

STAT = Path("/proc/stat")
STEAL = 8  # the word in the first line of /proc/stat
PERIOD_S = 0.01
TICK_S = 0.01


class Sample(NamedTuple):
    value: float
    stolen_ms: float  # while it was measured


def stolen_ms():
    """Since boot."""
    return int(STAT.read_text().split(maxsplit=STEAL + 1)[STEAL]) * 1000 / os.sysconf("SC_CLK_TCK")


def sample(measure):
    """Calls measure(), which returns the value."""
    before_ms = stolen_ms()
    value = measure()
    return Sample(value, stolen_ms() - before_ms)


def valid(samples):
    """The values that were measured while nothing was stolen; all values, if those are less than
    half of them."""
    undisturbed = [one.value for one in samples if one.stolen_ms == 0]
    return undisturbed if 2 * len(undisturbed) >= len(samples) else [one.value for one in samples]


def disturbed(samples):
    """The others, for Result.stolen; None: there are none."""
    return [list(one) for one in samples if one.stolen_ms] or None


class StolenLog:
    """Records during a block how much has been stolen, to tell later what was stolen between two
    moments (of time.time())."""

    def __init__(self):
        self.times, self.totals_ms = [], []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.go_on, daemon=True)

    def __enter__(self):
        self.record()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self.record()

    def go_on(self):
        while not self.stopping.wait(PERIOD_S):
            self.record()

    def record(self):
        self.totals_ms.append(stolen_ms())
        self.times.append(time.time())

    def between(self, begin, end):
        """What was stolen in between and in the tick that followed, in ms."""
        first = max(0, bisect.bisect_right(self.times, begin) - 1)
        last = min(len(self.times) - 1, bisect.bisect_left(self.times, end + TICK_S))
        return self.totals_ms[last] - self.totals_ms[first]
