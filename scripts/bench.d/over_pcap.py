# SPDX-License-Identifier: Apache-2.0
"""Rates over captures that are read in an endless loop; what is sent is discarded."""

from alternate import Turns, rate
from captures import write_captures
from gateway import gateway
from machine import tsc_hz
from processes import FORWARDER_CPU, OTHER_CPU
from results import Result
from targets import CYCLES
from testpmd import testpmd

FLOWS = 1 << 16
QUEUES = 16  # one capture each, because a queue has buffers for some 4,000 packets only
SLICE_S = 0.5


def over_pcap(build, directory, quick):
    device = endless_captures(directory)
    with Turns() as turns:
        turns.add("vipfwd", gateway("vipfwd", directory, build, device, queues=QUEUES))
        for mode in ("macswap", "io"):
            turns.add(mode, testpmd(mode, directory, mode, device, queues=QUEUES,
                                    buffers=FLOWS + 8192))
        rates = turns.measure(5 if quick else 15, rate_of_worker)
        turns.systems["vipfwd"].judge(FLOWS)
    yield share("pcap, 64 K flows", rates, "macswap")
    yield share("pcap, 64 K flows, to io", rates, "io")
    yield cycles("pcap, 64 K flows, cycles", rates, "macswap")


def over_workers(build, directory, quick):
    """Two workers on two CPUs against one worker; the queues are divided among them."""
    device = endless_captures(directory)
    with Turns() as turns:
        for name, lcores in (("one", [FORWARDER_CPU]), ("two", [OTHER_CPU, FORWARDER_CPU])):
            turns.add(name, gateway(name, directory, build, device, queues=QUEUES, lcores=lcores))
        rates = turns.measure(5 if quick else 15,
                              lambda _, system: rate(system.forwarded, SLICE_S))
        for system in turns.systems.values():
            system.judge(FLOWS)
    yield Result("dataplane", "2 workers over 1", "Mpps", rates.median("two") / 1e6,
                 rates.p5("two") / 1e6, "1 worker", rates.median("one") / 1e6,
                 rates.ratio("two", "one"))


def endless_captures(directory):
    """Writes captures; returns the device arguments for a process that runs in `directory`."""
    files = [directory / f"in{i}" for i in range(QUEUES)]
    write_captures(files, FLOWS)
    return ",".join(["net_pcap0", "infinite_rx=1", *(f"rx_pcap={file.name}" for file in files)])


def rate_of_worker(_, system):
    """Packets per second of the worker's own CPU time, which other processes do not affect."""
    return rate(system.forwarded, SLICE_S, system.processes[0].worker_s)


def share(case, rates, reference):
    return Result("dataplane", case, "Mpps", rates.median("vipfwd") / 1e6,
                  rates.p5("vipfwd") / 1e6, f"testpmd {reference}", rates.median(reference) / 1e6,
                  rates.ratio("vipfwd", reference))


def cycles(case, rates, reference):
    tsc = tsc_hz()
    return Result("dataplane", case, CYCLES, tsc / rates.median("vipfwd"), None,
                  f"testpmd {reference}", tsc / rates.median(reference),
                  1 / rates.ratio("vipfwd", reference))
