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
    """`rates` has a list of LossFree for each traffic, one for each round."""
    frames = Figures({name: [one.frames_pps for one in of] for name, of in rates.items()})
    plain = Figures({name: [one.plain_pps for one in of] for name, of in rates.items()})
    yield figure("memif, plain packets alone", frames, PLAIN)
    for words, attack in ATTACKS.items():
        mix = mixed(attack)
        case = f"memif, 30 % {words} mixed in"
        yield figure(f"memif, {words} alone", frames, attack)
        yield figure(f"{case}, plain packets", plain, mix, PLAIN, "plain packets alone")
        yield figure(f"{case}, all frames", frames, mix, PLAIN, "plain packets alone")
        both = Figures({mix: frames.of[mix], "parts": parts(frames.of[PLAIN], frames.of[attack])})
        yield figure(over_parts(case), both, mix, "parts", "its parts alone")


def parts(plain_pps, attack_pps):
    """For each round, the rate of a mix that costs as much as its parts alone (see derive.py)."""
    return [1 / ((1 - MIXED_SHARE) / plain + MIXED_SHARE * ALLOWANCE / attack)
            for plain, attack in zip(plain_pps, attack_pps)]


def figure(case, figures, name, reference=None, reference_words=None):
    value, p5 = figures.median(name) / 1e6, figures.p5(name) / 1e6
    if reference is None:
        return Result("dataplane", case, "Mpps", value, p5)
    return Result("dataplane", case, "Mpps", value, p5, reference_words,
                  figures.median(reference) / 1e6, figures.ratio(name, reference))
