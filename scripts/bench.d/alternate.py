# SPDX-License-Identifier: Apache-2.0
"""Measures several systems in turn, slice by slice, so that changes of the machine's speed affect
all of them alike.

All systems are started once; those that are not being measured are stopped (SIGSTOP). A system has
`processes` and is_up(); the caller decides how it is measured.
"""

import contextlib
import statistics
import time
from typing import NamedTuple

SETTLE_S = 0.05  # caches and branch predictors, after a rest
WARM_UP_S = 0.5


class Figures(NamedTuple):
    """For each system, its figures, one for each round."""
    of: dict

    def median(self, name):
        return statistics.median(self.of[name])

    def p5(self, name):
        return sorted(self.of[name])[len(self.of[name]) // 20]

    def ratio(self, name, reference):
        """The median of the ratios of slices that were measured one after the other."""
        return statistics.median(a / b for a, b in zip(self.of[name], self.of[reference]))


class Turns:
    """Systems that are started one after the other and then measured in turn."""

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
        system.processes[0].wait_until(system.is_up, "packets come through")
        time.sleep(WARM_UP_S)
        pause(system)
        self.systems[name] = system

    def measure(self, rounds, figure):
        """Calls figure(name, system) for each system in each round, while only that one runs."""
        figures = {name: [] for name in self.systems}
        for _ in range(rounds):
            for name, system in self.systems.items():
                with alone(system):
                    figures[name].append(figure(name, system))
        return Figures(figures)


@contextlib.contextmanager
def alone(system):
    """Lets one system run for the time of the block; all others are stopped."""
    for process in system.processes:
        process.resume()
    time.sleep(SETTLE_S)
    yield system
    pause(system)


def pause(system):
    for process in system.processes:
        process.pause()


def rate(count, slice_s, clock=time.monotonic):
    """How much count() grows in a second of the clock. An answer counts for the middle of the time
    that the question took."""
    def read():
        asked_s = clock()
        answer = count()
        return (asked_s + clock()) / 2, answer

    start_s, before = read()
    time.sleep(slice_s)
    end_s, after = read()
    return (after - before) / (end_s - start_s)
