# SPDX-License-Identifier: Apache-2.0
"""Observes the lab's gateways from the client: runs watch.py and probe_echo.py there, and
interprets their output."""

import contextlib
import json
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MAC = {f"gw{number}": f"02:00:00:00:00:0{number}" for number in (1, 2, 3)}
NAME = {mac: name for name, mac in MAC.items()}
VIP, ECHO_PORT = "10.0.0.100", "80"


class Watch:
    """What the client heard between `began` and `ended` (seconds), and which probes were lost, if
    it sent any."""

    def adverts(self, gateway=None):
        return [frame for frame in self.heard if "priority" in frame
                and (gateway is None or frame["mac"] == MAC[gateway])]

    def announcements(self, gateway=None, vip=None):
        return [frame for frame in self.heard if "vip" in frame
                and (gateway is None or frame["mac"] == MAC[gateway])
                and (vip is None or frame["vip"] == vip)]

    def last_announcer(self, vip=VIP):
        announced = self.announcements(vip=vip)
        return NAME[announced[-1]["mac"]] if announced else None

    def advert_gaps_ms(self, gateway):
        times = [advert["at"] for advert in self.adverts(gateway) if advert["priority"] > 0]
        return [(b - a) * 1000 for a, b in zip(times, times[1:])]

    def longest_advert_gap_ms(self, gateway):
        return max(self.advert_gaps_ms(gateway))

    def lost(self):
        return self.probes["lost"]


@contextlib.contextmanager
def client(scripts_lab, script, *arguments, node="client"):
    """Runs a script on that node until the end of the block. Yields a dictionary, which has the
    script's result as "output" after the block. `scripts_lab`: the command, with the lab's
    settings."""
    result = {}
    with subprocess.Popen([*scripts_lab, "shell", node, script, *arguments],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout.readline() != "ready\n":
                raise ChildProcessError(f"{script} does not start")
            yield result
        finally:
            process.stdin.close()
            result["output"] = json.loads(process.stdout.read() or "null")
            process.wait(10)


@contextlib.contextmanager
def watched(scripts_lab, probes=True):
    """Yields a Watch, which is filled after the block, with or without probes of the VIP."""
    watch = Watch()
    with contextlib.ExitStack() as observers:
        heard = observers.enter_context(client(scripts_lab, HERE / "watch.py", "eth0"))
        probed = observers.enter_context(
            client(scripts_lab, HERE / "probe_echo.py", VIP, ECHO_PORT)) if probes else None
        watch.began = time.time()
        yield watch
        watch.ended = time.time()
    watch.heard = heard["output"]
    watch.probes = probed["output"] if probes else None
