# SPDX-License-Identifier: Apache-2.0
"""Nobody without privileges can hinder a gateway, and it recovers from what disturbs its run
directory and its sockets. It runs in a namespace of its own."""

import contextlib
import os
import resource
import socket
import subprocess
import time
from pathlib import Path

import pytest
from programs import VIPCTL, run, wait_until
from trial import Trial, namespace

CONFIG = """
[gateway]
name = "hindrance"
random_seed = true
[dataplane]
flows_per_worker = 1024
idle = "sleep"
[[port]]
name = "uplink"
device = "p0"
driver = "af_xdp"
addresses = ["10.9.0.1/24"]
[[group]]
name = "edge"
port = "uplink"
id = 51
advert_interval_ms = 100
vips = ["10.9.0.100"]
track = [{ script = ["/bin/true"], interval_ms = 50 }]
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
        wait_until(lambda: state(trial) == "active", "the VIP is owned")
        yield trial


def state(gateway):
    return gateway.vipctl.json("show", "groups")[0]["state"]


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


def test_who_says_nothing_does_not_keep_the_dataplane_out(gateway):
    gateway.processes["dataplane"].kill()
    gateway.processes["dataplane"].wait()
    silent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    silent.connect(str(gateway.run_directory / "dataplane.sock"))
    gateway.start("dataplane")
    wait_until(gateway.ready, "the dataplane gets in")
    silent.settimeout(10)
    assert silent.recv(1) == b"", "it is disconnected"


def test_an_emptied_run_directory_is_filled_again(gateway):
    for path in gateway.run_directory.iterdir():
        path.unlink()
    wait_until(gateway.answers, "control answers again")
    assert state(gateway) == "active"
    restart_dataplane(gateway)
    gateway.run_directory.rename(gateway.directory / "elsewhere")
    wait_until(gateway.answers, "control answers again")
    restart_dataplane(gateway)


def without_descriptors(process):
    """No further descriptors for the process. Returns what gives them back."""
    used = {int(fd.name) for fd in Path(f"/proc/{process.pid}/fd").iterdir()}
    least = next(number for number in range(len(used) + 1) if number not in used)
    before = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (least, before[1]))
    return lambda: resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)


def cpu_s(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_without_descriptors_the_vip_stays_and_nothing_spins(gateway):
    restore = [without_descriptors(gateway.processes[name]) for name in ("control", "dataplane")]
    before = cpu_s(gateway.processes["control"])
    waiting = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(5)]
    for client in waiting:
        client.connect(str(gateway.run_directory / "control.sock"))
    time.sleep(3)
    used = cpu_s(gateway.processes["control"]) - before
    for give_back in restore:
        give_back()
    wait_until(gateway.answers, "control answers again")
    log = gateway.log("control")
    assert "Too many open files" in log
    assert "active ->" not in log, log
    assert used < 1, f"{used} s of CPU time"


def test_files_that_others_may_write_to_are_refused(gateway, tmp_path):
    script = tmp_path / "check"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o777)
    good = gateway.config.read_text()
    gateway.config.write_text(good.replace('"/bin/true"', f'"{script}"'))
    refused = gateway.vipctl("config", "apply")
    assert refused.returncode == 1
    assert f"script '{script}' is not run: others may write to" in refused.stderr
    gateway.config.write_text(good)
    gateway.config.chmod(0o666)
    refused = gateway.vipctl("config", "apply")
    assert refused.returncode == 1
    assert "others may write to" in refused.stderr
    assert state(gateway) == "active"


def test_a_script_runs_as_the_configured_user(gateway):
    script = gateway.directory / "check"
    script.write_text("#!/bin/sh\ntest $(id -u) = 65534\n")
    script.chmod(0o755)
    gateway.directory.chmod(0o755)
    as_root = gateway.config.read_text().replace('"/bin/true"', f'"{script}"')
    gateway.config.write_text(as_root)
    assert gateway.vipctl("config", "apply").returncode == 0
    wait_until(lambda: state(gateway) != "active", "the script fails as root")
    gateway.config.write_text(as_root.replace("random_seed", 'script_user = "nobody"\nrandom_seed'))
    assert gateway.vipctl("config", "apply").returncode == 0
    wait_until(lambda: state(gateway) == "active", "it succeeds as nobody")


def test_members_of_the_socket_group_may_only_look(where):
    with Trial(where, CONFIG) as trial:
        trial.start_control("--socket-group", "nogroup")
        trial.directory.chmod(0o755)
        sock = trial.run_directory / "control.sock"
        assert sock.stat().st_mode & 0o777 == 0o660

        def ask(groups, *words):
            return run("setpriv", "--reuid", "65533", "--regid", "65533", *groups, VIPCTL,
                       "--run-dir", trial.run_directory, *words)

        member, stranger = ("--groups", "65534"), ("--clear-groups",)
        assert ask(member, "show", "groups").returncode == 0
        for words in (("config", "check", "/etc/passwd"), ("config", "apply"),
                      ("group", "disable", "edge")):
            refused = ask(member, *words)
            assert refused.returncode == 1
            assert "only root" in refused.stderr
        unreadable = ask(member, "config", "check", "/etc/shadow")
        assert unreadable.returncode == 1
        assert "/etc/shadow: cannot open: Permission denied" in unreadable.stderr
        assert "permission denied" in ask(stranger, "show", "groups").stderr
        assert trial.vipctl("config", "apply").returncode == 0


def test_a_socket_group_that_is_not_there(where):
    with Trial(where, CONFIG) as trial:
        trial.refuses("control", "no group 'nobodies'", options=["--socket-group", "nobodies"])
