# SPDX-License-Identifier: Apache-2.0
"""Two gateways in the lab that elect between them, and what a client hears and loses of it."""

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from lab import LAB, ROOT, lab
from results import Failure

VIP, ECHO_PORT = "10.0.0.100", "80"
MAC = {"gw1": "02:00:00:00:00:01", "gw2": "02:00:00:00:00:02"}
OBSERVERS = ROOT / "scripts" / "lab.d"
DEADLINE_S = 20
NAME = "vfbench"


class Gateway:
    def __init__(self, made, name):
        self.lab = made
        self.name = name
        self.config = Path(made("config", name).strip())

    def vipctl(self, *words):
        return self.lab.shell(self.name, "vipctl", *words)

    def group(self):
        return json.loads(self.vipctl("-j", "show", "groups"))[0]

    def state(self):
        return self.group()["state"]

    def configure(self, text):
        self.config.write_text(text)
        self.vipctl("config", "apply")

    def kill(self, process):
        """When."""
        pid = int((self.config.parent / f"{self.name}.{process}.pid").read_text())
        at = time.time()
        os.kill(pid, signal.SIGKILL)
        return at

    def start(self, process):
        self.lab("start", self.name, process)


class Heard:
    """What the client did: see watch.py."""

    def __init__(self):
        self.said = []

    def adverts(self, gateway):
        return [one["at"] for one in self.said
                if one["mac"] == MAC[gateway] and one.get("priority", 0) > 0]

    def announcements(self, gateway):
        """The first of each VIP, in their order."""
        first = {}
        for one in self.said:
            if one["mac"] == MAC[gateway] and "vip" in one:
                first.setdefault(one["vip"], one["at"])
        return first

    def took_over(self, gateway):
        announced = self.announcements(gateway)
        if VIP not in announced:
            raise Failure(f"{gateway} did not announce {VIP}")
        return announced[VIP]

    def longest_advert_gap(self, gateway):
        times = self.adverts(gateway)
        return max(b - a for a, b in zip(times, times[1:]))


class Pair:
    """gw1 is to own the VIPs. gw2 may be keepalived."""

    def __init__(self, made, advert_ms, is_mixed):
        self.lab = made
        self.advert_ms = advert_ms
        self.gw1 = Gateway(made, "gw1")
        self.gw2 = None if is_mixed else Gateway(made, "gw2")

    def settle(self):
        """gw1 owns the VIPs, gw2 stands by, and has for a while."""
        self.await_states("active", "backup")
        self.sleep_adverts(5)
        time.sleep(0.5)

    def sleep_adverts(self, count):
        time.sleep(count * self.advert_ms / 1000)

    def states(self):
        return self.gw1.state(), self.gw2.state() if self.gw2 else None

    def await_states(self, first, second):
        wanted = first, second if self.gw2 else None
        deadline = time.monotonic() + DEADLINE_S
        while self.states() != wanted:
            if time.monotonic() > deadline:
                raise Failure(f"gateways are {self.states()}, and not {wanted} within "
                              f"{DEADLINE_S} s")
            time.sleep(0.02)

    def cut(self, is_cut):
        """gw1's link, behind its back."""
        how = ["nomaster"] if is_cut else ["master", "br0"]
        subprocess.run(["ip", "-n", f"{NAME}-net", "link", "set", "gw1", *how], check=True)

    @contextlib.contextmanager
    def watched(self):
        heard = Heard()
        with self.observer("watch.py", "eth0") as found:
            yield heard
        heard.said = found["said"]

    @contextlib.contextmanager
    def probed(self):
        """What it yields has how many probes were "lost", after the block."""
        probes = {}
        with self.observer("probe_echo.py", VIP, ECHO_PORT) as found:
            yield probes
        probes["lost"] = len(found["said"]["lost"])

    @contextlib.contextmanager
    def observer(self, script, *arguments):
        found = {}
        with subprocess.Popen([LAB, "shell", "client", OBSERVERS / script, *arguments],
                              env=self.lab.environment, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            if process.stdout.readline() != "ready\n":
                raise Failure(f"{script} does not start")
            try:
                yield found
            finally:
                process.stdin.close()
                found["said"] = json.loads(process.stdout.read() or "null")


@contextlib.contextmanager
def gateways(build, advert_ms, keepalived=False):
    options = ["--gateways", "2", *(["--keepalived", "gw2"] if keepalived else [])]
    with lab(NAME, build, *options, ADVERT_MS=advert_ms) as made:
        yield Pair(made, advert_ms, keepalived)
