# SPDX-License-Identifier: Apache-2.0
"""Results as bars, in SVG: what has a target against it, all else against its reference."""

from html import escape

from present import summary

WIDTH, ROW, TEXT_X, BAR_X, BAR_WIDTH = 1000, 26, 10, 400, 300
FULL = 2.0  # times the limit: the right end of the bars
COLORS = {True: "#2a9d5c", False: "#c8483c", None: "#5b7fa6"}


def svg(report):
    rows = [(one, share(one)) for one in report["results"]]
    rows = [(one, part) for one, part in rows if part is not None]
    height = ROW * (len(rows) + 2)
    limit = BAR_X + BAR_WIDTH / FULL
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        text(limit, ROW - 9, "target, or reference", "middle"),
    ]
    for at, (one, part) in enumerate(rows, 1):
        y = at * ROW
        width = BAR_WIDTH * min(part, FULL) / FULL
        parts += [text(TEXT_X, y + 17, f"{one.part}: {one.case}"),
                  f'<rect x="{BAR_X}" y="{y + 4}" width="{width:.1f}" height="{ROW - 8}"'
                  f' fill="{COLORS[one.met]}"/>',
                  text(BAR_X + BAR_WIDTH + 10, y + 17, summary(one))]
    parts += [f'<line x1="{limit}" y1="{ROW}" x2="{limit}" y2="{ROW * (len(rows) + 1)}"'
              ' stroke="black" stroke-dasharray="4 3"/>', "</svg>"]
    return "\n".join(parts)


def share(result):
    """Of the target's limit, else of the reference; None: there is neither."""
    if result.target:
        number = getattr(result, result.target.of)
        return None if number is None else number / result.target.limit
    return result.ratio


def text(x, y, words, anchor="start"):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
