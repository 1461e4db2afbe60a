# SPDX-License-Identifier: Apache-2.0
"""A gateway outside the lab, in a namespace of its own, for tests that would disturb others."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from programs import CONTROL, DATAPLANE, Vipctl, run, wait_until


@contextlib.contextmanager
def namespace(name, *pairs):
    """Makes a network namespace with pairs of interfaces, NAME0 and NAME1; NAME0 has the address of
    the pair. Yields the name of the namespace."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces and XDP need root")
    full = f"{os.environ['VIPFWD_LAB_PREFIX']}-{name}"
    run("ip", "netns", "del", full)
    try:
        subprocess.run(["ip", "netns", "add", full], check=True)
        for pair, address in pairs:
            for command in (f"link add {pair}0 numrxqueues 1 numtxqueues 1 type veth"
                            f" peer name {pair}1 numrxqueues 1 numtxqueues 1",
                            f"addr add {address} dev {pair}0",
                            f"link set {pair}0 up",
                            f"link set {pair}1 up"):
                subprocess.run(["ip", "-n", full, *command.split()], check=True)
        yield full
    finally:
        run("ip", "netns", "del", full)


class Trial:
    """Both processes, with a run directory and a namespace of their own."""

    def __init__(self, namespace, config):
        self.prefix = ["ip", "netns", "exec", namespace]
        self.directory = Path(tempfile.mkdtemp(prefix="vipfwd-test-"))
        self.config = self.directory / "gateway.toml"
        self.config.write_text(config)
        self.run_directory = self.directory / "run"
        self.run_directory.mkdir()
        self.vipctl = Vipctl(self.run_directory, self.prefix)
        self.processes = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes.values()):
            process.terminate()
            process.wait(10)
        shutil.rmtree(self.directory)

    def start(self, name, output=None, options=()):
        """Starts a process whose output goes to its log, or to the file descriptor `output`."""
        command = {"control": [CONTROL, "--config", self.config], "dataplane": [DATAPLANE]}[name]
        with open(self.directory / f"{name}.log", "wb") as log:
            self.processes[name] = subprocess.Popen(
                [*self.prefix, *command, "--run-dir", self.run_directory, *options],
                stdin=subprocess.DEVNULL, stdout=output or log, stderr=output or log)

    def log(self, name):
        return (self.directory / f"{name}.log").read_text()

    def pid(self, name):
        return self.processes[name].pid

    def start_control(self, *options):
        self.start("control", options=options)
        wait_until(lambda: self.answers() or self.ended("control"), "control answers")
        assert self.answers(), self.log("control")

    def start_both(self):
        self.start_control()
        self.start("dataplane")
        wait_until(lambda: self.ready() or self.ended("dataplane"), "dataplane is ready")
        assert self.ready(), self.log("dataplane")

    def answers(self):
        return self.vipctl.status() is not None

    def ready(self):
        return self.vipctl.json("show", "status")["dataplane"]["ready"]

    def ended(self, name):
        return self.processes[name].poll() is not None

    def refuses(self, name, *words, options=()):
        """Checks that the process exits with 1, after one line that contains all the words."""
        self.start(name, options=options)
        wait_until(lambda: self.ended(name), f"{name} gives up")
        assert self.processes[name].returncode == 1
        lines = self.log(name).splitlines()
        assert len(lines) == 1, lines
        for word in words:
            assert word in lines[0], lines[0]
