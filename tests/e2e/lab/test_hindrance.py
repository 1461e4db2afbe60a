# SPDX-License-Identifier: Apache-2.0
"""Nobody without privileges can hinder a gateway, and it recovers from what disturbs its run
directory and its sockets. It runs in a namespace of its own."""

import contextlib
import subprocess

import pytest
from programs import wait_until
from trial import Trial, namespace

CONFIG = """
[gateway]
name = "hindrance"
[dataplane]
flows_per_worker = 1024
idle = "sleep"
[[port]]
name = "uplink"
device = "p0"
driver = "af_xdp"
addresses = ["10.9.0.1/24"]
[[pool]]
name = "web"
backend = [{ name = "web1", address = "10.9.0.11" }]
[[service]]
name = "web"
vip = "10.9.0.100"
protocol = "tcp"
port = 80
pool = "web"
"""

# Binds the names of abstract sockets, whoever has them now.
SQUATTER = r"""
import socket, sys, time
names, held = sys.argv[1:], []
while True:
    for name in list(names):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            one.bind("\0" + name)
            held.append(one)
            names.remove(name)
        except OSError:
            pass
    time.sleep(0.001)
"""


@pytest.fixture(scope="module")
def where():
    with namespace("hindrance", ("p", "10.9.0.1/24")) as name:
        yield name


@pytest.fixture
def gateway(where):
    with Trial(where, CONFIG) as trial:
        trial.start_both()
        yield trial


@contextlib.contextmanager
def as_nobody(gateway, source, *words):
    """Runs a Python script as a user without privileges, beside the gateway."""
    process = subprocess.Popen(
        [*gateway.prefix, "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
         "/usr/bin/python3", "-c", source, *words], stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def restart_dataplane(gateway):
    gateway.processes["dataplane"].kill()
    gateway.processes["dataplane"].wait()
    gateway.start("dataplane")
    wait_until(lambda: gateway.ready() or gateway.ended("dataplane"), "dataplane is ready")
    assert gateway.ready(), gateway.log("dataplane")


def test_no_name_that_anybody_can_bind_keeps_a_dataplane_out(gateway):
    sockets = [*gateway.prefix, "cat", "/proc/net/unix"]
    listed = subprocess.run(sockets, capture_output=True, text=True, check=True).stdout
    names = [line.split()[-1][1:] for line in listed.splitlines() if " @" in line]
    with as_nobody(gateway, SQUATTER, *names, "vipfwd-port-p0", "vipfwd-dataplane"):
        restart_dataplane(gateway)


def test_locks_are_for_the_dataplanes_user_only(gateway):
    [lock] = gateway.run_directory.glob("dataplane.lock")
    assert lock.stat().st_mode & 0o777 == 0o600
    gateway.processes["dataplane"].terminate()
    gateway.processes["dataplane"].wait(10)
    assert not lock.exists()
