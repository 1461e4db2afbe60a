# SPDX-License-Identifier: Apache-2.0
"""A worker without traffic waits in the kernel, until a packet comes or something else is due: with
af_xdp ports, with taps (of a port, and to the kernel), but not with af_packet ports."""

import json
import re
import statistics
import subprocess
import time
from pathlib import Path

import pytest
from labs import HERE, PORTS, VIP, checked, worker_thread
from programs import run, wait_until
from trial import Trial, namespace

# 10 for heartbeats; more for what this lab's nodes send each other.
MOST_WAKE_UPS_PER_S = 60
# A worker that sleeps 50 us at a time.
LEAST_NAPS_PER_S = 1000
# Much less than what ends a wait without a packet.
MOST_MEDIAN_MS = 20

TRIAL = """
[gateway]
name = "idle"
[dataplane]
workers = {workers}
flows_per_worker = 1024
idle = "sleep"
[[port]]
name = "uplink"
device = "{device}"
driver = "{driver}"
queues = {workers}
addresses = ["10.9.0.1/24"]
{more}
[[neighbor]]
address = "10.9.0.11"
mac = "{backend_mac}"
[[pool]]
name = "web"
backend = [{{ name = "web1", address = "10.9.0.11" }}]
"""
SERVICE = """
[[service]]
name = "web{number}"
vip = "10.0.0.{number}"
protocol = "udp"
port = 80
pool = "web"
forward = "l2"
"""
BACKEND_MAC = "02:00:00:00:00:11"
VIPS = range(100, 116)  # enough for the kernel to spread them over two queues of a tap


@pytest.fixture(params=["lab", "whole_port"])
def gateway(request):
    """One with an af_xdp port, and one that has the whole interface, and a tap to the kernel."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def taps():
    """A gateway whose port is a tap with two queues, one for each worker."""
    with namespace("taps") as where, \
            Trial(where, trial_config("net_tap0,iface=wire", "vdev", 2,
                                      'kernel_interface = "inside"')) as one:
        one.start_both()
        # The kernel's end needs a MAC address other than the gateway's.
        for command in ("link set wire address 02:00:00:00:00:50", "addr add 10.9.0.2/24 dev wire",
                        "route add 10.0.0.0/24 dev wire"):
            subprocess.run(["ip", "-n", where, *command.split()], check=True)
        yield one


def trial_config(device, driver, workers=1, more=""):
    return (TRIAL.format(device=device, driver=driver, workers=workers, more=more,
                         backend_mac=BACKEND_MAC) +
            "".join(SERVICE.format(number=number) for number in VIPS))


def wake_ups(gateway, worker):
    thread = worker_thread(gateway, worker)
    status = Path(f"/proc/{gateway.pid('dataplane')}/task/{thread}/status").read_text()
    return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.MULTILINE)[1])


def wake_ups_per_s(gateway, worker=0):
    before, began = wake_ups(gateway, worker), time.monotonic()
    time.sleep(1)
    return (wake_ups(gateway, worker) - before) / (time.monotonic() - began)


def is_idle(gateway, worker=0):
    return wake_ups_per_s(gateway, worker) <= MOST_WAKE_UPS_PER_S


def all_alive(gateway):
    return all(row["alive"] for row in gateway.vipctl.json("show", "workers"))


def test_an_idle_worker_seldom_wakes_up_and_still_reports_that_it_is_alive(gateway):
    wait_until(lambda: is_idle(gateway), "the worker sleeps")
    assert all_alive(gateway)


def test_a_packet_wakes_the_worker_after_any_pause(gateway):
    times = gateway.client("pauses.py", VIP, str(PORTS["ipip"]), "500")
    assert None not in times
    assert statistics.median(times) < MOST_MEDIAN_MS


def test_workers_whose_ports_are_taps_seldom_wake_up(taps):
    for worker in (0, 1):
        wait_until(lambda w=worker: is_idle(taps, w), "the worker sleeps")
    assert all_alive(taps)
    assert "receive interrupts" not in taps.log("dataplane")


def test_a_packet_from_a_tap_wakes_its_worker_after_any_pause(taps):
    times = json.loads(checked(run(*taps.prefix, HERE / "ping_pauses.py", "1000",
                                   *(f"10.0.0.{number}" for number in VIPS))))
    assert None not in times
    assert statistics.median(times) < MOST_MEDIAN_MS
    assert all(row["answered"] > 100 for row in taps.vipctl.json("show", "workers"))


def test_a_fragment_from_another_worker_wakes_a_worker(taps):
    times = json.loads(checked(run(*taps.prefix, HERE / "fragment_times.py", "wire", BACKEND_MAC,
                                   "300", VIP)))
    assert None not in times
    assert statistics.median(times) < MOST_MEDIAN_MS
    assert all(row["handed_in"] > 10 for row in taps.vipctl.json("show", "workers"))


def test_a_device_that_does_not_start_with_interrupts_is_started_without_them(tmp_path):
    flags = checked(run("pkg-config", "--cflags", "libdpdk")).split()
    library = tmp_path / "no_interrupts.so"
    checked(run("cc", *flags, "-shared", "-fPIC", HERE / "no_interrupts.c", "-o", library))
    config = trial_config("net_tap0,iface=wire", "vdev", more='kernel_interface = ""')
    with namespace("faults") as where, Trial(where, config) as naps:
        naps.prefix += ["env", f"LD_PRELOAD={library}"]
        naps.start_both()
        wait_until(lambda: wake_ups_per_s(naps) >= LEAST_NAPS_PER_S, "the worker naps")
        assert ("port 'uplink': cannot be started: Operation not supported; started without"
                in naps.log("dataplane"))


def test_a_worker_naps_and_the_log_says_so_if_its_driver_has_no_interrupts():
    with namespace("naps", ("p", "10.9.0.2/24")) as where, \
            Trial(where, trial_config("p1", "af_packet")) as naps:
        naps.start_both()
        wait_until(lambda: wake_ups_per_s(naps) >= LEAST_NAPS_PER_S, "the worker naps")
        assert "port 'uplink': its driver has no receive interrupt" in naps.log("dataplane")
