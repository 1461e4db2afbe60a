# SPDX-License-Identifier: Apache-2.0
"""Checks that reach the backends as clients' packets do: to the VIP, through the encapsulation."""

import contextlib

import pytest
from labs import VIP, VIP6, checked
from programs import BUILD, wait_until

BACKEND, BACKEND6 = "10.0.0.11", "fd00::11"
DECAP = BUILD / "control/decap/vipfwd-decap"
CHECK = ('check = { type = "tcp", port = 80, interval_ms = 200, fast_interval_ms = 50, '
         'timeout_ms = 200, rise = 1, fall = 2 }')
# Pools of one backend, be1, by name, with the VIP and the address and mode by which it is reached.
WAYS = {f"{forward}-{'6' if vip == VIP6 else '4'}-in-{'6' if address == BACKEND6 else '4'}":
        (forward, vip, address)
        for forward in ("ipip", "gue") for vip in (VIP, VIP6) for address in (BACKEND, BACKEND6)}
WAYS |= {"l2-4": ("l2", VIP, BACKEND), "l2-6": ("l2", VIP6, BACKEND6)}
TUNNELS = {name for name in WAYS if not name.startswith("l2")}
TO_VIP = {name for name, (_, vip, _) in WAYS.items() if vip == VIP}
NOTICED_S = 10


def text_of(number, name):
    forward, vip, address = WAYS[name]
    return (f'\n[[pool]]\nname = "{name}"\n{CHECK}\nbackend = [ {{ name = "be1", '
            f'address = "{address}" }} ]\n\n[[service]]\nname = "{name}"\nvip = "{vip}"\n'
            f'protocol = "tcp"\nport = {9000 + number}\npool = "{name}"\nforward = "{forward}"\n')


def check_all_ways(lab):
    texts = [text_of(number, name) for number, name in enumerate(WAYS)]
    lab.config.write_text(lab.config.read_text() + "".join(texts))
    lab.apply()
    wait_for(lab, up=set(WAYS))


@pytest.fixture
def ways(lab):
    """A lab that checks be1 by all ways."""
    check_all_ways(lab)
    return lab


def rows(lab):
    return {row["pool"]: row for row in lab.vipctl.json("show", "backends")
            if row["pool"] in WAYS}


def wait_for(lab, up):
    """Waits until the backend is up by these ways, and down by all others."""
    wait_until(lambda: {name for name, row in rows(lab).items() if row.get("health") == "up"} == up
               and all(row.get("health") in ("up", "down") for row in rows(lab).values()),
               f"up by {up}", NOTICED_S)


@contextlib.contextmanager
def without_decapsulator(lab):
    checked(lab.shell("be1", DECAP, "detach", "eth0"))
    try:
        yield
    finally:
        checked(lab.shell("be1", DECAP, "attach", "eth0", "--allow", "10.0.0.0/24",
                          "--allow", "fd00::/64"))


@contextlib.contextmanager
def without_vip(lab):
    checked(lab.shell("be1", "ip", "address", "delete", f"{VIP}/32", "dev", "lo"))
    try:
        yield
    finally:
        checked(lab.shell("be1", "ip", "address", "replace", f"{VIP}/32", "dev", "lo"))


def in_kernel(lab):
    """How many rules, routes and programs of checks the gateway's kernel has."""
    def count(word, *command):
        return checked(lab.shell("gw1", *command)).count(word)
    return {"rules": count("fwmark 0x76000000", "ip", "rule")
            + count("fwmark 0x76000000", "ip", "-6", "rule"),
            "routes": count("local", "ip", "route", "show", "table", "7676")
            + count("local", "ip", "-6", "route", "show", "table", "7676"),
            "programs": count("direct-action", "tc", "filter", "show", "dev", "lo", "egress"),
            "qdiscs": count("clsact", "tc", "qdisc", "show", "dev", "lo")}


WHOLE = {"rules": 2, "routes": 2, "programs": 1, "qdiscs": 1}
NOTHING = dict.fromkeys(WHOLE, 0)


def test_a_missing_decapsulator_is_noticed_by_all_tunnels(ways):
    with without_decapsulator(ways):
        wait_for(ways, up=set(WAYS) - TUNNELS)
        row = rows(ways)["ipip-4-in-4"]
        assert row["last"]["result"] in ("failed", "unreachable")
        assert row["why"]
    wait_for(ways, up=set(WAYS))


