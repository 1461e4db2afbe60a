# SPDX-License-Identifier: Apache-2.0
"""A port that cannot send: its packets are dropped with a reason, and it recovers by itself."""

import subprocess
from pathlib import Path

import pytest
from frames import tcp
from programs import wait_until
from trial import Trial, namespace

FLOOD = Path(__file__).parent / "flood.py"
RING_SLOTS = 2048
CONFIG = """
[gateway]
name = "transmit"
[dataplane]
flows_per_worker = 1024
idle = "sleep"
[[port]]
name = "clients"
device = "p0"
driver = "af_xdp"
mac = "02:00:00:00:00:01"
addresses = ["10.9.0.1/24"]
[[port]]
name = "backends"
device = "q0"
driver = "af_xdp"
addresses = ["10.8.0.1/24"]
[[neighbor]]
address = "10.8.0.11"
mac = "02:00:00:00:00:11"
[[pool]]
name = "web"
backend = [{ name = "web1", address = "10.8.0.11" }]
[[service]]
name = "web"
vip = "10.0.0.100"
protocol = "tcp"
port = 80
pool = "web"
"""


@pytest.fixture
def where():
    with namespace("transmit", ("p", "10.9.0.1/24"), ("q", "10.8.0.1/24")) as name:
        yield name


def test_a_port_that_cannot_send_drops_as_transmit_full_and_recovers(where):
    def flood(count):
        subprocess.run(["ip", "netns", "exec", where, FLOOD, "p1", str(count), tcp().hex()],
                       check=True)

    def backend_side(state):
        subprocess.run(["ip", "-n", where, "link", "set", "q0", state], check=True)

    with Trial(where, CONFIG) as gateway:
        gateway.start_both()
        backend_side("down")
        flood(2 * RING_SLOTS)
        dropped = wait_until(lambda: drops(gateway).get("transmit_full"), "drops are counted")
        wait_until(lambda: is_balanced(gateway, 2 * RING_SLOTS), "every packet is counted once")

        backend_side("up")
        flood(100)
        wait_until(lambda: is_balanced(gateway, 2 * RING_SLOTS + 100), "more packets are counted")
        assert drops(gateway)["transmit_full"] <= dropped + 100
        flood(100)
        forwarded = totals(gateway)["forwarded"]
        flood(100)
        wait_until(lambda: totals(gateway)["forwarded"] >= forwarded + 100, "packets leave again")


def drops(gateway):
    return {row["reason"]: row["packets"] for row in gateway.vipctl.json("show", "drops")}


def totals(gateway):
    return gateway.vipctl.json("show", "status")["totals"]


def is_balanced(gateway, sent):
    counters = totals(gateway)
    outcomes = sum(counters[name] for name in ("forwarded", "to_kernel", "answered", "dropped"))
    return counters["received"] == outcomes >= sent
