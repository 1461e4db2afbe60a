# SPDX-License-Identifier: Apache-2.0
"""Results that are computed from two or three cases of one program."""

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
UDP = f"{FEW}, UDP"
# Whole packets among which there are others, as in an attack: the case, and its two parts alone.
MIXES = {
    ("core", "30 % fragments mixed in"): (f"{UDP}, 30 % fragments mixed in", UDP,
                                          f"{UDP} in two fragments"),
    ("core", "30 % ICMP errors mixed in"): (f"{FEW}, 30 % ICMP errors mixed in", FEW,
                                            f"{FEW}, ICMP errors about them"),
}
MIXED_SHARE = 0.3  # of the frames
# What is mixed in may cost this much more than alone, because it finds the caches in use.
ALLOWANCE = 1.1


def derive(results):
    """Yields the derived results for which `results` has all cases."""
    found = {(one.part, one.case): one for one in results}
    yield from derive_mixes(found)
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


def derive_mixes(found):
    """For each mix of whole packets and others, in cycles per frame of any kind: how it compares
    with its parts, and what a whole packet costs in it. All that the mix costs more than the others
    would alone is charged to the whole packets."""
    for (part, case), names in MIXES.items():
        mix, whole, others = (found.get((part, name)) for name in names)
        if any(one is None or one.value is None for one in (mix, whole, others)):
            continue
        if (part, over_parts(case)) in found:
            continue
        alone = (1 - MIXED_SHARE) * whole.value + MIXED_SHARE * others.value * ALLOWANCE
        yield Result(part, over_parts(case), mix.unit, mix.value, None, "its parts alone", alone,
                     mix.value / alone, mix.tsc)
        each = (mix.value - MIXED_SHARE * others.value) / (1 - MIXED_SHARE)
        yield Result(part, f"{case}, a whole packet", mix.unit, each, None, whole.case, whole.value,
                     each / whole.value)


def over_parts(case):
    return f"{case}, over its parts"


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