def test_a_missing_vip_is_noticed(ways):
    with without_vip(ways):
        wait_for(ways, up=set(WAYS) - TO_VIP)
    wait_for(ways, up=set(WAYS))


def test_the_way_is_shown(ways):
    names = {row["name"]: row for row in ways.vipctl.json("show", "checks")}
    assert names[f"tcp {VIP}:80 through gue to {BACKEND}"]["via"] == "tunnel"
    assert f"tcp [{VIP6}]:80 through ipip to {BACKEND6}" in names
    assert f"tcp {VIP}:80 through l2 to {BACKEND}" in ways.vipctl("show", "checks").stdout


@pytest.mark.parametrize("removal", [
    ["ip", "rule", "del", "pref", "76"],
    ["ip", "-6", "rule", "del", "pref", "76"],
    ["ip", "route", "flush", "table", "7676"],
    ["ip", "-6", "route", "flush", "table", "7676"],
    ["tc", "filter", "del", "dev", "lo", "egress"],
    ["tc", "qdisc", "del", "dev", "lo", "clsact"]], ids=" ".join)
def test_what_somebody_removes_is_restored_and_no_failure(ways, removal):
    failures = ways.log("control").count("is down")
    assert in_kernel(ways) == WHOLE
    checked(ways.shell("gw1", *removal))
    wait_until(lambda: in_kernel(ways) == WHOLE, "it is back", NOTICED_S)
    wait_for(ways, up=set(WAYS))
    assert ways.log("control").count("is down") == failures


def test_a_killed_control_is_succeeded_and_a_stopped_one_leaves_nothing(ways):
    ways.stop("control", kill=True)
    assert in_kernel(ways) == WHOLE
    ways.start("control")
    ways.settle()
    wait_for(ways, up=set(WAYS))
    assert in_kernel(ways) == WHOLE
    ways.stop("control")
    assert in_kernel(ways) == NOTHING
    ways.start("control")
    ways.settle()
    wait_for(ways, up=set(WAYS))


def test_without_checks_through_tunnels_nothing_is_set_up(ways):
    ways.config.write_text(ways.original)
    ways.apply("--force")
    assert in_kernel(ways) == NOTHING


@contextlib.contextmanager
def narrow_link(lab):
    """The link of be1 carries packets of 1450 bytes, those of the others 1600."""
    checked(lab.shell("be1", "ip", "link", "set", "eth0", "mtu", "1450"))
    try:
        yield
    finally:
        checked(lab.shell("be1", "ip", "link", "set", "eth0", "mtu", "1600"))


def path_mtus(lab):
    """By name of the way; None where it is not known."""
    return {name: (row["path_mtu"] or {}).get("found") for name, row in rows(lab).items()}


def alarms(lab):
    return [reason for reason in lab.status()["reasons"] if "path MTU" in reason]


def path_events(lab):
    """The latest of each backend."""
    return {event["name"]: (event["level"], event["change"])
            for event in lab.vipctl.json("show", "events") if "path MTU" in event["change"]}


def test_a_path_that_is_too_narrow_is_an_alarm_and_no_failure(lab):
    # An alarm and an event come from standings, which are reported a moment after a row knows them.
    with narrow_link(lab):
        check_all_ways(lab)
        wait_until(lambda: None not in path_mtus(lab).values(), "measured paths", 20)
        # The kernel's virtual links leave room for a VLAN tag.
        assert all(1450 <= mtu <= 1454 for mtu in path_mtus(lab).values())
        assert all(row["health"] == "up" for row in rows(lab).values())
        wait_until(lambda: any(f"and of {len(WAYS) - 1} more is 145" in alarm
                               for alarm in alarms(lab)), "an alarm of all paths", NOTICED_S)
        [alarm] = alarms(lab)
        assert f"the path MTU of backend 'be1' of pool '{next(iter(WAYS))}' ({BACKEND})" in alarm
        assert set(path_events(lab).items()) == {
            (f"{name}/be1", ("warning", "path MTU is too small")) for name in WAYS}
    wait_until(lambda: not alarms(lab), "wide paths", 30)
    assert all(row["path_mtu"]["found"] == row["path_mtu"]["wanted"] for row in rows(lab).values())
    assert set(path_events(lab).values()) == {("info", "path MTU is large enough")}
