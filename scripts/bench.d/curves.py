# SPDX-License-Identifier: Apache-2.0
"""Results whose names differ in nothing but how many of something there are: curves over that."""

import re
from collections import defaultdict
from typing import NamedTuple

# "64 K flows"; of several in a name it is the last one that goes up.
COUNT = re.compile(r"(?:^|, )(\d+)( [KM])? (flow|service|pool|backend)s?(?=,|$)")
FACTORS = {None: 1, " K": 1 << 10, " M": 1 << 20}
LEAST_POINTS = 2


class Chart(NamedTuple):
    """What can be shown over one axis."""
    part: str
    unit: str
    over: str  # what there is one or more of, in the plural
    curves: dict  # by name: its points in order, as (count, result)


def charts(results):
    found = defaultdict(lambda: defaultdict(list))
    for one in results:
        count = last_count(one.case)
        if count:
            name, number, over = count
            found[one.part, one.unit, over][name].append((number, one))
    for key, curves in found.items():
        curves = {name: sorted(points, key=lambda point: point[0])
                  for name, points in curves.items() if len(points) >= LEAST_POINTS}
        if curves:
            yield Chart(*key, curves)


def last_count(case):
    """The name without it, the number, and what it is of; None if there is none."""
    counts = list(COUNT.finditer(case))
    if not counts:
        return None
    number, factor, word = counts[-1].groups()
    name = case[:counts[-1].start()] + case[counts[-1].end():]
    return name.removeprefix(", "), int(number) * FACTORS[factor], word + "s"
