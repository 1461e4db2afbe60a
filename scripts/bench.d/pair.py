# SPDX-License-Identifier: Apache-2.0
"""A forwarder on a memif, and the peer that sends packets to it and receives them back."""

import contextlib
import json
from typing import NamedTuple

from processes import OTHER_CPU, Process
from results import Failure


class Trial(NamedTuple):
    offered: int
    sent: int  # accepted by the memif
    in_time: int  # received before the end of the trial
    received: int  # in all
    p50_ns: float
    p99_ns: float
    p999_ns: float


class Pair:
    """Only the forwarder has to be stopped between trials: the peer sends nothing then."""

    def __init__(self, forwarder, peer):
        self.forwarder = forwarder
        self.peer = peer
        self.processes = forwarder.processes

    def trial(self, rate_pps, duration_s):
        """Sends at that rate; 0: as fast as the memif accepts."""
        return Trial(**json.loads(self.peer.ask(f"{rate_pps:.0f} {duration_s}")))

    def is_up(self):
        """Whether packets come back; the peer does not answer before it is connected."""
        return self.trial(1e5, 0.1).received > 0

    def capacity_pps(self, duration_s):
        return self.trial(0, duration_s).in_time / duration_s


@contextlib.contextmanager
def pair(name, directory, build, capture, forwarder):
    """`forwarder` maps the arguments of a memif device to a context manager that runs it."""
    path = directory / f"{name}.memif"
    with forwarder(f"net_memif0,role=server,socket-abstract=no,socket={path}") as started:
        started.processes[0].wait_until(lambda: path.exists() and started.is_ready(), "it is ready")
        command = [build / "tests" / "bench" / "bench_peer", path, OTHER_CPU, capture]
        with Process(f"{name}-peer", command, directory, answers=True) as peer:
            yield Pair(started, peer)


def loss_free_pps(pair, top_pps, duration_s, steps, tries=3):
    """The highest rate without loss (RFC 2544, section 26.1), by bisection. Other work of the
    machine can cause a loss at any rate, so each rate gets several tries."""
    low, high = 0.0, top_pps
    for _ in range(steps):
        middle = (low + high) / 2
        if any(is_loss_free(pair.trial(middle, duration_s)) for _ in range(tries)):
            low = middle
        else:
            high = middle
    if low == 0:
        raise Failure(f"loses packets even at {middle:.0f} packets a second")
    return low


def is_loss_free(trial):
    return trial.received == trial.offered
