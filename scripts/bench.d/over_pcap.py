# SPDX-License-Identifier: Apache-2.0
"""Rates over captures that never end; what is sent is dropped."""

from alternate import Turns, rate
from captures import write_captures
from gateway import gateway
from machine import tsc_hz
from results import Result
from testpmd import testpmd

FLOWS = 1 << 16
QUEUES = 16  # a capture each, for a queue has buffers for some 4,000 packets
SLICE_S = 0.5


def over_pcap(build, directory, quick):
    files = [directory / f"in{i}" for i in range(QUEUES)]
    write_captures(files, FLOWS)
    device = ",".join(["net_pcap0", "infinite_rx=1", *(f"rx_pcap={file.name}" for file in files)])
    with Turns() as turns:
        turns.add("vipfwd", gateway("vipfwd", directory, build, device, queues=QUEUES))
        for mode in ("macswap", "io"):
            turns.add(mode, testpmd(mode, directory, mode, device, queues=QUEUES,
                                    buffers=FLOWS + 8192))
        rates = turns.measure(5 if quick else 15,
                              lambda _, system: rate(system.forwarded, SLICE_S))
        turns.systems["vipfwd"].judge(FLOWS)
    yield share("pcap, 64 K flows", rates, "macswap")
    yield share("pcap, 64 K flows, to io", rates, "io")
    yield cycles("pcap, 64 K flows, cycles", rates, "macswap")


def share(case, rates, reference):
    return Result("dataplane", case, "Mpps", rates.median("vipfwd") / 1e6,
                  rates.p5("vipfwd") / 1e6, f"testpmd {reference}", rates.median(reference) / 1e6,
                  rates.ratio("vipfwd", reference))


def cycles(case, rates, reference):
    tsc = tsc_hz()
    return Result("dataplane", case, "c/p", tsc / rates.median("vipfwd"), None,
                  f"testpmd {reference}", tsc / rates.median(reference),
                  1 / rates.ratio("vipfwd", reference))
