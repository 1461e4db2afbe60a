# SPDX-License-Identifier: Apache-2.0
"""The part "peers": what a user may choose instead, on the lab's network: requests per second, and
CPU time at the gateway.

The whole lab runs on this machine. Therefore CPU time is that of the whole machine, which must have
nothing else to do; the gateway's share is the difference to requests without a gateway.
"""

import functools
import re
import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

import alternatives
from lab import lab
from machine import busy_s
from results import Failure, Result

CLIENTS = 64  # simultaneous connections
SLICE_S, QUICK_SLICE_S = 3, 1
LOADS = {"keep-alive": [], "connections": ["-H", "Connection: close"]}


class Figure(NamedTuple):
    per_s: float
    cpu_us: float  # per request


def run(build, quick):
    with tempfile.TemporaryDirectory(prefix="vipfwd-bench-") as directory:
        figures = measure(build, Path(directory), *((2, QUICK_SLICE_S) if quick else (5, SLICE_S)))
    for load in LOADS:
        yield from judge(load, figures[load])


def measure(build, directory, rounds, slice_s):
    """For each load and each alternative, one figure for each round."""
    others = {"direct": alternatives.direct, "kernel routing": alternatives.routed,
              "nftables": alternatives.nftables,
              "haproxy": functools.partial(alternatives.haproxy, directory=directory)}
    figures = {load: {name: [] for name in [*others, "vipfwd"]} for load in LOADS}
    for _ in range(rounds):
        with lab("vfbench", build, "--without-gateway") as without:
            without.shell("gw1", "sysctl", "-qw", "net.ipv4.ip_forward=1",
                          "net.ipv4.conf.all.send_redirects=0",
                          "net.ipv4.conf.up0.send_redirects=0")
            for name, alternative in others.items():
                measure_one(without, alternative, slice_s, name, figures)
        with lab("vfbench", build) as whole:
            measure_one(whole, alternatives.vipfwd, slice_s, "vipfwd", figures)
    return figures


def measure_one(lab, alternative, slice_s, name, figures):
    with alternative(lab) as url:
        for load, options in LOADS.items():
            figures[load][name].append(send_requests(lab, url, options, slice_s))


def send_requests(lab, url, options, slice_s):
    before_s = busy_s()
    output = lab.shell("client", "wrk", "-t1", f"-c{CLIENTS}", f"-d{slice_s}s", *options, url)
    used_s = busy_s() - before_s
    requests = re.search(r"(\d+) requests in ([\d.]+)s", output)
    if not requests or int(requests[1]) == 0 or "Non-2xx" in output:
        raise Failure(f"{url}: {output.strip()}")
    return Figure(int(requests[1]) / float(requests[2]), used_s * 1e6 / int(requests[1]))


def judge(load, by_name):
    middle = {name: Figure(*map(statistics.median, zip(*figures)))
              for name, figures in by_name.items()}
    direct = middle.pop("direct")
    for name, figure in middle.items():
        yield Result("peers", f"{load}, {name}", "requests/s", figure.per_s, None, "no gateway",
                     direct.per_s, figure.per_s / direct.per_s)
    ours_us = middle["vipfwd"].cpu_us - direct.cpu_us
    for name, figure in middle.items():
        more_us = figure.cpu_us - direct.cpu_us
        yield Result("peers", f"{load}, CPU at {name}", "us/request", more_us, None, "vipfwd",
                     ours_us, more_us / ours_us if ours_us > 0 else None)
