# SPDX-License-Identifier: Apache-2.0
"""Packet rates of several systems, in slices in turn, so that the machine's moods fall on all.

All of them are running all the time; those that are not measured stand still. A system has
`processes` (who sends before who receives), is_up() and read().
"""

import contextlib
import statistics
import time
from typing import NamedTuple

SETTLE_S = 0.05  # caches and branch predictors, after a rest
HEAD_START_S = 0.01
WARM_UP_S = 0.5


class Reading(NamedTuple):
    at_s: float
    packets: int


class Rates(NamedTuple):
    pps: dict  # by system, one a round

    def median(self, name):
        return statistics.median(self.pps[name])

    def p5(self, name):
        return sorted(self.pps[name])[len(self.pps[name]) // 20]

    def ratio(self, name, reference):
        """Of two slices that were neighbors."""
        return statistics.median(a / b for a, b in zip(self.pps[name], self.pps[reference]))


def reading(count):
    """What count() answers, as of the middle of asking."""
    asked_s = time.monotonic()
    packets = count()
    return Reading((asked_s + time.monotonic()) / 2, packets)


class Turns:
    """Systems that start one after the other, and then take turns."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.systems = {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def add(self, name, starting):
        """`starting` is a context manager that yields the system."""
        system = self.stack.enter_context(starting)
        system.processes[-1].wait_until(system.is_up, "packets come through")
        time.sleep(WARM_UP_S)
        pause(system)
        self.systems[name] = system

    def measure(self, rounds, slice_s):
        pps = {name: [] for name in self.systems}
        for _ in range(rounds):
            for name, system in self.systems.items():
                pps[name].append(rate(system, slice_s))
        return Rates(pps)


def pause(system):
    for process in system.processes:
        process.pause()


def resume(system):
    """The receiver first: nobody is to find its queue full."""
    for process in reversed(system.processes):
        process.resume()
        time.sleep(HEAD_START_S)


def rate(system, slice_s):
    resume(system)
    time.sleep(SETTLE_S)
    before = system.read()
    time.sleep(slice_s)
    after = system.read()
    pause(system)
    return (after.packets - before.packets) / (after.at_s - before.at_s)
