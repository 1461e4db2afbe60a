# SPDX-License-Identifier: Apache-2.0
"""DPDK's own forwarder: as the reference, and as the peer that sends and counts."""

import contextlib
import json
import os
import shutil
import socket
from pathlib import Path

from alternate import reading
from processes import Process

PROGRAM = "dpdk-testpmd"
RUN = Path("/run/dpdk")
BUFFER_BYTES = 2560  # 2176 of data, rte_mbuf, the pool's
SLACK_MIB = 40
ANSWER_BYTES = 1 << 16


class Testpmd:
    """It counts what it receives on its last port."""

    def __init__(self, process, prefix, ports):
        self.processes = [process]
        self.socket = RUN / prefix / "dpdk_telemetry.v2"
        self.last = ports - 1

    def read(self):
        return reading(lambda: self.stats()["ipackets"])

    def stats(self):
        """Of the last port, by DPDK's telemetry."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
            link.settimeout(5)
            link.connect(str(self.socket))
            link.recv(ANSWER_BYTES)  # about itself
            link.send(f"/ethdev/stats,{self.last}".encode())
            return json.loads(link.recv(ANSWER_BYTES))["/ethdev/stats"]

    def is_up(self):
        try:
            return self.stats()["ipackets"] > 0
        except (OSError, ValueError, KeyError, TypeError):
            return False


@contextlib.contextmanager
def testpmd(name, directory, mode, devices, *, queues=1, buffers=8192, cpu=1):
    """One worker on that CPU. With one device packets go back to where they came from; two are
    wired to each other."""
    prefix = f"vipfwd-bench-{name}-{os.getpid()}"
    memory_mib = buffers * BUFFER_BYTES // (1 << 20) + SLACK_MIB
    eal = ["--file-prefix", prefix, "--lcores", f"0@{main_cpu(cpu)},1@{cpu}", "--main-lcore", "0",
           "--no-pci", "--iova-mode", "va", "--huge-unlink", "-m", memory_mib]
    for device in devices:
        eal += ["--vdev", device]
    command = [PROGRAM, *eal, "--", f"--forward-mode={mode}", f"--rxq={queues}", f"--txq={queues}",
               "--nb-cores=1", f"--total-num-mbufs={buffers}", "--burst=32", "--no-mlockall"]
    try:
        with Process(name, command, directory) as process:
            yield Testpmd(process, prefix, len(devices))
    finally:
        shutil.rmtree(RUN / prefix, ignore_errors=True)


def main_cpu(cpu):
    """For what is no worker: another one, if there is one."""
    others = os.sched_getaffinity(0) - {cpu}
    return min(others or {cpu})
