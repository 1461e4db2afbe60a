# SPDX-License-Identifier: Apache-2.0
"""Curves over one pair of axes. The count's axis is logarithmic; the value's is, if its range is
large."""

import math

from drawing import MARGIN, line, text, text_width

PLOT_WIDTH, PLOT_HEIGHT, ROW = 500, 220, 20
LARGE_SPAN = 20  # the ratio of largest to smallest value above which the axis is logarithmic
TICKS = 4  # the least number on a linear axis
COLORS = ["#2a6fbb", "#c8483c", "#2a9d5c", "#8a5fb0", "#d08a1d", "#5f6b76"]
GRID = 'stroke="#dddddd"'


class Axis:
    """Converts values to positions on an axis, as shares of its length."""

    def __init__(self, values, is_log):
        self.is_log = is_log
        if is_log:
            self.first = math.floor(math.log10(min(values)))
            self.last = max(math.ceil(math.log10(max(values))), self.first + 1)
            self.ticks = [10.0 ** power for power in range(self.first, self.last + 1)]
        else:
            step = nice_step(max(values) / TICKS)
            count = max(1, math.ceil(max(values) / step))
            self.first, self.last = 0, step * count
            self.ticks = [step * i for i in range(count + 1)]

    def share(self, value):
        at = math.log10(value) if self.is_log else value
        return (at - self.first) / (self.last - self.first)


def nice_step(least):
    """The smallest step of 1, 2 or 5 times a power of ten that is not below `least`."""
    if least <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least)


class Plot:
    """Converts values to coordinates of the picture."""

    def __init__(self, counts, values):
        self.across = Axis(counts, True)
        self.up = Axis(values, min(values) > 0 and max(values) / min(values) > LARGE_SPAN)
        self.left = 2 * MARGIN + text_width(map(plain, self.up.ticks))
        self.right = self.left + PLOT_WIDTH
        self.top = 2 * ROW
        self.bottom = self.top + PLOT_HEIGHT

    def x(self, count):
        return self.left + PLOT_WIDTH * self.across.share(count)

    def y(self, value):
        return self.bottom - PLOT_HEIGHT * self.up.share(value)

    def grid(self):
        for tick in self.up.ticks:
            y = self.y(tick)
            yield line((self.left, y), (self.right, y), GRID)
            yield text(self.left - 6, y + 4, plain(tick), "end")
        for tick in self.across.ticks:
            x = self.x(tick)
            yield line((x, self.top), (x, self.bottom), GRID)
            yield text(x, self.bottom + ROW - 2, short(tick), "middle")

    def curve(self, points, color, style):
        places = [(self.x(count), self.y(one.value)) for count, one in points]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{corners}" {style}/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>'


def chart(shown):
    """Draws a curves.Chart as a block for drawing.picture()."""
    points = [point for curve in shown.curves.values() for point in curve]
    plot = Plot([count for count, _ in points], [one.value for _, one in points])
    title = f"{shown.part}: {shown.unit}, over the number of {shown.over}"
    elements = [text(MARGIN, ROW + 4, title), *plot.grid()]
    legend_x = plot.right + 4 * MARGIN
    name_x = legend_x + 32
    for at, (name, curve) in enumerate(shown.curves.items()):
        color = COLORS[at % len(COLORS)]
        dashes = ' stroke-dasharray="6 3"' if at >= len(COLORS) else ""
        style = f'fill="none" stroke="{color}" stroke-width="2"{dashes}'
        y = plot.top + ROW * at
        elements += [*plot.curve(curve, color, style),
                     line((legend_x, y), (legend_x + 24, y), style), text(name_x, y + 4, name)]
    width = max(name_x + text_width(shown.curves), MARGIN + text_width([title])) + MARGIN
    height = max(plot.bottom + 2 * ROW, plot.top + ROW * (len(shown.curves) + 1))
    return width, height, elements


def plain(tick):
    return f"{tick:,.10g}"


def short(tick):
    """With "K" and "M", because there is little room."""
    for unit, word in ((1e6, " M"), (1e3, " K")):
        if tick >= unit:
            return plain(tick / unit) + word
    return plain(tick)
