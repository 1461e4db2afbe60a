# SPDX-License-Identifier: Apache-2.0
"""Rate, loss and latency over a memif between two processes, each on one core."""

from alternate import Figures, Turns
from gateway import gateway
from loss_free import loss_free
from over_pcap import share
from pair import pair
from results import Result
from testpmd import testpmd

FLOWS = 1 << 16
SLICE_S = 0.5
SHARES = (0.1, 0.5, 0.9)  # loads, relative to the loss-free rate
QUANTILES = {"p50": "p50_ns", "p99": "p99_ns", "p99.9": "p999_ns"}
REFERENCE = "macswap"


def over_memif(build, directory, quick):
    rounds = 5 if quick else 15
    with Turns() as turns:
        turns.add("vipfwd", pair("vipfwd", directory, build,
                                 lambda device: gateway("gw", directory, build, device)))
        turns.add(REFERENCE, pair(REFERENCE, directory, build,
                                  lambda device: testpmd("pmd", directory, REFERENCE, device)))
        rates = turns.measure(rounds, lambda _, system: system.capacity_pps(SLICE_S))
        gateway_lost = turns.systems["vipfwd"].forwarder.judge(FLOWS, may_lose=["transmit_full"])
        yield share("memif, 64 K flows", rates, REFERENCE)
        yield Result("dataplane", "memif, 64 K flows, peer's queue full", "%", gateway_lost * 100)
        yield from loss_and_latency(turns, rounds, 0.1 if quick else 0.5)


def loss_and_latency(turns, rounds, duration_s):
    highest = turns.measure(rounds // 5, lambda _, system: loss_free(system).frames_pps)
    yield share("memif, 64 K flows, loss-free", highest, REFERENCE)
    for part in SHARES:
        trials = turns.measure(rounds, lambda name, system: system.trial(
            highest.median(name) * part, duration_s))
        for quantile, field in QUANTILES.items():
            figures = Figures({name: [getattr(one, field) / 1e3 for one in of]
                               for name, of in trials.of.items()})
            case = f"memif, latency {quantile} at {part * 100:.0f} % of loss-free"
            yield Result("dataplane", case, "us", figures.median("vipfwd"), None,
                         f"testpmd {REFERENCE}", figures.median(REFERENCE),
                         figures.ratio("vipfwd", REFERENCE))
