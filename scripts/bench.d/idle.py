# SPDX-License-Identifier: Apache-2.0
"""The part "idle": what gateways without traffic cost in the lab, and how soon a dataplane that is
started forwards the first packet."""

import os
import time
from pathlib import Path

import failover
import observers
from gateways import Gateway, gateways
from lab import ROOT, lab
from observers import ECHO_PORT, VIP
from results import Failure, Result
from stolen import sample

ADVERT_MS = 100


def run(build, quick):
    with gateways(build, ADVERT_MS) as pair:
        pair.settle()
        time.sleep(5)  # frames of the lab's start
        shares = cpu_shares([pair.gw1, pair.gw2], 5 if quick else 30)
        for name, share in zip((f"owner, {ADVERT_MS} ms adverts", "backup"), shares):
            yield Result("idle", f"CPU time of a dataplane that sleeps, {name}", "%", share)
    with lab("vfbench", build) as made:  # one gateway, which owns its VIPs without an election
        gateway = Gateway(made, "gw1")
        yield from failover.figure("start of a dataplane to its first packet",
                                   [sample(lambda: start(gateway))
                                    for _ in range(2 if quick else 20)],
                                   part="idle")


def cpu_shares(gateways_, seconds):
    """Of one CPU, in percent, by gateway."""
    before = [cpu_ns(gateway) for gateway in gateways_]
    began = time.monotonic_ns()
    time.sleep(seconds)
    passed = time.monotonic_ns() - began
    return [100 * (cpu_ns(gateway) - used) / passed
            for gateway, used in zip(gateways_, before)]


def cpu_ns(gateway):
    """The CPU time of all threads of the dataplane."""
    return sum(int(thread.read_text().split()[0])
               for thread in Path(f"/proc/{gateway.pid('dataplane')}/task").glob("*/schedstat"))


def start(gateway):
    """Time in ms from the start of the process to the first answer that the client gets."""
    with first_answer(gateway):  # so that the client knows the VIP's MAC address
        time.sleep(1)
    gateway.lab("stop", "-9", "dataplane")
    with first_answer(gateway) as client:
        gateway.start("dataplane")
        started = started_at(gateway.pid("dataplane"))
        time.sleep(2)
    if client["output"] is None:
        raise Failure("the dataplane does not forward")
    return (client["output"] - started) * 1000


def first_answer(gateway):
    return observers.client(gateway.lab.command, ROOT / "scripts/bench.d/first_answer.py", VIP,
                            ECHO_PORT)


def started_at(pid):
    """CLOCK_BOOTTIME, with a resolution of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")
