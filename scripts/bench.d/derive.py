# SPDX-License-Identifier: Apache-2.0
"""Results that are computed from two cases of one program."""

from results import Result

FEW = "ipv4 ipip, 64 K flows"
RATIOS = {
    ("core", "4096 services over few"): (f"{FEW}, 4096 services", FEW),
    ("core", "65536 backends over 640"): (f"{FEW}, 64 services, 64 pools, 65536 backends",
                                          f"{FEW}, 64 services, 64 pools, 640 backends"),
}
DIFFERENCES = {
    ("core", "gue over ipip, extra"): ("ipv4 gue, 64 K flows", FEW),
}


def derive(results):
    """Yields the derived results for which `results` has both cases."""
    found = {(one.part, one.case): one for one in results}
    for (part, case), pair in [*RATIOS.items(), *DIFFERENCES.items()]:
        one, other = (found.get((part, name)) for name in pair)
        if any(each is None or each.value is None for each in (one, other)):
            continue
        if (part, case) in found:
            continue
        base = other.value * slowdown(one, other)
        if (part, case) in RATIOS:
            yield Result(part, case, one.unit, one.value, None, other.case, base, one.value / base,
                         one.tsc)
        else:
            yield Result(part, case, one.unit, one.value - base, tsc=tsc_difference(one, other))


def tsc_difference(one, other):
    return None if None in (one.tsc, other.tsc) else one.tsc - other.tsc


def slowdown(one, other):
    """How much slower the machine was during `one` than during `other`, by their references: the
    two cases were not measured in turn. Clock cycles do not depend on that speed."""
    if None not in (one.tsc, other.tsc):
        return 1.0
    if one.reference_value and other.reference_value and one.reference == other.reference:
        return one.reference_value / other.reference_value
    return 1.0
