# SPDX-License-Identifier: Apache-2.0
"""Runs the programs under test as users do."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import pcap

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("VIPFWD_BUILD", ROOT / "build"))
CONTROL = BUILD / "control" / "vipfwd-control"
DATAPLANE = BUILD / "dataplane" / "io" / "vipfwd-dataplane"
VIPCTL = BUILD / "control" / "cli" / "vipctl"
REPLAY = ROOT / "scripts" / "replay"
DEGRADED, DOWN = 4, 5  # exit codes of `vipctl show status`


def wait_until(condition, what, timeout_s=20):
    """Returns the first true answer of condition(); fails the test after the deadline."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.02)


def run(*command, timeout_s=120, **options):
    """Runs a command, and returns the finished process with its output as text."""
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=timeout_s, **options)


class Vipctl:
    """Runs vipctl with the control of one run directory."""

    def __init__(self, run_directory=None, prefix=()):
        where = ["--run-dir", run_directory] if run_directory else []
        self.command = [*prefix, VIPCTL, *where]

    def __call__(self, *words):
        return run(*self.command, *words)

    def json(self, *words):
        answer = run(*self.command, "-j", *words)
        assert answer.returncode in (0, DEGRADED, DOWN), answer.stderr
        return json.loads(answer.stdout)

    def status(self):
        """The status, or None while control does not answer."""
        answer = run(*self.command, "-j", "show", "status")
        return json.loads(answer.stdout) if answer.returncode in (0, DEGRADED, DOWN) else None


@contextlib.contextmanager
def gateway_without_traffic(config):
    """Runs control, and a dataplane that has started and ended, for questions about what they would
    do. Yields the Vipctl."""
    with tempfile.TemporaryDirectory(prefix="vipfwd-test-") as name:
        directory = Path(name)
        pcap.write(directory / "in.pcap", [])
        with open(directory / "log", "wb") as log:
            control = subprocess.Popen(
                [CONTROL, "--config", config, "--run-dir", directory, "--replay-in",
                 directory / "in.pcap", "--replay-out", directory / "out.pcap"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            vipctl = Vipctl(directory)
            wait_until(lambda: vipctl.status() or control.poll(),
                       "control answers")
            assert control.poll() is None, (directory / "log").read_text()
            dataplane = run(DATAPLANE, "--run-dir", directory)
            assert dataplane.returncode == 0, dataplane.stderr
            yield vipctl
        finally:
            control.terminate()
            control.wait(10)
