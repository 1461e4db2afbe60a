# SPDX-License-Identifier: Apache-2.0
"""What is left for the plain packets of one service, over memif, while another service is attacked
with fragments or ICMP errors about its flows. tests/bench/peer_traffic.h has the kinds of traffic.
"""

from alternate import Figures, Turns, alone
from derive import ALLOWANCE, MIXED_SHARE, over_parts
from gateway import gateway
from loss_free import loss_free
from pair import pair
from results import Result

FLOWS = 1 << 16  # of each service
PLAIN = "plain"
ATTACKS = {"fragments": "fragments", "ICMP errors": "icmp_errors"}
BEGIN_PPS, BEGIN_S = 1e6, 0.5
# A fragment that is lost at too high a rate leaves the others of its datagram waiting for it.
MAY_LOSE = ["transmit_full", "fragment_timeout", "fragment_duplicate"]


def under_attack(build, directory, quick):
    traffics = [PLAIN, *ATTACKS.values(), *map(mixed, ATTACKS.values())]
    rates = {traffic: [] for traffic in traffics}
    with Turns() as turns:
        turns.add("vipfwd", pair("vipfwd", directory, build,
                                 lambda device: gateway("gw", directory, build, device)))
        with alone(turns.systems["vipfwd"]) as system:
            for traffic in (PLAIN, "attacked"):
                system.trial(BEGIN_PPS, BEGIN_S, traffic)
            for _ in range(3 if quick else 9):
                for traffic in traffics:
                    rates[traffic].append(loss_free(system, traffic))
        system.forwarder.judge(2 * FLOWS, MAY_LOSE)
    yield from results(rates)


def mixed(attack):
    return f"{PLAIN}+{attack}"


def results(rates):
    """`rates` has a list of LossFree for each traffic, one for each round. Rounds of which one is
    not sure are left out."""
    rounds = [dict(zip(rates, of)) for of in zip(*rates.values())]
    valid = [of for of in rounds if all(one.is_sure for one in of.values())]

    def figure(case, pps, reference=None, reference_pps=None):
        """`pps` and `reference_pps` map a round to rates."""
        if not valid:
            return Result("dataplane", case, "Mpps", None, gated=len(rounds), samples=len(rounds))
        of = Figures({"it": [pps(one) / 1e6 for one in valid],
                      "other": [(reference_pps or pps)(one) / 1e6 for one in valid]})
        compared = (reference, of.median("other"), of.ratio("it", "other")) if reference else ()
        return Result("dataplane", case, "Mpps", of.median("it"), of.p5("it"), *compared,
                      gated=len(rounds) - len(valid), samples=len(rounds))

    alone_words = "plain packets alone"
    yield figure(f"memif, {alone_words}", lambda of: of[PLAIN].plain_pps)
    for words, attack in ATTACKS.items():
        mix = mixed(attack)
        case = f"memif, 30 % {words} mixed in"
        yield figure(f"memif, {words} alone", lambda of: of[attack].frames_pps)
        yield figure(f"{case}, plain packets", lambda of: of[mix].plain_pps,
                     alone_words, lambda of: of[PLAIN].plain_pps)
        yield figure(f"{case}, all frames", lambda of: of[mix].frames_pps,
                     alone_words, lambda of: of[PLAIN].frames_pps)
        yield figure(over_parts(case), lambda of: of[mix].frames_pps,
                     "its parts alone", lambda of: parts_pps(of[PLAIN], of[attack]))


def parts_pps(plain, attack):
    """The rate of a mix that costs as much as its parts alone (see derive.py)."""
    return 1 / ((1 - MIXED_SHARE) / plain.frames_pps + MIXED_SHARE * ALLOWANCE / attack.frames_pps)
