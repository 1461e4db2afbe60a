# SPDX-License-Identifier: Apache-2.0
"""Pools with mode = "first" on two gateways: the backend that serves is the same on both."""

import pytest
from labs import checked
from pairs import up
from programs import wait_until

FIRST = ('mode = "first"\ncheck = { type = "tcp", port = 80, interval_ms = 200, timeout_ms = 200, '
         'fall = 2 }\n')


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


@pytest.fixture
def first(pair):
    for gateway in pair.gateways:
        gateway.configure('name = "web"\nbackend', f'name = "web"\n{FIRST}backend')
        await_writer(gateway, "be1")
    yield pair
    for gateway in pair.gateways:
        for backend in ("be1", "be2"):
            gateway.vipctl("backend", "ready", "web", backend)


def writers(gateway):
    return [one["name"] for one in gateway.vipctl.json("show", "backends", "--pool", "web")
            if one["state"] == "serving"]


def await_writer(gateway, name):
    wait_until(lambda: writers(gateway) == [name], f"{name} serves at {gateway.name}", 30)


def admin(gateway, backend):
    rows = gateway.vipctl.json("show", "backends", "--pool", "web")
    return next(one["admin"] for one in rows if one["name"] == backend)


def switch_to_be2(pair):
    """At the owner, be1 fails for a moment."""
    checked(pair.gw1.vipctl("backend", "drain", "web", "be1"))
    checked(pair.gw1.vipctl("backend", "ready", "web", "be1"))
    assert writers(pair.gw1) == ["be2"], "it does not give the service back"


def test_a_backup_follows_the_owner_also_when_it_takes_over(first):
    pair = first
    switch_to_be2(pair)
    await_writer(pair.gw2, "be2")
    assert admin(pair.gw2, "be1") == "ready"
    events = [f'{one["change"]}: {one["cause"]}'
              for one in pair.gw2.vipctl.json("show", "events", "pool") if one["name"] == "web"]
    assert "10.0.0.12 serves instead of 10.0.0.11: as at the gateway that owns the VIPs" in events
    pair.gw1.stop("dataplane", kill=True)
    pair.await_states("down", "active")
    assert writers(pair.gw2) == ["be2"]
    assert pair.requests(5) == 5
    pair.gw1.start("dataplane")
    pair.await_states("active", "backup")
    assert [writers(gateway) for gateway in pair.gateways] == [["be2"], ["be2"]]


def test_a_gateway_that_starts_follows_the_owner(first):
    pair = first
    pair.gw2.stop("control")
    pair.gw2.stop("dataplane")
    switch_to_be2(pair)
    for process in ("control", "dataplane"):
        pair.gw2.start(process)
    await_writer(pair.gw2, "be2")


def test_what_is_down_here_is_not_followed(first):
    pair = first
    checked(pair.gw2.vipctl("backend", "drain", "web", "be2"))
    switch_to_be2(pair)
    told = "web/be2 is taken out here, but not at 10.0.0.1"
    wait_until(lambda: any(told in one for one in pair.gw2.vipctl.status()["reasons"]),
               "gw2 reports it", 40)
    assert writers(pair.gw2) == ["be1"]
    checked(pair.gw2.vipctl("backend", "ready", "web", "be2"))
    await_writer(pair.gw2, "be2")
