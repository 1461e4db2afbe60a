# SPDX-License-Identifier: Apache-2.0
"""The targets of all figures: the only place where they are written."""

from typing import NamedTuple


class Bound(NamedTuple):
    of: str  # the field of a result that is compared: "value" or "ratio"
    limit: float
    is_most: bool  # an upper bound; else a lower one
    unit: str = ""

    def applies_to(self, result):
        """Whether they can be compared: there is a figure, and TSC cycles are no clock cycles."""
        return result.value is not None and (self.of == "ratio" or result.unit == self.unit)

    def is_met(self, result):
        number = getattr(result, self.of)
        if number is None:
            return False
        return number <= self.limit if self.is_most else number >= self.limit

    def __str__(self):
        sign = "≤" if self.is_most else "≥"
        return f"{sign} {self.limit:,.10g} {self.unit}".rstrip()


def at_most(limit, unit):
    return Bound("value", limit, True, unit)


def at_least(limit, unit):
    return Bound("value", limit, False, unit)


def ratio_at_most(limit):
    return Bound("ratio", limit, True, "×")


def ratio_at_least(limit):
    return Bound("ratio", limit, False, "×")


# Cycles of the CPU's own clock: of the time that a dependent addition takes. They tell how much work
# a packet is, on any processor; cycles of the TSC also depend on how fast the clock happens to be.
CYCLES = "clock cycles/packet"
MIB = 1 << 20

