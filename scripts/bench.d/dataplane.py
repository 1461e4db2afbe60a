# SPDX-License-Identifier: Apache-2.0
"""The whole dataplane against testpmd, on the same devices, one worker each."""

import contextlib
import os
import tempfile
from pathlib import Path

from alternate import Turns
from captures import write_captures
from gateway import gateway
from machine import tsc_hz
from results import Failure, Result
from testpmd import testpmd

PCAP_FLOWS = 1 << 16
PCAP_QUEUES = 16  # a capture each, for a queue has buffers for some 4,000 packets
MEMIF_FLOWS = 256
SLICE_S = 0.5
ROUNDS, QUICK_ROUNDS = 15, 5


def run(build, quick, note):
    """Each result is shown to `note` as it comes."""
    if os.geteuid() != 0:
        raise Failure("needs root, for DPDK's memory")
    rounds = QUICK_ROUNDS if quick else ROUNDS
    results = []
    for measure in MEASURES:
        with tempfile.TemporaryDirectory(prefix="vipfwd-bench-") as directory:
            for result in measure(build, Path(directory), rounds):
                results.append(result)
                note(result)
    return results


def over_pcap(build, directory, rounds):
    """Captures that never end; what is sent is dropped."""
    device = endless_captures(directory, PCAP_FLOWS, PCAP_QUEUES)
    pmd = {"queues": PCAP_QUEUES, "buffers": PCAP_FLOWS + 8192}
    with Turns() as turns:
        turns.add("vipfwd", gateway("vipfwd", directory, build, device, queues=PCAP_QUEUES))
        for mode in ("macswap", "io"):
            turns.add(mode, testpmd(mode, directory, mode, [device], **pmd))
        rates = turns.measure(rounds, SLICE_S)
        turns.systems["vipfwd"].judge(PCAP_FLOWS)
    yield share("pcap, 64 K flows", rates, "macswap")
    yield share("pcap, 64 K flows, to io", rates, "io")
    yield cycles("pcap, 64 K flows, cycles", rates, "macswap")


class Pair:
    """A forwarder, and the peer that sends to it and counts what comes back."""

    def __init__(self, forwarder, peer):
        self.forwarder = forwarder
        self.processes = forwarder.processes + peer.processes
        self.read, self.is_up = peer.read, peer.is_up


def over_memif(build, directory, rounds):
    """Two processes, one core each."""
    source = endless_captures(directory, MEMIF_FLOWS, 1)

    @contextlib.contextmanager
    def pair(name, start):
        socket = f"socket-abstract=no,socket={directory / name}.sock"
        with start(f"net_memif0,role=server,{socket}") as forwarder:
            forwarder.processes[0].wait_until((directory / f"{name}.sock").exists, "it listens")
            with testpmd(f"{name}-peer", directory, "io",
                         [source, f"net_memif0,role=client,{socket}"], cpu=0) as peer:
                yield Pair(forwarder, peer)

    with Turns() as turns:
        turns.add("vipfwd", pair("vipfwd", lambda device: gateway("gw", directory, build, device)))
        turns.add("macswap", pair("macswap", lambda device: testpmd("swap", directory, "macswap",
                                                                    [device])))
        rates = turns.measure(rounds, SLICE_S)
        lost = turns.systems["vipfwd"].forwarder.judge(MEMIF_FLOWS, may_lose=["transmit_full"])
    yield share("memif", rates, "macswap")
    yield Result("dataplane", "memif, lost", "%", lost * 100)


def endless_captures(directory, flows, queues):
    """A device's arguments, for a process that runs in `directory`."""
    files = [directory / f"in{i}" for i in range(queues)]
    write_captures(files, flows)
    return ",".join(["net_pcap0", "infinite_rx=1", *(f"rx_pcap={file.name}" for file in files)])


def share(case, rates, reference):
    return Result("dataplane", case, "Mpps", rates.median("vipfwd") / 1e6,
                  rates.p5("vipfwd") / 1e6, f"testpmd {reference}", rates.median(reference) / 1e6,
                  rates.ratio("vipfwd", reference))


def cycles(case, rates, reference):
    tsc = tsc_hz()
    return Result("dataplane", case, "c/p", tsc / rates.median("vipfwd"), None,
                  f"testpmd {reference}", tsc / rates.median(reference),
                  1 / rates.ratio("vipfwd", reference))


MEASURES = (over_pcap, over_memif)
