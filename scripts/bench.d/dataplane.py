# SPDX-License-Identifier: Apache-2.0
"""The part "dataplane": the real gateway against testpmd, on the same devices, one worker each."""

import os
import tempfile
from pathlib import Path

from over_memif import over_memif
from over_pcap import over_pcap, over_workers
from processes import FORWARDER_CPU, OTHER_CPU
from results import Failure
from under_attack import under_attack

MEASUREMENTS = [over_pcap, over_memif, under_attack, over_workers]


def run(build, quick):
    if os.geteuid() != 0:
        raise Failure("needs root, for DPDK's memory")
    if not {FORWARDER_CPU, OTHER_CPU} <= os.sched_getaffinity(0):
        raise Failure(f"needs CPUs {FORWARDER_CPU} and {OTHER_CPU}")
    for measure in MEASUREMENTS:
        with tempfile.TemporaryDirectory(prefix="vipfwd-bench-") as directory:
            yield from measure(build, Path(directory), quick)
