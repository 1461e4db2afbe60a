# SPDX-License-Identifier: Apache-2.0
"""Gateways that do not fit together, and a foreign virtual router on their network: which adverts
decide, and what the operator is told."""

from contextlib import contextmanager

import pytest
from labs import CLIENT, HERE, VIP6, checked
from pairs import ADVERT_MS, VIPS, up
from programs import wait_until

TO_ALL = "01:00:5e:00:00:12"  # the MAC address of the adverts' multicast group


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def foreign_router(pair):
    """A router of the highest priority with the gateways' id and another VIP."""
    return pair.client(HERE / "forge.py", "--flood", "eth0", CLIENT, TO_ALL, "foreign-vip")


def warnings(gateway):
    return gateway.vipctl.json("show", "status")["warnings"]


def log(gateway):
    return (gateway.directory / f"{gateway.name}.control.log").read_text()


def test_a_foreign_router_with_our_id_decides_nothing_and_is_reported(pair):
    with foreign_router(pair):
        pair.gw1.stop("dataplane", kill=True)
        pair.await_states("down", "active")
        assert pair.who_has() == ["gw2"]
        pair.gw1.start("dataplane")
        pair.await_states("active", "backup")
        assert pair.who_has() == ["gw1"]
        assert pair.requests(5) == 5
    for gateway in pair.gateways:
        assert gateway.group()["discards"]["foreign_vips"] > 100
        [warning] = warnings(gateway)
        assert warning.startswith(f"group 'edge': {CLIENT} advertises other VIPs with our id 51: "
                                  "172.16.9.1; its adverts are ignored")
        assert warning in gateway.vipctl("show", "status").stdout
        assert warning.removeprefix("group 'edge': ") in gateway.vipctl("show", "groups").stdout
        assert log(gateway).count(warning) == 1, "a thousand a second are one line"


def test_the_configuration_restores_the_rule_of_the_rfc(pair):
    for gateway in pair.gateways:
        gateway.configure("id = 51\n", 'id = 51\nforeign_vips = "obey"\n')
    with foreign_router(pair):
        pair.await_states("backup", "backup")
    pair.await_states("active", "backup")


@pytest.mark.parametrize("old, new, told", [
    ("id = 51\n", "id = 52\n", "with id"),
    (f"advert_interval_ms = {ADVERT_MS}\n", "advert_interval_ms = 1000\nversion = 2\n",
     "VRRP version"),
], ids=["id", "version"])
def test_of_two_virtual_routers_one_answers_and_both_report_it(pair, old, new, told):
    before = [log(gateway) for gateway in pair.gateways]
    pair.gw2.configure(old, new)
    pair.await_states("active", "active")
    assert pair.await_owners() == {vip: "gw1" for vip in VIPS}
    assert "left to it" in pair.gw2.vipctl("show", "groups").stdout
    for gateway, known in zip(pair.gateways, before):
        wait_until(lambda: any(told in one for one in warnings(gateway)), "a warning")
        assert told in log(gateway).removeprefix(known)
    pair.restore()


def test_another_list_of_vips_is_reported_by_both(pair):
    pair.gw2.configure(f', "{VIP6}"]', f', "{VIP6}", "10.0.0.105"]')
    pair.gw1.vipctl("group", "priority", "edge", "50")
    pair.await_states("backup", "active")
    wait_until(lambda: any("10.0.0.105 is listed only there" in one for one in warnings(pair.gw1)),
               "gw1 hears gw2")
    pair.gw1.vipctl("group", "priority", "edge", "configured")
    pair.await_states("active", "backup")
    wait_until(lambda: any("10.0.0.105 is listed only here" in one for one in warnings(pair.gw2)),
               "gw2 hears gw1")


def differs(gateway):
    return [one for one in warnings(gateway) if "connections may break when the VIPs move" in one]


def test_other_backends_are_reported_by_both_until_they_are_the_same(pair):
    before = [log(gateway) for gateway in pair.gateways]
    for gateway in pair.gateways:
        assert differs(gateway) == []
    pair.gw2.configure('name = "be2",', 'name = "be2", weight = 50,')
    for gateway, known in zip(pair.gateways, before):
        wait_until(lambda: differs(gateway), f"{gateway.name} reports it", 40)
        [warning] = differs(gateway)
        assert "has other backends or weights:" in warning
        assert warning in gateway.vipctl.status()["reasons"]
        assert gateway.vipctl.status()["verdict"] == "degraded"
        assert log(gateway).removeprefix(known).count(warning) == 1
    pair.restore()
    for gateway in pair.gateways:
        wait_until(lambda: not differs(gateway), f"{gateway.name} hears that they agree", 40)


CHECK = 'check = { type = "tcp", port = 80, interval_ms = 200, timeout_ms = 200, fall = 2 }\n'


def events(gateway):
    return [f'{one["name"]} {one["change"]}'
            for one in gateway.vipctl.json("show", "events", "backend")]


def await_found(pair, on_gw1, on_gw2):
    """Waits until both gateways say that of each other, in their status and as an event."""
    for gateway, told in ((pair.gw1, on_gw1), (pair.gw2, on_gw2)):
        wait_until(lambda: any(told in one for one in differs(gateway)),
                   f"{gateway.name} reports it", 40)
        assert told.replace(" is ", " ", 1) in events(gateway)
        assert gateway.vipctl.status()["verdict"] == "degraded"


def await_agreement(pair):
    for gateway in pair.gateways:
        wait_until(lambda: not differs(gateway), f"{gateway.name} hears that they agree", 40)


@contextmanager
def no_answers(pair, node, address):
    """The node answers nothing to that address."""
    route = ("prohibit", f"{address}/32")
    checked(pair.shell(node, "ip", "route", "add", *route))
    try:
        yield
    finally:
        checked(pair.shell(node, "ip", "route", "del", *route))


def test_a_backend_that_is_drained_on_one_gateway_is_reported_by_both(pair):
    checked(pair.gw1.vipctl("backend", "drain", "web", "be1"))
    await_found(pair, "web/be1 is taken out here, but not at 10.0.0.2",
                "web/be1 is taken out at 10.0.0.1, but not here")
    checked(pair.gw1.vipctl("backend", "ready", "web", "be1"))
    await_agreement(pair)
    assert "web/be1 found alike here and at 10.0.0.2" in events(pair.gw1)


def test_a_backend_that_only_one_gateway_reaches_is_reported_by_both(pair):
    for gateway in pair.gateways:
        gateway.configure('name = "web"\nbackend', f'name = "web"\n{CHECK}backend')
    with no_answers(pair, "be1", "10.0.0.2"):
        await_found(pair, "web/be1 is up here, but down at 10.0.0.2",
                    "web/be1 is down here, but up at 10.0.0.1")
    await_agreement(pair)
    pair.restore()
