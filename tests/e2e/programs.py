# SPDX-License-Identifier: Apache-2.0
"""The programs under test, as users run them."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("VIPFWD_BUILD", ROOT / "build"))
CONTROL = BUILD / "control" / "vipfwd-control"
DATAPLANE = BUILD / "dataplane" / "io" / "vipfwd-dataplane"
VIPCTL = BUILD / "control" / "cli" / "vipctl"
REPLAY = ROOT / "scripts" / "replay"


def wait_until(condition, what, timeout_s=20):
    """Its first true answer; fails the test after the deadline."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.02)


def run(*command, timeout_s=120, **options):
    """A finished process, with its output as text."""
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=timeout_s, **options)


class Vipctl:
    """The CLI, talking to the control of one run directory."""

    def __init__(self, run_directory=None, prefix=()):
        where = ["--run-dir", run_directory] if run_directory else []
        self.command = [*prefix, VIPCTL, *where]

    def __call__(self, *words):
        return run(*self.command, *words)

    def json(self, *words):
        answer = run(*self.command, "-j", *words)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)


@contextlib.contextmanager
def control_without_dataplane(config):
    """A control that publishes for nobody: for asking it what it would do. Yields its Vipctl."""
    with tempfile.TemporaryDirectory(prefix="vipfwd-test-") as directory:
        run_directory = Path(directory)
        command = [CONTROL, "--config", config, "--run-dir", run_directory,
                   "--replay-in", "/dev/null", "--replay-out", "/dev/null"]
        with open(run_directory / "log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            vipctl = Vipctl(run_directory)
            wait_until(lambda: vipctl("show", "status").returncode == 0 or process.poll(),
                       "control answers")
            assert process.poll() is None, (run_directory / "log").read_text()
            yield vipctl
        finally:
            process.terminate()
            process.wait(10)
