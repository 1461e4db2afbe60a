# SPDX-License-Identifier: Apache-2.0
"""Whatever is edited in the files of two gateways, each VIP has one owner; and an apply tells what it
does. The unit test of the same name tries many more edits."""

import random
import re

import pytest
from labs import VIP, VIP6, checked
from pairs import VIPS, group_text, up
from programs import wait_until

NEW_VIP = "10.0.0.101"
STEPS = 25


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def service_text(name, vip, more=""):
    return (f'\n[[service]]\nname = "{name}"\nvip = "{vip}"\nprotocol = "tcp"\nport = 80\n'
            f'pool = "web"\n{more}')


def rename_port(text):
    return text.replace('"uplink"', '"wan"')


def misspell_device(text):
    return re.sub(r'device = "(\w+)"', r'device = "\1x"', text, count=1)


def change_driver(text):
    return text.replace('driver = "af_xdp"', 'driver = "af_packet"')


def edit(gateway, change, *options):
    """Changes the file and applies it. Returns the finished vipctl."""
    gateway.config.write_text(change(gateway.config.read_text()))
    return gateway.vipctl("config", "apply", *options)


@pytest.mark.parametrize("change", [rename_port, misspell_device, change_driver])
def test_a_change_of_the_owners_port_waits_and_nobody_notices(pair, change):
    with pair.watched() as watch:
        applied = edit(pair.gw1, change)
        assert applied.returncode == 0, applied.stderr
        assert "waits for the dataplane's next start:\n" in applied.stdout
        assert pair.await_owners() == {vip: "gw1" for vip in VIPS}
        assert pair.states() == ("active", "backup")
    assert not watch.lost()
    assert pair.gw1.waiting()
    assert "waits until vipfwd-dataplane is restarted" in pair.gw1.vipctl("show", "status").stdout


def test_a_port_that_was_renamed_is_in_force_after_the_dataplanes_next_start(pair):
    checked(edit(pair.gw1, rename_port))
    pair.gw1.stop("control")
    pair.gw1.start("control")
    wait_until(lambda: pair.gw1.state() == "active", "gw1 owns the VIPs again")
    assert pair.gw1.waiting(), "also for a control that was restarted"
    assert pair.await_owners()[VIP] == "gw1"
    pair.gw1.stop("dataplane")
    pair.gw1.start("dataplane")
    pair.await_states("active", "backup")
    assert pair.gw1.group()["port"] == "wan"
    assert not pair.gw1.waiting()


def test_a_new_group_on_a_new_port_owns_nothing_before_the_next_start(pair):
    def add(text):
        return (text + '\n[[port]]\nname = "inner"\ndevice = "in0"\ndriver = "af_xdp"\n'
                + group_text("inner", 61, NEW_VIP, port="inner") + service_text("inner", NEW_VIP))

    for gateway in pair.gateways:
        checked(edit(gateway, add))
    assert pair.await_owners() == {vip: "gw1" for vip in VIPS}
    assert pair.who_has(NEW_VIP) == []
    assert pair.owners_of(NEW_VIP) == []


def test_a_service_of_a_vip_in_no_group_is_refused(pair):
    for gateway in pair.gateways:
        applied = edit(gateway, lambda text: text + service_text("alone", NEW_VIP))
        assert applied.returncode == 1
        assert f"VIP {NEW_VIP} of service 'alone' is in no group" in applied.stderr
    assert pair.who_has(NEW_VIP) == []


def test_a_vip_moved_to_another_group_on_one_gateway_has_one_owner(pair):
    """Until the other file is edited, too: gw1 has it in group six, gw2 in group edge."""
    def add_group(text):
        return text + group_text("six", 52, NEW_VIP) + service_text("new", NEW_VIP)

    def move(text):
        return (text.replace(f'vips = ["{VIP}", ', 'vips = [')
                .replace(f'vips = ["{NEW_VIP}"]', f'vips = ["{NEW_VIP}", "{VIP}"]'))

    for gateway in pair.gateways:
        checked(edit(gateway, add_group))
    wait_until(lambda: len(pair.owners_of(NEW_VIP)) == 1, "the new VIP has an owner")
    pair.gw1.vipctl("group", "priority", "edge", "50")  # gw2 owns edge, gw1 six
    checked(edit(pair.gw1, move))
    wait_until(lambda: pair.owners_of(VIP) == ["gw2"], "gw1 leaves it to gw2")
    assert pair.who_has() == ["gw2"]
    assert pair.requests(3) == 3
    checked(edit(pair.gw2, move))
    wait_until(lambda: len(pair.owners_of(VIP)) == 1, "group six has it")
    assert pair.requests(3) == 3
    pair.gw1.vipctl("group", "priority", "edge", "configured")
    pair.await_groups("active", "backup")


def test_what_takes_service_away_needs_force(pair):
    def empty(text):
        return re.sub(r"(\[\[service\]\]\n(?:.+\n)+\n?)+", "", text)

    refused = edit(pair.gw1, empty)
    assert refused.returncode == 1
    assert f"VIP {VIP} loses its last service" in refused.stderr
    assert "--force" in refused.stderr
    tried = pair.gw1.vipctl("config", "apply", "--dry-run", "--force")
    assert tried.returncode == 0
    assert "not applied" in tried.stdout and "removes service" in tried.stdout
    assert pair.requests(3) == 3
    applied = pair.gw1.vipctl("config", "apply", "--force")
    assert applied.returncode == 0
    assert "takes service or connections away:" in applied.stdout


def test_random_edits_of_both_files_leave_one_owner(pair):
    """Every edit follows the one before, on either gateway; nothing is repaired in between."""
    draw = random.Random(14)
    edits = [rename_port, misspell_device, change_driver,
             lambda text: text.replace("id = 51\n", "id = 53\n"),
             lambda text: text.replace("id = 53\n", "id = 51\n"),
             lambda text: re.sub(r"priority = \d+", f"priority = {draw.randint(1, 254)}", text),
             lambda text: text.replace(f'["{VIP}", ', "["),
             lambda text: text + service_text("alone", NEW_VIP, "always_owned = true\n"),
             lambda text: text[:draw.randrange(len(text))],
             lambda text: text + group_text("new", 60, NEW_VIP, port="wan")]
    history = []
    for _ in range(STEPS):
        gateway = draw.choice(pair.gateways)
        change = draw.choice(edits)
        before = gateway.config.read_text()
        applied = edit(gateway, change)
        history.append((gateway.name, change.__name__, applied.returncode))
        if applied.returncode != 0:
            gateway.config.write_text(before)  # as an operator who reads the error
        for vip in (VIP, VIP6):
            wait_until(lambda: len(pair.owners_of(vip)) == 1, f"one owner of {vip} after {history}")
        assert len(pair.who_has()) == 1, history
