# SPDX-License-Identifier: Apache-2.0
"""A server on be1, and a pool that checks it."""

import contextlib
import os
import signal
import subprocess

from labs import frozen, inside
from programs import wait_until

ADDRESS = "10.0.0.11"
TIMEOUT_MS = 500
INTERVAL = (f"interval_ms = {TIMEOUT_MS}, fast_interval_ms = 50, timeout_ms = {TIMEOUT_MS}, "
            "rise = 1, fall = 1")
NOTICED_S = 10


class Server:
    """A process on be1, in a process group of its own, and a pool whose check it answers."""

    def __init__(self, lab, folder, *words, **environment):
        self.lab = lab
        self.folder = folder
        self.process = subprocess.Popen(
            [*inside(lab.directory, "be1"), *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **environment})

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def frozen(self):
        return frozen(self.process.pid)


class Checked:
    """A pool with one backend, which is checked."""

    def __init__(self, lab, check, backend=""):
        self.lab = lab
        lab.config.write_text(f"""{lab.config.read_text()}
[[pool]]
name = "checked"
check = {{ {check}, {INTERVAL} }}
backend = [{{ name = "be1", address = "{ADDRESS}"{backend} }}]
""")
        lab.apply()

    def row(self):
        return next(row for row in self.lab.vipctl.json("show", "backends")
                    if row["pool"] == "checked")

    def results(self):
        return next(row["results"] for row in self.lab.vipctl.json("show", "checks")
                    if ADDRESS in row["name"])

    def expect_up(self, timeout_s=NOTICED_S):
        wait_until(lambda: self.row().get("health") == "up", "the server is up", timeout_s)

    def expect_down(self, reason):
        wait_until(lambda: self.is_down(reason), f"the server is down: {reason}", NOTICED_S)

    def is_down(self, reason):
        row = self.row()
        last = row.get("last")  # nothing of the check before it begins
        return row.get("health") == "down" and last and reason in last["reason"]

    def await_more_good_results(self, count):
        before = self.results()["good"]
        wait_until(lambda: self.results()["good"] >= before + count, "further attempts", NOTICED_S)