TARGETS = {
    ("core", "ipv4 ipip, 1 flow"): at_most(56, CYCLES),
    ("core", "ipv4 ipip, 64 K flows"): at_most(58, CYCLES),
    ("core", "ipv4 ipip, 1 M flows"): at_most(76, CYCLES),
    ("core", "ipv4 ipip, 16 M flows"): at_most(105, CYCLES),
    ("core", "ipv4 ipip, new flows, 1 M table"): at_most(100, CYCLES),
    ("core", "ipv4 ipip, ring only"): at_most(54, CYCLES),
    # A frame each: of a datagram in two fragments there are two.
    ("core", "ipv4 ipip, 64 K flows, UDP in two fragments"): at_most(150, CYCLES),
    ("core", "ipv4 ipip, 64 K flows, ICMP errors about them"): at_most(120, CYCLES),
    ("core", "ipv6 ipip, 1 M flows"): at_most(114, CYCLES),
    ("core", "gue over ipip, extra"): at_most(14, CYCLES),
    ("core", "4096 services over few"): ratio_at_most(1.15),
    ("core", "65536 backends over 640"): ratio_at_most(1.25),
    # Relative to the parts, each alone: see derive.py.
    ("core", "30 % fragments mixed in, over its parts"): ratio_at_most(1),
    ("core", "30 % ICMP errors mixed in, over its parts"): ratio_at_most(1),
    ("core", "flow table overflow, 25 % load, sequential clients"): at_most(0.5, "%"),
    ("core", "ipv4 ipip, 64 K flows, two workers"): at_least(1.9, "times one"),
    ("dataplane", "pcap, 64 K flows"): ratio_at_least(0.6),
    ("dataplane", "memif, 64 K flows"): ratio_at_least(0.85),
    # A rate, relative to that of the parts: see under_attack.py.
    ("dataplane", "memif, 30 % fragments mixed in, over its parts"): ratio_at_least(1),
    ("dataplane", "memif, 30 % ICMP errors mixed in, over its parts"): ratio_at_least(1),
    ("dataplane", "2 workers over 1"): ratio_at_least(1.9),
    ("tables", "ring build, 1000 backends"): at_most(1200, "us"),
    ("tables", "worker stall, pick-up, 1000 pools"): ratio_at_most(1),  # relative to a burst
    ("tables", "decision to last packet on the old tables, 1000 pools, p99"): at_most(2000, "us"),
    ("tables", "publish of one change of health, 1000 pools"): at_most(2000, "us"),
    ("tables", "memory, flow table for 2^20 flows"): at_most(16 * MIB, "bytes"),
    ("failover", "silence to announcement, 10 ms adverts"): at_most(37.2, "ms"),
    ("failover", "silence to announcement, 10 ms adverts, worst"): at_most(40, "ms"),
    # 3 intervals and skew of priority 100 (RFC 9568 section 6.1), and 2 ms.
    ("failover", "silence to announcement, 100 ms adverts"): at_most(362.9, "ms"),
    ("failover", "silence to announcement, 1000 ms adverts"): at_most(3611, "ms"),
    ("failover", "death of a dataplane to announcement, 10 ms adverts"): at_most(10, "ms"),
    ("failover", "control killed and restarted, worst"): at_most(0, "probes lost"),
    ("failover", "planned handover, worst"): at_most(0, "probes lost"),
    ("failover", "takeovers without cause, 10 ms adverts, 32 spinning processes"):
        at_most(0, "takeovers"),
    ("failover", "1000 VIPs, first to last announcement"): at_most(20, "ms"),
    ("failover", "1000 VIPs, longest advert gap, 100 ms adverts"): at_most(150, "ms"),
    ("failover", "reload with changes, longest advert gap"): at_most(1.1, "intervals"),
    ("change", "apply, all rings new, in force"): at_most(900, "ms"),
    ("change", "apply, one pool changed, in force"): at_most(150, "ms"),
    ("change", "60 applies at once, answered"): at_least(60, "applies"),
    ("change", "60 applies at once, the last in force"): at_most(1800, "ms"),  # two reloads
    ("change", "show backends, 65000"): at_most(500, "ms"),
    ("change", "round trip p99.9 during reloads of all pools"): ratio_at_most(1.5),
    ("change", "longest advert gap, the owner reloads all pools, worst"): at_most(12, "ms"),
    ("change", "silence to announcement, the backup reloads one pool, worst"):
        at_most(40, "ms"),
    ("change", "silence to announcement, the backup reloads all pools, worst"):
        at_most(40, "ms"),
    ("change", "a host of 1000 pools down, decision to in force"): at_most(400, "ms"),
    ("change", "longest advert gap, a host of 1000 pools down, worst"): at_most(15, "ms"),
    ("change", "one of 50000 backends drained, decision to in force"): at_most(2, "ms"),
    ("change", "one of 50000 backends drained, decision to in force, p99"): at_most(3, "ms"),
    ("change", "generations a second, 1000 backends flap"): at_most(50, "generations"),
    ("change", "longest advert gap, 1000 backends flap"): at_most(15, "ms"),
    ("checks", "CPU time of the checks' thread without softirqs, tcp, 10010 backends every 1 s"):
        at_most(30, "%"),
    ("checks", "CPU time of the checks' thread without softirqs, tcp by tunnel, "
     "10010 backends every 1 s"): at_most(30, "%"),
    ("checks", "CPU time of one check, http, 1040 backends every 1 s"): at_most(200, "us"),
    ("checks", "advert gap p99, tcp, 10010 backends every 1 s"): at_most(11, "ms"),
    ("checks", "advert gap p99, tcp by tunnel, 10010 backends every 1 s"): at_most(11, "ms"),
    ("checks", "advert gap p99, http, 1040 backends every 1 s"): at_most(11, "ms"),
    ("checks", "memory of control, added by checks, tcp, 65000 backends every 10 s"):
        at_most(100, "MiB"),
    ("idle", "CPU time of a dataplane that sleeps, owner, 100 ms adverts"): at_most(0.5, "%"),
    ("idle", "CPU time of a dataplane that sleeps, backup"): at_most(0.5, "%"),
    ("idle", "start of a dataplane to its first packet"): at_most(200, "ms"),
    ("soak", "datagrams lost"): at_most(0, "datagrams"),
    ("soak", "flows moved, of 256"): at_most(0, "flows"),
    ("soak", "takeovers"): at_most(0, "takeovers"),
    ("soak", "memory of control, growth"): at_most(16, "MiB"),
    ("soak", "memory of dataplane, growth"): at_most(16, "MiB"),
}
