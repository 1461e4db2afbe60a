# SPDX-License-Identifier: Apache-2.0
"""Formats results for a terminal, and as Markdown for a README."""

from targets import TARGETS

HEAD = ("case", "value", "", "reference", "", "ratio", "target", "")
RIGHT = (1, 4, 5)  # columns of numbers
MISSING = "–"


def number(value):
    """With at least three significant digits."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def verdict(result):
    return {True: "met", False: "missed", None: ""}[result.met]


def summary(result):
    """The figure, and the ratio if there is one."""
    text = f"{number(result.value)} {result.unit}"
    if result.ratio is not None:
        text += f", {number(result.ratio)} × {result.reference or 'reference'}"
    return text


def lines(results):
    """Yields a line of column titles, then one aligned line for each result."""
    rows = [HEAD] + [(one.case, number(one.value), one.unit, one.reference or "",
                      number(one.reference_value), number(one.ratio),
                      str(one.target or ""), verdict(one)) for one in results]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [text.rjust(width) if at in RIGHT else text.ljust(width)
                 for at, (text, width) in enumerate(zip(row, widths))]
        yield "  ".join(cells).rstrip()


def markdown(report):
    """Yields the lines of a table of all targets of the parts that were run, with what was
    measured, and a line about the machine."""
    found = {(one.part, one.case): one for one in report["results"]}
    machine = report["machine"]
    yield "| work | measured | target | met |"
    yield "| --- | --- | --- | --- |"
    parts = {one.part for one in report["results"]}
    for (part, case), bound in TARGETS.items():
        if part not in parts:
            continue
        result = found.get((part, case))
        met = {True: "yes", False: "no"}[result.met] if result else MISSING
        yield f"| {part}: {case} | {measured(result, bound)} | {bound} | {met} |"
    yield ""
    yield (f"Measured on {report['date'][:10]}{', quickly' if report['quick'] else ''}: "
           f"{machine['cores']} cores of {machine['cpu']}, TSC {machine['tsc_hz'] / 1e9:.2f} GHz, "
           f"Linux {machine['kernel']}, DPDK {machine['dpdk']}{busy_note(report['busy'])}.")


def busy_note(busy):
    return f"; {busy:.0%} busy with something else" if busy >= 0.01 else ""


def measured(result, bound):
    if result is None:
        return MISSING
    figure = f"{number(result.value)} {result.unit}"
    if bound.of == "value":
        return figure
    ratio = f"{number(result.ratio) or MISSING} ×"
    if result.reference is None:
        return f"{ratio} ({figure})"
    return f"{ratio} ({figure}; {result.reference}: {number(result.reference_value)})"
