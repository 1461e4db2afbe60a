# SPDX-License-Identifier: Apache-2.0
"""What a client of the lab's gateways notices of them: runs watch.py and probe_echo.py on it, and
understands what they say."""

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
    """What was heard, and lost if it was probed; between `began` and `ended`, in seconds."""

    def adverts(self, gateway=None):
        return [one for one in self.heard if "priority" in one
                and (gateway is None or one["mac"] == MAC[gateway])]

    def announcements(self, gateway=None, vip=None):
        return [one for one in self.heard if "vip" in one
                and (gateway is None or one["mac"] == MAC[gateway])
                and (vip is None or one["vip"] == vip)]

    def last_announcer(self, vip=VIP):
        said = self.announcements(vip=vip)
        return NAME[said[-1]["mac"]] if said else None

    def longest_advert_gap_ms(self, gateway):
        times = [one["at"] for one in self.adverts(gateway) if one["priority"] > 0]
        return max(b - a for a, b in zip(times, times[1:])) * 1000

    def lost(self):
        return self.probes["lost"]


@contextlib.contextmanager
def client(scripts_lab, script, *arguments, node="client"):
    """A script that runs on that node until the end of the block, and then leaves its result in what
    this gives. `scripts_lab`: the command, with the lab's settings."""
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
    """A Watch over the block, with or without probing the VIP."""
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
