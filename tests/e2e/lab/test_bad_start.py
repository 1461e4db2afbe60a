# SPDX-License-Identifier: Apache-2.0
"""Programs that cannot start print one line that says what to do, exit with 1, and leave nothing
behind; and what else goes wrong around a start. They run in a namespace of their own, with a pair
of interfaces p0 and p1."""

import os
import socket
import subprocess

import pytest
from labs import foreign_program
from programs import CONTROL, DATAPLANE, VIPCTL, run, wait_until
from trial import Trial, namespace

CONFIG = """
[gateway]
name = "start"
[dataplane]
flows_per_worker = 1024
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


@pytest.fixture(scope="module")
def where():
    with namespace("start", ("p", "10.9.0.1/24")) as name:
        yield name


@pytest.fixture
def gateway(where):
    """`gateway(old, new, ...)`: a Trial with the usual configuration, in which texts are
    replaced."""
    made = []

    def make(*replacements):
        config = CONFIG
        for old, new in zip(replacements[::2], replacements[1::2]):
            assert old in config
            config = config.replace(old, new)
        made.append(Trial(where, config))
        return made[-1]

    yield make
    for one in reversed(made):
        one.__exit__()


def xdp_programs(where):
    links = run("ip", "-n", where, "link", "show", "p0").stdout
    return links.count("prog/xdp")


def test_a_sound_gateway_starts_and_leaves_only_its_events_behind(gateway, where):
    one = gateway()
    one.start_both()
    assert xdp_programs(where) == 1
    for name in ("dataplane", "control"):
        one.processes[name].terminate()
        assert one.processes[name].wait(10) == 0
    assert xdp_programs(where) == 0
    assert [path.name for path in one.run_directory.iterdir()] == ["events.jsonl"]


def test_a_pci_device_that_is_not_there(gateway):
    one = gateway('device = "p0"', 'device = "0000:ff:1f.7"', '"af_xdp"', '"pci"')
    one.start_control()
    one.refuses("dataplane", "0000:ff:1f.7")


def test_a_cpu_that_is_not_there(gateway):
    one = gateway("[dataplane]\n", "[dataplane]\nlcores = [999]\n")
    one.start_control()
    one.refuses("dataplane", "999")


def test_too_few_hugepages(gateway):
    one = gateway("flows_per_worker = 1024", "flows_per_worker = 268_435_456\nhugepages = true")
    one.start_control()
    one.refuses("dataplane", "hugepages")


def test_a_port_that_another_dataplane_holds(gateway):
    first, second = gateway(), gateway('name = "start"', 'name = "second"')
    first.start_both()
    second.start_control()
    second.refuses("dataplane", "p0")
    assert first.ready()
    assert not first.ended("dataplane")


def test_a_port_with_somebody_elses_xdp_program(gateway, where, tmp_path):
    attach = ["ip", "-n", where, "link", "set", "p0", "xdp"]
    subprocess.run([*attach, *foreign_program(tmp_path)], check=True)
    try:
        one = gateway()
        one.start_control()
        one.refuses("dataplane", "p0", "XDP")
        assert xdp_programs(where) == 1
    finally:
        subprocess.run([*attach, "off"], check=True)


def test_a_killed_dataplanes_leftovers_are_no_obstacle(gateway):
    one = gateway()
    one.start_both()
    one.processes["dataplane"].kill()
    one.processes["dataplane"].wait()
    one.start("dataplane")
    wait_until(lambda: one.ready() or one.ended("dataplane"), "dataplane is ready")
    assert one.ready(), one.log("dataplane")


def test_a_second_control_on_one_run_directory(gateway):
    one = gateway()
    one.start_control()
    first = one.processes.pop("control")
    try:
        one.refuses("control", str(one.run_directory))
        assert one.answers()
    finally:
        one.processes["control"] = first


def test_control_survives_the_reader_of_its_log(gateway):
    one = gateway()
    reader, writer = os.pipe()
    one.start("control", writer)
    os.close(writer)
    wait_until(one.answers, "control answers")
    os.close(reader)
    assert one.vipctl("config", "apply").returncode == 0, "it has something to log"
    one.config.write_text("nonsense")
    assert one.vipctl("config", "apply").returncode == 1
    assert one.answers()


def test_a_stale_socket_is_replaced(gateway):
    one = gateway()
    for name in ("control.sock", "dataplane.sock"):
        stale = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stale.bind(str(one.run_directory / name))
        stale.close()
    one.start_both()


def test_a_run_directory_that_cannot_be(gateway):
    one = gateway()
    one.run_directory = one.config / "run"
    one.refuses("control", str(one.run_directory))


@pytest.mark.parametrize("command", [[CONTROL, "--config", "x"], [DATAPLANE], [VIPCTL, "show"]])
def test_wrong_usage(command):
    wrong = run(*command, "--nonsense")
    assert wrong.returncode == 2
    assert "--nonsense" in wrong.stderr


def test_check_only_checks(gateway):
    one = gateway()
    good = run(CONTROL, "--config", one.config, "--check")
    assert (good.returncode, good.stderr) == (0, "")
    one.config.write_text(CONFIG.replace('pool = "web"', 'pool = "wbe"'))
    bad = run(CONTROL, "--config", one.config, "--check")
    assert bad.returncode == 1
    [line] = [line for line in bad.stderr.splitlines() if ": error: " in line]
    assert line.startswith(f"{one.config}:19:8: ") and "'wbe'" in line
