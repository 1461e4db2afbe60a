# SPDX-License-Identifier: Apache-2.0
"""Formats results for a terminal, and as Markdown for a README."""

import textwrap

from targets import TARGETS

HEAD = ("case", "value", "", "TSC", "gated", "reference", "", "ratio", "target", "")
RIGHT = (1, 3, 4, 6, 7)  # columns of numbers
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


def figure(result):
    """The value with its unit, in TSC cycles too; or how many samples were left out, if those that
    are left are too few for a value."""
    if result.value is None:
        return f"{MISSING} ({gated(result)} samples gated)"
    text = f"{number(result.value)} {result.unit}"
    if result.stolen:
        text += (f" (CPU time was stolen during {len(result.stolen)} of {result.samples} samples: "
                 f"{'left out' if result.gated else 'included'})")
    return text if result.tsc is None else f"{text} (TSC {number(result.tsc)})"


def gated(result):
    return f"{result.gated} of {result.samples}" if result.gated else ""


def summary(result):
    """The figure, and the ratio if there is one."""
    text = figure(result)
    if result.ratio is not None:
        text += f", {number(result.ratio)} × {result.reference or 'reference'}"
    return text


def lines(results):
    """Yields a line of column titles, then one aligned line for each result."""
    rows = [HEAD] + [(one.case, number(one.value), one.unit, number(one.tsc), gated(one),
                      one.reference or "", number(one.reference_value), number(one.ratio),
                      str(one.target or ""), verdict(one)) for one in results]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [text.rjust(width) if at in RIGHT else text.ljust(width)
                 for at, (text, width) in enumerate(zip(row, widths))]
        yield "  ".join(cells).rstrip()


def markdown(reports):
    """Yields the lines of a table of all targets of the parts that were run, with what was measured
    in each report, and a line about each machine."""
    found = [{(one.part, one.case): one for one in report["results"]} for report in reports]
    yield row("work", "target", *(cell for report in reports
                                  for cell in (report["machine"]["cpu"], "met")))
    yield row(*["---"] * (2 + 2 * len(reports)))
    parts = {part for results in found for part, _ in results}
    for (part, case), bound in TARGETS.items():
        if part in parts:
            cells = [judged(results.get((part, case)), bound) for results in found]
            yield row(f"{part}: {case}", bound, *(cell for pair in cells for cell in pair))
    for report in reports:
        yield ""
        yield from textwrap.wrap(measured_on(report), 120)


def row(*cells):
    return f"| {' | '.join(map(str, cells))} |"


def judged(result, bound):
    met = {True: "yes", False: "no", None: MISSING}[result.met if result else None]
    return measured(result, bound), met


def measured_on(report):
    machine = report["machine"]
    note = f" {report['note']}" if report.get("note") else ""
    return (f"Measured on {report['date'][:10]}{', quickly' if report['quick'] else ''}: "
            f"{machine['cores']} cores of {machine['cpu']}, TSC {machine['tsc_hz'] / 1e9:.2f} GHz, "
            f"Linux {machine['kernel']}, DPDK {machine['dpdk']}{busy_note(report['busy'])}.{note}")


def busy_note(busy):
    return f"; {busy:.0%} busy with something else" if busy >= 0.01 else ""


def measured(result, bound):
    if result is None:
        return MISSING
    if bound.of == "value" or result.value is None:
        return figure(result)
    ratio = f"{number(result.ratio) or MISSING} ×"
    if result.reference is None:
        return f"{ratio} ({figure(result)})"
    return f"{ratio} ({figure(result)}; {result.reference}: {number(result.reference_value)})"
