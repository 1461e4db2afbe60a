# SPDX-License-Identifier: Apache-2.0
"""The part "checks": what health checks of many backends cost control. gw1 owns the VIPs.

All backends are addresses of one host of the lab. It runs on the same processors: what the kernel
does for its end of a connection, and for the links in between, counts as time of the thread that
sends to it. A figure "without softirqs" leaves that out, and some of the work for the gateway's own
end with it: what arrives there."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import failover
from change import Changing, routed_address, serve_routed, service
from gateways import gateways
from results import Failure, Result
from softirqs import share_of_softirqs

HTTP_PORT = 80  # of the lab's own servers
POOLS = 65
MIB = 1 << 20
DEADLINE_S = 60


class Load(NamedTuple):
    """Backends with a check of its own each."""
    type: str
    backends_per_pool: int
    interval_ms: int
    via: str = "direct"

    def backends(self):
        return POOLS * self.backends_per_pool

    def __str__(self):
        way = " by tunnel" if self.via == "tunnel" else ""
        return f"{self.type}{way}, {self.backends()} backends every {self.interval_ms // 1000} s"

    def checks(self, seconds):
        return self.backends() * seconds * 1000 / self.interval_ms


def run(build, quick):
    seconds = 5 if quick else 30
    with gateways(build, 10) as pair:
        checking = Checking(pair)
        yield from checking.cost(Load("tcp", 154, 1000), seconds)
        yield from checking.cost(Load("tcp", 154, 1000, via="tunnel"), seconds)
        yield from checking.cost(Load("http", 16, 1000), seconds)
        yield from checking.memory(Load("tcp", 1000, 10000))


class Checking:
    """gw1, and the host that it checks."""

    def __init__(self, pair):
        self.pair = pair
        self.changing = Changing(pair.gw1)
        self.control = self.changing.control
        serve_routed(pair)
        self.changing.route(pair)

    def cost(self, load, seconds):
        self.apply(load, is_checked=True)
        self.await_all_up(load)
        self.pair.settle()
        with self.pair.watched() as watch:
            used, began = self.cpu_ns(), time.monotonic_ns()
            time.sleep(seconds)
            used, passed = self.cpu_ns() - used, time.monotonic_ns() - began
        failover.expect_no_takeover(watch, str(load))
        with tempfile.TemporaryDirectory() as directory:  # afterwards: perf delays others
            in_softirqs = share_of_softirqs(self.thread().name, seconds, directory)
        percent = 100 * used / passed
        yield Result("checks", f"CPU time of the checks' thread, {load}", "%", percent)
        yield Result("checks", f"CPU time of the checks' thread without softirqs, {load}", "%",
                     percent * (1 - in_softirqs))
        yield Result("checks", f"CPU time of one check, {load}", "us",
                     used / 1e3 / load.checks(passed / 1e9))
        gaps_ms = watch.advert_gaps_ms("gw1")
        yield Result("checks", f"advert gap p99, {load}", "ms",
                     statistics.quantiles(gaps_ms, n=100)[98], samples=len(gaps_ms))
        yield Result("checks", f"longest advert gap, {load}", "ms", max(gaps_ms))

    def memory(self, load):
        self.apply(load, is_checked=False)
        unchecked = self.memory_bytes()
        self.apply(load, is_checked=True)
        self.await_all_up(load)
        checked = self.memory_bytes()
        yield Result("checks", f"memory of control, {load}", "MiB", checked / MIB)
        yield Result("checks", f"memory of control, added by checks, {load}", "MiB",
                     (checked - unchecked) / MIB)

    def apply(self, load, is_checked):
        self.changing.replace_config(many_backends(load, is_checked))
        self.control.ask("config apply", force=True)
        self.control.await_workers()

    def await_all_up(self, load):
        """Also after the first attempt at each: until one of a pool is up, all serve."""
        time.sleep(2 * load.interval_ms / 1000)
        deadline = time.monotonic() + DEADLINE_S
        while self.serving() < load.backends():
            if time.monotonic() > deadline:
                raise Failure(f"{self.serving()} of {load} serve after {DEADLINE_S} s")
            time.sleep(0.5)

    def serving(self):
        return sum(row["backends"]["serving"] for row in self.control.ask("show services")
                   if row["name"].startswith("many"))

    def cpu_ns(self):
        return int((self.thread() / "schedstat").read_text().split()[0])

    def thread(self):
        """The directory of the checks' thread in /proc."""
        [thread] = [one for one in Path(f"/proc/{self.pid()}/task").iterdir()
                    if (one / "comm").read_text() == "health\n"]
        return thread

    def memory_bytes(self):
        """Without the region, which is shared."""
        status = Path(f"/proc/{self.pid()}/status").read_text().splitlines()
        [kib] = [line.split()[1] for line in status if line.startswith("RssAnon:")]
        return int(kib) * 1024

    def pid(self):
        return self.changing.gateway.pid("control")


def many_backends(load, is_checked):
    check = (f'check = {{ type = "{load.type}", via = "{load.via}", port = {HTTP_PORT}, '
             f'interval_ms = {load.interval_ms}, timeout_ms = 1000 }}\n') if is_checked else ""
    lines = []
    for pool in range(POOLS):
        lines.append(f'[[pool]]\nname = "many{pool}"\n{check}backend = [')
        first = pool * load.backends_per_pool
        lines += [f'  {{ name = "b{index}", address = "{routed_address(index)}" }},'
                  for index in range(first, first + load.backends_per_pool)]
        lines += ["]", service(pool, pool)]
    return "\n".join(["", *lines, ""])
