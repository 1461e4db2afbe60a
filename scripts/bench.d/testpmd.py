# SPDX-License-Identifier: Apache-2.0
"""Runs dpdk-testpmd, DPDK's own forwarder, as the reference."""

import contextlib
import json
import os
import shutil
import socket
from pathlib import Path

from processes import FORWARDER_CPU, OTHER_CPU, Process

PROGRAM = "dpdk-testpmd"
RUN = Path("/run/dpdk")
BUFFER_BYTES = 2560  # 2176 of data, rte_mbuf, the overhead of the pool
SLACK_MIB = 40
ANSWER_BYTES = 1 << 16


class Testpmd:
    def __init__(self, process, prefix):
        self.processes = [process]
        self.socket = RUN / prefix / "dpdk_telemetry.v2"

    def forwarded(self):
        """Packets that testpmd has sent, from DPDK's telemetry."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
            link.settimeout(5)
            link.connect(str(self.socket))
            link.recv(ANSWER_BYTES)  # the greeting
            link.send(b"/ethdev/stats,0")
            return json.loads(link.recv(ANSWER_BYTES))["/ethdev/stats"]["opackets"]

    def is_ready(self):
        try:
            return self.forwarded() >= 0
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def is_up(self):
        return self.is_ready() and self.forwarded() > 0


@contextlib.contextmanager
def testpmd(name, directory, mode, device, *, queues=1, buffers=8192):
    """One worker, which sends back what it receives."""
    prefix = f"vipfwd-bench-{name}-{os.getpid()}"
    memory_mib = buffers * BUFFER_BYTES // (1 << 20) + SLACK_MIB
    eal = ["--file-prefix", prefix, "--lcores", f"0@{OTHER_CPU},1@{FORWARDER_CPU}",
           "--main-lcore", "0", "--no-pci", "--iova-mode", "va", "--huge-unlink",
           "-m", memory_mib, "--vdev", device]
    command = [PROGRAM, *eal, "--", f"--forward-mode={mode}", f"--rxq={queues}", f"--txq={queues}",
               "--nb-cores=1", f"--total-num-mbufs={buffers}", "--burst=32", "--no-mlockall"]
    try:
        with Process(name, command, directory) as process:
            yield Testpmd(process, prefix)
    finally:
        shutil.rmtree(RUN / prefix, ignore_errors=True)
