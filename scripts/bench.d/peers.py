# SPDX-License-Identifier: Apache-2.0
"""What a user would pick instead, on the lab's path: requests a second, CPU time at the gateway.

All of the lab runs on this machine. So the CPU time of a request is that of the whole machine,
which must have nothing else to do, and the gateway's share is what goes beyond the way without a
gateway.
"""

import functools
import os
import re
import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

import ways
from lab import lab
from machine import busy_s
from results import Failure, Result

CLIENTS = 64  # connections at a time
SLICE_S, QUICK_SLICE_S = 3, 1
LOADS = {"keep-alive": [], "connections": ["-H", "Connection: close"]}


class Figure(NamedTuple):
    per_s: float
    cpu_us: float  # of a request


def run(build, quick):
    if os.geteuid() != 0:
        raise Failure("needs root, for network namespaces")
    with tempfile.TemporaryDirectory(prefix="vipfwd-bench-") as directory:
        figures = measure(build, Path(directory), *((2, QUICK_SLICE_S) if quick else (5, SLICE_S)))
    for load in LOADS:
        yield from judge(load, figures[load])


def measure(build, directory, rounds, slice_s):
    """By load and way, a figure a round."""
    kernels = {"direct": ways.direct, "kernel routing": ways.routed, "nftables": ways.nftables,
               "haproxy": functools.partial(ways.haproxy, directory=directory)}
    figures = {load: {name: [] for name in [*kernels, "vipfwd"]} for load in LOADS}
    for _ in range(rounds):
        with lab("vfbench", build, "--without-gateway") as without:
            without.shell("gw1", "sysctl", "-qw", "net.ipv4.ip_forward=1",
                          "net.ipv4.conf.all.send_redirects=0",
                          "net.ipv4.conf.up0.send_redirects=0")
            for name, way in kernels.items():
                load_way(without, way, slice_s, name, figures)
        with lab("vfbench", build) as whole:
            load_way(whole, ways.vipfwd, slice_s, "vipfwd", figures)
    return figures


def load_way(lab, way, slice_s, name, figures):
    with way(lab) as url:
        for load, options in LOADS.items():
            figures[load][name].append(ask(lab, url, options, slice_s))


def ask(lab, url, options, slice_s):
    before_s = busy_s()
    said = lab.shell("client", "wrk", "-t1", f"-c{CLIENTS}", f"-d{slice_s}s", *options, url)
    used_s = busy_s() - before_s
    requests = re.search(r"(\d+) requests in ([\d.]+)s", said)
    if not requests or int(requests[1]) == 0 or "Non-2xx" in said:
        raise Failure(f"{url}: {said.strip()}")
    return Figure(int(requests[1]) / float(requests[2]), used_s * 1e6 / int(requests[1]))


def judge(load, by_way):
    middle = {name: Figure(*map(statistics.median, zip(*figures)))
              for name, figures in by_way.items()}
    direct = middle.pop("direct")
    for name, figure in middle.items():
        yield Result("peers", f"{load}, {name}", "requests/s", figure.per_s, None, "no gateway",
                     direct.per_s, figure.per_s / direct.per_s)
    ours_us = middle["vipfwd"].cpu_us - direct.cpu_us
    for name, figure in middle.items():
        more_us = figure.cpu_us - direct.cpu_us
        yield Result("peers", f"{load}, CPU at {name}", "us/request", more_us, None, "vipfwd",
                     ours_us, more_us / ours_us if ours_us > 0 else None)
