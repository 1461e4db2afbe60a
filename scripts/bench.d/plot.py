# SPDX-License-Identifier: Apache-2.0
"""Draws a report as one SVG picture: bars, and below them the curves."""

from bars import bars
from chart import chart
from curves import charts
from drawing import picture


def svg(report):
    """A result that is a point of a curve has a bar only if it has a target."""
    shown = list(charts(report["results"]))
    points = {one for each in shown for curve in each.curves.values() for _, one in curve}
    compared = [one for one in report["results"] if one.target or one not in points]
    return "\n".join(picture([bars(compared), *map(chart, shown)]))
