# SPDX-License-Identifier: Apache-2.0
"""A backend's decapsulator delivers what gateways send to VIPs. The client forges tunnels."""

import json

import pytest
from labs import HERE, VIP, checked
from programs import BUILD
from scapy.all import IP, UDP, Ether, Raw

BACKEND = "10.0.0.11"
GATEWAY = "10.0.0.1"
CLIENT = "10.0.0.50"


def decapsulated(lab):
    """The counters of the decapsulator of be1."""
    [interface] = json.loads(checked(lab.shell(
        "be1", BUILD / "control/decap/vipfwd-decap", "status", "--json")))["interfaces"]
    return {"unwrapped": interface["unwrapped"], **interface["dropped"]}


@pytest.mark.parametrize("outer, source, destination, outcome", [
    (CLIENT, CLIENT, VIP, "outer_source"),
    (CLIENT, "10.0.0.12", BACKEND, "outer_source"),
    (GATEWAY, "10.0.0.12", BACKEND, "inner_destination"),
    (GATEWAY, CLIENT, "10.0.0.12", "inner_destination"),
    (GATEWAY, CLIENT, "127.0.0.1", "inner_destination"),
    (GATEWAY, BACKEND, VIP, "inner_source"),
    (GATEWAY, VIP, VIP, "inner_source"),
    (GATEWAY, CLIENT, VIP, "unwrapped"),  # as the gateway sends it
])
def test_a_forged_tunnel_reaches_nothing_but_a_vip(lab, outer, source, destination, outcome):
    before = decapsulated(lab)
    frame = (Ether(src="02:00:00:00:00:50", dst="02:00:00:00:00:11") / IP(src=outer, dst=BACKEND)
             / IP(src=source, dst=destination) / UDP(sport=4000, dport=5353) / Raw(b"forged"))
    checked(lab.shell("client", HERE / "flood.py", "eth0", "5", bytes(frame).hex()))
    after = decapsulated(lab)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        outcome: 5}
