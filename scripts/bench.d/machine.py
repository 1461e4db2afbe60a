# SPDX-License-Identifier: Apache-2.0
"""Describes the machine on which the figures were measured."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

CPU_TIMES = slice(0, 8)  # of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal
IDLE = (3, 4)
KINDS = {"AuthenticAMD": "amd", "GenuineIntel": "intel"}


def describe():
    return {"kind": kind(), "cpu": cpu_field("model name"), "cores": len(os.sched_getaffinity(0)),
            "kernel": platform.release().split("-")[0], "dpdk": dpdk_version(), "tsc_hz": tsc_hz()}


def kind():
    """The vendor of the processor, as in the names of results files."""
    vendor = cpu_field("vendor_id")
    return KINDS.get(vendor, vendor.lower())


def tsc_hz():
    """Where the TSC's frequency is known, Linux calibrates its delay loop by it: BogoMIPS are two
    per cycle."""
    return round(float(cpu_field("bogomips")) / 2 * 1e6)


def cpu_field(name):
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(rf"^{name}\s*: (.*)$", text, re.MULTILINE)
    return found[1] if found else "0"


def dpdk_version():
    return subprocess.run(["pkg-config", "--modversion", "libdpdk"], capture_output=True,
                          text=True).stdout.strip()


def busy_s():
    """CPU seconds that all processes together have used so far."""
    times = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return (sum(times[CPU_TIMES]) - sum(times[i] for i in IDLE)) / os.sysconf("SC_CLK_TCK")


def busy_share(window_s=1.0):
    """The share of all CPUs that other processes use, while this one sleeps."""
    before_s, start_s = busy_s(), time.monotonic()
    time.sleep(window_s)
    return (busy_s() - before_s) / (time.monotonic() - start_s) / os.cpu_count()
