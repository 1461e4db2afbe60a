# SPDX-License-Identifier: Apache-2.0
"""Two gateways in the lab that hold an election, and what a client hears and loses meanwhile."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from lab import ROOT, lab
from results import Failure
from stolen import StolenLog

sys.path.insert(0, str(ROOT / "scripts" / "lab.d"))

import observers  # noqa: E402

DEADLINE_S = 20


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

    def pid(self, process):
        return int((self.config.parent / f"{self.name}.{process}.pid").read_text())

    def kill(self, process):
        """Kills the process, and returns when."""
        pid = self.pid(process)
        at = time.time()
        os.kill(pid, signal.SIGKILL)
        return at

    def start(self, process):
        self.lab("start", self.name, process)


class Pair:
    """gw1 has the higher priority. gw2 may run keepalived."""

    def __init__(self, made, advert_ms, is_mixed):
        self.lab = made
        self.advert_ms = advert_ms
        self.gw1 = Gateway(made, "gw1")
        self.gw2 = None if is_mixed else Gateway(made, "gw2")

    def settle(self):
        """Waits until gw1 owns the VIPs and gw2 is backup, and for some adverts more."""
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
                raise Failure(f"gateways are {self.states()} after {DEADLINE_S} s, expected was "
                              f"{wanted}")
            time.sleep(0.02)

    def cut(self, is_cut):
        """Cuts gw1 off at the bridge, so that its own link stays up; or connects it again."""
        how = ["nomaster"] if is_cut else ["master", "br0"]
        subprocess.run(["ip", "-n", f"{self.lab.name}-net", "link", "set", "gw1", *how], check=True)

    @contextlib.contextmanager
    def watched(self, probes=False):
        """Observes from the client during the block: see observers.Watch. The watch gets a log of
        the CPU time that was stolen meanwhile."""
        try:
            with (observers.watched(self.lab.command, probes) as watch,
                  StolenLog() as watch.stolen):
                yield watch
        except ChildProcessError as error:
            raise Failure(str(error)) from None


def took_over(watch, gateway):
    """When the gateway first announced the VIP."""
    said = watch.announcements(gateway, observers.VIP)
    if not said:
        raise Failure(f"{gateway} did not announce {observers.VIP}")
    return said[0]["at"]


def takeovers(watch, gateway, advert_ms):
    """When the gateway took over, as the client heard it: at the first of its adverts after one of
    another gateway. A backup waits for more than three intervals: what it sends sooner after its
    own last advert had crossed with the other one's."""
    quiet_s = 3 * advert_ms / 1000
    found, last_own, is_owner = [], 0.0, False
    for advert in watch.adverts():
        if observers.NAME.get(advert["mac"]) != gateway:
            is_owner = False
        elif advert["priority"] > 0:
            if not is_owner and advert["at"] - last_own > quiet_s:
                found.append(advert["at"])
            last_own, is_owner = advert["at"], True
    return found


@contextlib.contextmanager
def gateways(build, advert_ms, keepalived=False):
    options = ["--gateways", "2", *(["--keepalived", "gw2"] if keepalived else [])]
    with lab("vfbench", build, *options, ADVERT_MS=advert_ms) as made:
        yield Pair(made, advert_ms, keepalived)
