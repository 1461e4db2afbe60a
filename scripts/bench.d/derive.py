# SPDX-License-Identifier: Apache-2.0
"""Figures that are of two cases of one program."""

from results import Result

FEW = "ipv4 ipip, 64 K flows"
RATIOS = {
    ("core", "4096 services over few"): ("ipv4 ipip, 64 K flows, 4096 services", FEW),
    ("core", "65536 backends over few"): ("ipv4 ipip, 64 K flows, 65536 backends", FEW),
}
DIFFERENCES = {
    ("core", "gue over ipip, extra"): ("ipv4 gue, 64 K flows", FEW),
}


def derive(results):
    """Those that `results` have both cases of."""
    found = {(one.part, one.case): one for one in results}
    for (part, case), pair in [*RATIOS.items(), *DIFFERENCES.items()]:
        one, other = (found.get((part, name)) for name in pair)
        if one is None or other is None or (part, case) in found:
            continue
        if (part, case) in RATIOS:
            yield Result(part, case, one.unit, one.value, None, other.case, other.value,
                         one.value / other.value)
        else:
            yield Result(part, case, one.unit, one.value - other.value)
