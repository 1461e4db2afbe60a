# SPDX-License-Identifier: Apache-2.0
"""Elements of an SVG picture."""

from html import escape

FONT_SIZE = 13
CHARACTER = 8  # an upper bound of its width: the font that will draw it is not known
MARGIN = 10


def picture(blocks):
    """Puts blocks below one another. Each block is (width, height, elements)."""
    width = max((block[0] for block in blocks), default=0)
    height = sum(block[1] for block in blocks)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
           f' font-family="sans-serif" font-size="{FONT_SIZE}">')
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>'
    y = 0
    for _, block_height, elements in blocks:
        yield f'<g transform="translate(0,{y:.0f})">'
        yield from elements
        yield "</g>"
        y += block_height
    yield "</svg>"


def text(x, y, words, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def text_width(all_words):
    """An upper bound of the width of the longest of these texts."""
    return CHARACTER * max(map(len, all_words), default=0)


def line(start, end, style='stroke="black"'):
    return (f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
            f' {style}/>')
