# SPDX-License-Identifier: Apache-2.0
"""Another host uses a VIP that a gateway owns (RFC 5227 section 2.4, RFC 4862 section 5.4.4): the
owner reports and defends it. Its peers are no such hosts."""

import time

import pytest
from use_vip import THIEF
from labs import HERE, VIP, VIP6, checked
from pairs import VIPS, up
from programs import wait_until

LONG_OWNED_S = 3.5  # a former owner is not taken for another host for 3 s
JUDGED_S = 3  # a conflict is judged after one second, by control once a second


@pytest.fixture(scope="module")
def pair_up():
    """A new owner repeats its announcements for some 6 s; after that, gw1 announces only when it
    is provoked."""
    with up() as one:
        for gateway in one.gateways:
            gateway.original = gateway.original.replace(
                "id = 51\n", "id = 51\nannounce_interval_s = 86_400\n")
        one.restore()
        checked(one.gw1.vipctl("group", "disable", "edge"))
        one.await_states("down", "active")
        one.restore()
        wait_until(lambda: one.gw1.group()["state_age_ms"] > 7000, "the last repetition")
        yield one


@pytest.fixture
def pair(pair_up):
    """Unlike the one of conftest.py, it lets others than gateways announce VIPs."""
    pair_up.restore()
    yield pair_up
    pair_up.await_owners()


def use(pair, kind, vip):
    checked(pair.shell("client", HERE / "use_vip.py", "eth0", kind, vip))


def warnings(gateway):
    return gateway.vipctl.json("show", "status")["warnings"]


def times(gateway, vip, reason="address_conflict"):
    """How often the gateway has seen that the other host uses the VIP."""
    return sum(one["count"] for one in gateway.group()["warnings"]
               if (one["reason"], one["source"], one["vip"]) == (reason, THIEF, vip))


# The last two go to the kernel, which keeps the dataplane from seeing them.
@pytest.mark.parametrize("kind, vip", [("announcement", VIP), ("advertisement", VIP6),
                                       ("request", VIP), ("solicitation", VIP6)])
def test_a_host_that_uses_a_vip_is_reported_and_the_vip_is_defended_once(pair, kind, vip):
    before = times(pair.gw1, vip)
    with pair.watched() as watch:
        use(pair, kind, vip)
        wait_until(lambda: times(pair.gw1, vip) == before + 1, "a warning")
        use(pair, kind, vip)
        wait_until(lambda: times(pair.gw1, vip) == before + 2, "another one")
        time.sleep(0.5)
    assert len(watch.announcements("gw1", vip)) == 1, "two stubborn hosts make no storm"
    assert not watch.announcements("gw2")
    assert not watch.lost()
    told = f"{THIEF} on port 'uplink' uses {vip}, which this gateway owns"
    assert any(one.startswith(f"group 'edge': {told}") for one in warnings(pair.gw1))
    assert told in (pair.gw1.directory / "gw1.control.log").read_text()
    assert warnings(pair.gw2) == [], "a backup owns nothing"
    time.sleep(10 / 2)  # RFC 5227: a VIP is defended once in 10 s; two tests use each


@pytest.mark.parametrize("kind, vip", [("probe", VIP), ("detection", VIP6)])
def test_a_host_that_wants_a_vip_is_answered_and_reported(pair, kind, vip):
    use(pair, kind, vip)
    wait_until(lambda: times(pair.gw1, vip, "address_probe") == 1, "a warning")


def test_a_peer_that_takes_over_is_no_conflict(pair):
    before = [warnings(gateway) for gateway in pair.gateways]
    for command in (["handover", "edge"], ["priority", "edge", "50"]):
        checked(pair.gw1.vipctl("group", *command))
        pair.await_states("backup", "active")
        time.sleep(LONG_OWNED_S)
        checked(pair.gw1.vipctl("group", "priority", "edge", "configured"))
        pair.await_states("active", "backup")
        time.sleep(LONG_OWNED_S + JUDGED_S)
    for vip in VIPS:
        assert pair.owners_of(vip) == ["gw1"]
    for gateway, known in zip(pair.gateways, before):
        assert set(warnings(gateway)) <= set(known)
