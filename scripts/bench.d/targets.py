# SPDX-License-Identifier: Apache-2.0
"""What the figures are to reach: the one place that says so."""

from typing import NamedTuple


class Bound(NamedTuple):
    of: str  # "value" or "ratio" of the result
    limit: float
    is_most: bool  # else it is the least
    unit: str = ""

    def is_met(self, result):
        number = getattr(result, self.of)
        if number is None:
            return False
        return number <= self.limit if self.is_most else number >= self.limit

    def __str__(self):
        sign = "≤" if self.is_most else "≥"
        return f"{sign} {self.limit:g} {self.unit}".rstrip()


def at_most(limit, unit):
    return Bound("value", limit, True, unit)


def ratio_at_most(limit):
    return Bound("ratio", limit, True, "×")


def ratio_at_least(limit):
    return Bound("ratio", limit, False, "×")


# Cycles (c/p: a packet) are those of the TSC.
TARGETS = {
    ("core", "ipv4 ipip, 1 flow"): at_most(32, "c/p"),
    ("core", "ipv4 ipip, 64 K flows"): at_most(44, "c/p"),
    ("core", "ipv4 ipip, 1 M flows"): at_most(52, "c/p"),
    ("core", "ipv4 ipip, 16 M flows"): at_most(64, "c/p"),
    ("core", "ipv4 ipip, new flows, 1 M table"): at_most(64, "c/p"),
    ("core", "ipv4 ipip, ring only"): at_most(30, "c/p"),
    ("core", "ipv6 ipip, 1 M flows"): at_most(65, "c/p"),
    ("core", "gue over ipip, extra"): at_most(8, "c/p"),
    ("core", "overflow, 25 % load, sequential clients"): at_most(0.5, "%"),
    ("core", "4,096 services over 1"): ratio_at_most(1.15),
    ("core", "65,536 backends over 10"): ratio_at_most(1.25),
    ("core", "flow table, 1 M flows"): at_most(16, "MiB"),
    ("dataplane", "pcap, 64 K flows"): ratio_at_least(0.6),
    ("dataplane", "memif, 64 K flows"): ratio_at_least(0.85),
    ("dataplane", "2 workers over 1"): ratio_at_least(1.9),
    ("tables", "ring, 65537 slots, 1,000 backends"): at_most(1.2, "ms"),
    ("tables", "publish, worker stall"): at_most(1, "bursts"),
    ("tables", "publish, decision to last packet, p99"): at_most(2, "ms"),
}
