# SPDX-License-Identifier: Apache-2.0
"""Several groups on each gateway: each has an election of its own."""

import re

import pytest
from labs import VIP, VIP6
from pairs import VIPS, group_text, up
from programs import wait_until

MANY = 255  # VRIDs


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def owners(pair):
    return [pair.owners_of(vip) for vip in VIPS]


@pytest.fixture
def shared(pair):
    """gw1 has the higher priority for the IPv4 VIP, gw2 for the IPv6 VIP."""
    for gateway, priority in zip(pair.gateways, (100, 200)):
        gateway.configure(f', "{VIP6}"]\n', ']\n' + group_text("six", 52, VIP6, priority))
    wait_until(lambda: owners(pair) == [["gw1"], ["gw2"]], "each has one")
    return pair


def test_each_gateway_is_active_for_one_vip(shared):
    assert shared.who_has(VIP) == ["gw1"]
    assert shared.requests(5) == shared.requests(5, VIP6) == 5
    states = [{name: group["state"] for name, group in gateway.groups().items()}
              for gateway in shared.gateways]
    assert states == [{"edge": "active", "six": "backup"}, {"edge": "backup", "six": "active"}]


@pytest.mark.parametrize("number", [0, 1], ids=["gw1", "gw2"])
def test_a_surviving_gateway_owns_both_vips_and_returns_one(shared, number):
    gateway = shared.gateways[number]
    left = shared.gateways[1 - number].name
    with shared.watched() as watch:
        gateway.stop("dataplane")
        wait_until(lambda: owners(shared) == [[left], [left]], f"{left} has both")
        assert shared.who_has(VIP) == [left]
        assert shared.requests(5) == shared.requests(5, VIP6) == 5
        gateway.start("dataplane")
        wait_until(lambda: owners(shared) == [["gw1"], ["gw2"]], "each has one")
    assert not watch.lost()


def test_as_many_groups_as_there_are_ids(pair):
    others = [number for number in range(1, MANY + 1) if number != 51]
    for gateway in pair.gateways:
        [priority] = re.findall(r"^priority = (\d+)$", gateway.original, re.MULTILINE)
        text = "".join(group_text(f"g{number}", number, f"10.0.9.{number}", priority, advert_ms=500)
                       for number in others)
        gateway.configure("\n[[pool]]\nname = \"web\"\n", text + "\n[[pool]]\nname = \"web\"\n")

    def states():
        return [{group["state"] for group in gateway.groups().values()}
                for gateway in pair.gateways]
    wait_until(lambda: states() == [{"active"}, {"backup"}], "gw1 owns them all")
    assert len(pair.gw1.groups()) == MANY
    assert pair.who_has(f"10.0.9.{others[-1]}") == ["gw1"]
    with pair.watched() as watch:
        pair.gw1.stop("dataplane", kill=True)
        wait_until(lambda: states() == [{"down"}, {"active"}], "gw2 owns them all")
        assert pair.who_has(f"10.0.9.{others[-1]}") == ["gw2"]
    announced = {one["vip"] for one in watch.announcements("gw2")}
    assert announced == {*VIPS, *(f"10.0.9.{number}" for number in others)}
    pair.gw1.start("dataplane")
    wait_until(lambda: states() == [{"active"}, {"backup"}], "gw1 owns them all again")
