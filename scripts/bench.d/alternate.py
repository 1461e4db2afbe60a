# SPDX-License-Identifier: Apache-2.0
"""Several systems measured in slices in turn, so that the machine's moods fall on all of them.

All are running all the time; those that are not measured stand still. A system has `processes` and
is_up(); how it is measured is the caller's.
"""

import contextlib
import statistics
import time
from typing import NamedTuple

SETTLE_S = 0.05  # caches and branch predictors, after a rest
WARM_UP_S = 0.5


class Figures(NamedTuple):
    """By system, one a round."""
    of: dict

    def median(self, name):
        return statistics.median(self.of[name])

    def p5(self, name):
        return sorted(self.of[name])[len(self.of[name]) // 20]

    def ratio(self, name, reference):
        """Of two slices that were neighbors."""
        return statistics.median(a / b for a, b in zip(self.of[name], self.of[reference]))


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
        system.processes[0].wait_until(system.is_up, "packets come through")
        time.sleep(WARM_UP_S)
        pause(system)
        self.systems[name] = system

    def measure(self, rounds, figure):
        """figure(name, system) is a system's, while it runs."""
        figures = {name: [] for name in self.systems}
        for _ in range(rounds):
            for name, system in self.systems.items():
                with alone(system):
                    figures[name].append(figure(name, system))
        return Figures(figures)


@contextlib.contextmanager
def alone(system):
    """Around its measuring, all others stand still."""
    for process in system.processes:
        process.resume()
    time.sleep(SETTLE_S)
    yield system
    pause(system)


def pause(system):
    for process in system.processes:
        process.pause()


def rate(count, slice_s, clock=time.monotonic):
    """How much count() grows in a second of the clock. An answer is as of the middle of asking."""
    def read():
        asked_s = clock()
        answer = count()
        return (asked_s + clock()) / 2, answer

    start_s, before = read()
    time.sleep(slice_s)
    end_s, after = read()
    return (after - before) / (end_s - start_s)
