# SPDX-License-Identifier: Apache-2.0
"""Results as bars: relative to the target, or to the reference if there is no target."""

from drawing import MARGIN, line, text, text_width
from present import summary

ROW, BAR_WIDTH = 26, 300
FULL = 2.0  # a bar of full length is this many times the limit
COLORS = {True: "#2a9d5c", False: "#c8483c", None: "#5b7fa6"}


def bars(results):
    """A block for drawing.picture(), of the results that have a target or a reference."""
    rows = [(one, share(one)) for one in results]
    rows = [(one, part) for one, part in rows if part is not None]
    bar_x = 2 * MARGIN + text_width(label(one) for one, _ in rows)
    summary_x = bar_x + BAR_WIDTH + MARGIN
    width = summary_x + text_width(summary(one) for one, _ in rows) + MARGIN
    limit = bar_x + BAR_WIDTH / FULL
    elements = [text(limit, ROW - 9, "target, or reference", "middle")]
    for at, (one, part) in enumerate(rows, 1):
        y = at * ROW
        length = BAR_WIDTH * min(part, FULL) / FULL
        elements += [text(MARGIN, y + 17, label(one)),
                     f'<rect x="{bar_x}" y="{y + 4}" width="{length:.1f}" height="{ROW - 8}"'
                     f' fill="{COLORS[one.met]}"/>',
                     text(summary_x, y + 17, summary(one))]
    elements.append(line((limit, ROW), (limit, ROW * (len(rows) + 1)),
                         'stroke="black" stroke-dasharray="4 3"'))
    return width, ROW * (len(rows) + 2), elements


def label(result):
    return f"{result.part}: {result.case}"


def share(result):
    """The result relative to the target's limit, else to the reference; None without either."""
    if result.target:
        number = getattr(result, result.target.of)
        return None if number is None else number / result.target.limit
    return result.ratio
