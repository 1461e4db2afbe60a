# SPDX-License-Identifier: Apache-2.0
"""Rates over captures that are read in an endless loop; what is sent is discarded."""

from collections import defaultdict

from alternate import Figures, Turns, rate
from captures import write_captures
from clock import clock
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
    calibrations = defaultdict(list)

    def rate_of_worker(name, system):
        """Packets per second of the worker's own CPU time, which other processes do not affect."""
        pps = rate(system.forwarded, SLICE_S, system.processes[0].worker_s)
        calibrations[name].append(cpu.tsc_per_cycle())
        return pps

    with clock(directory, build) as cpu, Turns() as turns:
        turns.add("vipfwd", gateway("vipfwd", directory, build, device, queues=QUEUES))
        for mode in ("macswap", "io"):
            turns.add(mode, testpmd(mode, directory, mode, device, queues=QUEUES,
                                    buffers=FLOWS + 8192))
        rates = turns.measure(5 if quick else 15, rate_of_worker)
        turns.systems["vipfwd"].judge(FLOWS)
    yield share("pcap, 64 K flows", rates, "macswap")
    yield share("pcap, 64 K flows, to io", rates, "io")
    yield cycles("pcap, 64 K flows, cycles", rates, calibrations, "macswap")


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


def share(case, rates, reference):
    return Result("dataplane", case, "Mpps", rates.median("vipfwd") / 1e6,
                  rates.p5("vipfwd") / 1e6, f"testpmd {reference}", rates.median(reference) / 1e6,
                  rates.ratio("vipfwd", reference))


def cycles(case, rates, calibrations, reference):
    """Converts each slice with the calibration that was made at its end."""
    per_cycle = Figures({name: [pps * tsc_per_cycle / tsc_hz() for pps, tsc_per_cycle
                                in zip(of, calibrations[name])] for name, of in rates.of.items()})
    return Result("dataplane", case, CYCLES, 1 / per_cycle.median("vipfwd"), None,
                  f"testpmd {reference}", 1 / per_cycle.median(reference),
                  1 / per_cycle.ratio("vipfwd", reference), tsc_hz() / rates.median("vipfwd"))
