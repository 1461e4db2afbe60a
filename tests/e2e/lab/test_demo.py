# SPDX-License-Identifier: Apache-2.0
"""scripts/demo, the first command of the README: what it shows, and that it leaves nothing
behind."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from labs import LAB, checked
from programs import ROOT, run, wait_until

DEMO = ROOT / "scripts" / "demo"
PREFIX = "vipfwd-test-demo"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("network namespaces and XDP need root")
    monkeypatch.setenv("VIPFWD_LAB_PREFIX", PREFIX)
    yield
    assert not namespaces()


def leave_lab_of_killed_demo():
    """What a killed demo leaves: a lab, with a changed configuration."""
    checked(run(LAB, "up", "--without-gateway"))
    Path(checked(run(LAB, "config")).strip()).write_text("# of another demo\n")


def namespaces():
    return [line for line in run("ip", "netns").stdout.splitlines() if line.startswith(PREFIX)]


def test_the_demo_shows_every_step_and_succeeds():
    leave_lab_of_killed_demo()
    demo = run(DEMO)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "1000 of 1000 succeeded" in demo.stdout
    assert demo.stdout.count("20 and 20 succeeded") == 5
    assert len(re.findall(r"be\d +\d+ requests +[\d.]+ % +predicted +33\.\d %", demo.stdout)) == 3
    assert "be1 is down after" in demo.stdout and "connection refused" in demo.stdout
    assert "be2 is down after" in demo.stdout
    assert demo.stdout.count("of 100 after that, 0\n") == 2
    assert re.search(r"complete: 12,000,000 bytes, all from be\d", demo.stdout)
    assert "\033" not in demo.stdout  # colour is for terminals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_removes_its_lab(number):
    # In a background job SIGINT is ignored, and the demo would inherit that.
    with subprocess.Popen([DEMO], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=lambda: signal.signal(number, signal.SIG_DFL)) as demo:
        wait_until(lambda: len(namespaces()) == 6, "the lab is up", timeout_s=60)
        demo.send_signal(number)
        assert demo.wait(60) == 130
