# SPDX-License-Identifier: Apache-2.0
"""Which kind of machine the figures are of."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe():
    return {"cpu": cpu_field("model name"), "cores": len(os.sched_getaffinity(0)),
            "kernel": platform.release().split("-")[0], "dpdk": dpdk_version(), "tsc_hz": tsc_hz()}


def tsc_hz():
    """Where the TSC's frequency is known, Linux takes it for its delay loop: BogoMIPS are two a
    cycle."""
    return round(float(cpu_field("bogomips")) / 2 * 1e6)


def cpu_field(name):
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(rf"^{name}\s*: (.*)$", text, re.MULTILINE)
    return found[1] if found else "0"


def dpdk_version():
    return subprocess.run(["pkg-config", "--modversion", "libdpdk"], capture_output=True,
                          text=True).stdout.strip()
