# SPDX-License-Identifier: Apache-2.0
"""Gateways between two networks, with a VIP on each and both in one sync_set: whichever link a
gateway loses, it resigns both VIPs; else packets would enter by one link and not leave by the
other.

    client eth0 ──── bridge br0 ──── up0 gw1, gw2     10.0.0.0/24, 10.0.0.100
           eth1 ──── bridge br1 ──── dn0              10.1.0.0/24, 10.1.0.100
"""

import re
import time

import pytest
from labs import VIP, VIP6, checked
from pairs import ADVERT_MS, up
from programs import run, wait_until

INNER_VIP = "10.1.0.100"
HOST = {"gw1": 1, "gw2": 2, "client": 50}
DEVICE = {"gw1": "dn0", "gw2": "dn0", "client": "eth1"}
PORT = {"edge": "uplink", "inner": "downlink"}  # by group


def far_end(node):
    """The end of the link at the bridge."""
    return f"{node}-dn"


def add_network(pair):
    name = pair.gw1.directory.name
    checked(run("ip", "-n", f"{name}-net", *"link add br1 type bridge mcast_snooping 0".split()))
    checked(run("ip", "-n", f"{name}-net", *"link set br1 up".split()))
    for node, device in DEVICE.items():
        one_queue = ["numtxqueues", "1", "numrxqueues", "1"]
        checked(run("ip", "link", "add", device, "netns", f"{name}-{node}", "address",
                    f"02:00:00:00:00:{HOST[node]:02d}", *one_queue, "type", "veth",
                    "peer", "name", far_end(node), "netns", f"{name}-net", *one_queue))
        for namespace, end in ((node, device), ("net", far_end(node))):
            checked(run("ip", "netns", "exec", f"{name}-{namespace}", "ethtool", "-K", end,
                        *"tx off gso off tso off gro off".split()))
            checked(run("ip", "-n", f"{name}-{namespace}", "link", "set", end, "up"))
        checked(run("ip", "-n", f"{name}-net", "link", "set", far_end(node), "master", "br1"))
        checked(run("ip", "-n", f"{name}-{node}", "addr", "add", f"10.1.0.{HOST[node]}/24", "dev",
                    device))


def add_port(gateway):
    [priority] = re.findall(r"^priority = .*$", gateway.original, re.MULTILINE)
    gateway.original = gateway.original.replace("id = 51\n", 'id = 51\nsync_set = "all"\n') + (
        f'\n[[port]]\nname = "downlink"\ndevice = "dn0"\ndriver = "af_xdp"\n'
        f'\n[[group]]\nname = "inner"\nport = "downlink"\nid = 61\n{priority}\n'
        f'advert_interval_ms = {ADVERT_MS}\nvips = ["{INNER_VIP}"]\nsync_set = "all"\n')
    gateway.config.write_text(gateway.original)
    gateway.stop("dataplane")
    checked(gateway.vipctl("config", "apply"))
    gateway.start("dataplane")


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        add_network(one)
        for gateway in one.gateways:
            add_port(gateway)
        one.await_groups("active", "backup")
        yield one


def who_has_inner(pair):
    return pair.who_has(INNER_VIP, DEVICE["client"])


def hindrances(pair):
    return {name: group["priority"]["hindrances"] for name, group in pair.gw1.groups().items()}


def test_one_gateway_owns_both(pair):
    pair.await_groups("active", "backup")
    assert pair.who_has(VIP) == who_has_inner(pair) == ["gw1"]


@pytest.mark.parametrize("lost, other, end", [("inner", "edge", far_end("gw1")),
                                              ("edge", "inner", "gw1")])
def test_the_loss_of_either_link_moves_both(pair, lost, other, end):
    pair.set_link(end, "down")
    try:
        pair.await_groups("down", "active")
        with pair.watched() as watch:
            assert hindrances(pair) == {
                lost: [f"the link of port {PORT[lost]} is down"],
                other: [f"group '{lost}' of sync_set 'all' is ineligible"]}
            assert pair.who_has(VIP) == who_has_inner(pair) == ["gw2"]
            assert pair.requests(5) == pair.requests(5, VIP6) == 5
            pair.set_link(end, "up")
            pair.await_groups("active", "backup")
            time.sleep(0.3)
    finally:
        pair.set_link(end, "up")
    assert not watch.lost()
    assert watch.last_announcer(VIP) == "gw1"
    assert pair.who_has(VIP) == who_has_inner(pair) == ["gw1"]


def test_a_link_that_fails_both_ways_at_once_leaves_one_owner(pair):
    """gw2 loses its uplink, then gw1 its downlink: neither can own both VIPs, so neither owns any,
    until one of them can own both."""
    ends = ["gw2", far_end("gw1")]
    try:
        for end in ends:
            pair.set_link(end, "down")
        pair.await_groups("down", "down")
        pair.set_link("gw2", "up")
        pair.await_groups("down", "active")
        assert pair.who_has(VIP) == who_has_inner(pair) == ["gw2"]
    finally:
        for end in ends:
            pair.set_link(end, "up")
    wait_until(lambda: pair.who_has(VIP) == who_has_inner(pair) == ["gw1"], "gw1 has both again")
