# SPDX-License-Identifier: Apache-2.0
"""A forwarder on a memif, and the peer that sends packets to it and receives them back."""

import contextlib
import json
from typing import NamedTuple

from processes import OTHER_CPU, Process
from stolen import stolen_ms


class Trial(NamedTuple):
    """Numbers of frames, and latencies of plain packets."""
    offered: int
    sent: int  # accepted by the memif
    in_time: int  # received before the end of the trial
    received: int  # in all
    plain_offered: int
    plain_received: int
    p50_ns: float
    p99_ns: float
    p999_ns: float


class Pair:
    """Only the forwarder has to be stopped between trials: the peer sends nothing then."""

    def __init__(self, forwarder, peer):
        self.forwarder = forwarder
        self.peer = peer
        self.processes = forwarder.processes

    def trial(self, rate_pps, duration_s, traffic="plain"):
        """Sends that many frames a second; 0: as fast as the memif accepts. peer_traffic.h has the
        names of kinds of traffic."""
        return Trial(**json.loads(self.peer.ask(f"{rate_pps:.0f} {duration_s} {traffic}")))

    def disturbed_ms(self):
        """For how long the host or other processes have had the CPU of the forwarder or the peer,
        while these had work to do."""
        waited_s = self.processes[0].waited_s() + self.peer.waited_s()
        return stolen_ms() + waited_s * 1e3

    def is_up(self):
        """Whether packets come back; the peer does not answer before it is connected."""
        return self.trial(1e5, 0.1).received > 0

    def capacity_pps(self, duration_s, traffic="plain"):
        return self.trial(0, duration_s, traffic).in_time / duration_s


@contextlib.contextmanager
def pair(name, directory, build, forwarder):
    """`forwarder` maps the arguments of a memif device to a context manager that runs it."""
    path = directory / f"{name}.memif"
    with forwarder(f"net_memif0,role=server,socket-abstract=no,socket={path}") as started:
        started.processes[0].wait_until(lambda: path.exists() and started.is_ready(), "it is ready")
        command = [build / "tests" / "bench" / "bench_peer", path, OTHER_CPU]
        with Process(f"{name}-peer", command, directory, answers=True) as peer:
            yield Pair(started, peer)
