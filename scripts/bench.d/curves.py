# SPDX-License-Identifier: Apache-2.0
"""Results whose names differ only in a number of flows, services, pools or backends form a curve
over that number."""

import re
from collections import defaultdict
from typing import NamedTuple

# "64 K flows". If a name has several such counts, the last one is the curve's.
COUNT = re.compile(r"(?:^|, )(\d+)( [KM])? (flow|service|pool|backend)s?(?=,|$)")
FACTORS = {None: 1, " K": 1 << 10, " M": 1 << 20}
MIN_POINTS = 2


class Chart(NamedTuple):
    """Curves that share their axes."""
    part: str
    unit: str
    over: str  # what is counted on the horizontal axis, in the plural
    curves: dict  # for each name its points, as (count, result), in ascending order


def charts(results):
    found = defaultdict(lambda: defaultdict(list))
    for one in results:
        count = last_count(one.case)
        if count and one.value is not None:
            name, number, over = count
            found[one.part, one.unit, over][name].append((number, one))
    for key, curves in found.items():
        curves = {name: sorted(points, key=lambda point: point[0])
                  for name, points in curves.items() if len(points) >= MIN_POINTS}
        if curves:
            yield Chart(*key, curves)


def last_count(case):
    """The name without its last count, that number, and what is counted; None without a count."""
    counts = list(COUNT.finditer(case))
    if not counts:
        return None
    number, factor, word = counts[-1].groups()
    name = case[:counts[-1].start()] + case[counts[-1].end():]
    return name.removeprefix(", "), int(number) * FACTORS[factor], word + "s"
