# SPDX-License-Identifier: Apache-2.0
"""The part "soak": random reloads of both gateways for half an hour, of few and of all pools, of
files with errors, one at a time and many at once, while flows go through the one that owns the
VIPs."""

import random
import threading
import time
from pathlib import Path

import observers
from change import Changing
from gateways import gateways
from lab import ROOT
from observers import ECHO_PORT, VIP
from results import Failure, Result

SOAK_S, QUICK_S = 1800, 60
FLOWS = 256
AT_ONCE = 20
LONGEST_PAUSE_S = 2
# Control gives memory back 10 s after the last reload.
MEMORY_SETTLES_S = 15
PROCESSES = ("control", "dataplane")


def run(build, quick):
    seconds = QUICK_S if quick else SOAK_S
    with gateways(build, 100) as pair:
        soaked = [Soaked(pair, gateway) for gateway in (pair.gw1, pair.gw2)]
        pair.settle()
        reload_all(soaked, seconds / 10)
        before = memory_mib(soaked)
        with pair.watched() as watch, steady_flows(pair) as flows:
            reload_all(soaked, seconds * 9 / 10)
        after = memory_mib(soaked)
        taken_over = len(watch.announcements("gw2", VIP))
    yield Result("soak", "reloads", "reloads", sum(one.reloads for one in soaked))
    yield Result("soak", "datagrams lost", "datagrams", flows["output"]["lost"])
    yield Result("soak", f"flows moved, of {FLOWS}", "flows", flows["output"]["moved"])
    yield Result("soak", "takeovers", "takeovers", taken_over)
    for name in PROCESSES:
        growth = max(after[key] - before[key] for key in before if key[1] == name)
        yield Result("soak", f"memory of {name}, growth", "MiB", growth)


def steady_flows(pair):
    return observers.client(pair.lab.command, ROOT / "scripts/bench.d/steady_flows.py", VIP,
                            ECHO_PORT, str(FLOWS))


def reload_all(soaked, seconds):
    """Reloads all gateways, each in its own rhythm."""
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=one.reload_until, args=(until,)) for one in soaked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in soaked:
        if one.failure:
            raise Failure(f"{one.gateway.name}: {one.failure}")


def memory_mib(soaked):
    time.sleep(MEMORY_SETTLES_S)
    return {(one.gateway.name, name): one.memory_mib(name) for one in soaked for name in PROCESSES}


class Soaked(Changing):
    def __init__(self, pair, gateway):
        super().__init__(gateway)
        self.random = random.Random(gateway.name)
        self.reloads = 0
        self.failure = None
        self.route(pair)
        self.apply(all_pools=True)

    def reload_until(self, until):
        kinds = (self.change_one_pool, self.change_all_pools, self.change_weight_of_flows,
                 self.reload_at_once, self.reload_with_error)
        try:
            while time.monotonic() < until and not self.failure:
                self.random.choice(kinds)()
                self.reloads += 1
                time.sleep(self.random.choice((0, 0.01, self.random.uniform(0, LONGEST_PAUSE_S))))
        except (Failure, OSError) as failure:
            self.failure = failure

    def change_one_pool(self):
        self.apply(all_pools=False)

    def change_all_pools(self):
        self.apply(all_pools=True)

    def change_weight_of_flows(self):
        """The flows keep their backends: only new ones go elsewhere."""
        lines = self.base.splitlines(keepends=True)
        for number, line in enumerate(lines):
            if '"10.0.0.11"' in line and "name" in line:
                lines[number] = line.replace(
                    '"10.0.0.11"', f'"10.0.0.11", weight = {self.random.randint(1, 200)}')
        unchanged, self.base = self.base, "".join(lines)
        try:
            self.apply(all_pools=False)
        finally:
            self.base = unchanged

    def reload_at_once(self):
        self.write(all_pools=False)
        self.apply_at_once(AT_ONCE)
        self.reloads += AT_ONCE - 1

    def reload_with_error(self):
        self.gateway.config.write_text(self.base + '[[service]]\nname = "broken"\nport = "x"\n')
        try:
            self.control.ask("config apply")
        except Failure:
            return
        raise Failure("a file with errors was applied")

    def memory_mib(self, process):
        status = Path(f"/proc/{self.gateway.pid(process)}/status").read_text()
        kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return kib / 1024
