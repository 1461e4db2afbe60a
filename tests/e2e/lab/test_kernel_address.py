# SPDX-License-Identifier: Apache-2.0
"""`kernel_address`: the owner's kernel has the VIPs as well, for services of the machine itself.
And `accept = false`: only services are reached at the VIPs."""

import contextlib
import json
import subprocess

import pytest
from labs import HERE, VIP, VIP6, checked
from local_service import download, serving
from pairs import VIPS, group_text, up
from programs import wait_until

DEVICE = "up0"
CHECK = ('check = { type = "tcp", port = 80, via = "tunnel", interval_ms = 200, '
         'timeout_ms = 200 }')
NOBODY = set()
BOTH = set(VIPS)


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


@pytest.fixture
def local_pair(pair):
    for gateway in pair.gateways:
        gateway.configure("id = 51\n", "id = 51\nkernel_address = true\n")
    await_vips(pair, BOTH, NOBODY)
    return pair


def vips_in_kernel(pair, node):
    shown = json.loads(checked(pair.shell(node, "ip", "-j", "address", "show", "dev", DEVICE)))
    return {one["local"] for one in shown[0]["addr_info"]} & BOTH


def await_vips(pair, *wanted):
    """Waits until the kernels have these VIPs, given by gateway."""
    wait_until(lambda: [vips_in_kernel(pair, gateway.name) for gateway in pair.gateways]
               == list(wanted), f"the kernels have {wanted}")


def ping(pair, address, count):
    """How many of `count` echo requests are answered."""
    return json.loads(checked(pair.shell("client", HERE / "ping.py", address, str(count))))


@contextlib.contextmanager
def watched_addresses(pair, node):
    """Yields a function that ends the watch and returns the VIPs that were removed meanwhile."""
    with subprocess.Popen([*pair.scripts_lab, "shell", node, "ip", "monitor", "address"],
                          stdout=subprocess.PIPE, text=True) as monitor:
        def removed():
            monitor.terminate()
            lines = monitor.stdout.read().splitlines()
            return [vip for vip in VIPS for line in lines
                    if line.startswith("Deleted") and f" {vip}/" in line]
        try:
            yield removed
        finally:
            monitor.terminate()


def test_no_kernel_has_a_vip_unless_configured(pair):
    for moves in (("backup", "active"), ("active", "backup")):
        assert [vips_in_kernel(pair, gateway.name) for gateway in pair.gateways] == [NOBODY, NOBODY]
        mover = pair.gateways[moves.index("backup")]
        assert mover.vipctl("group", "handover", "edge").returncode == 0
        pair.await_states(*moves)
    assert [vips_in_kernel(pair, gateway.name) for gateway in pair.gateways] == [NOBODY, NOBODY]


@pytest.mark.parametrize("address", VIPS)
def test_a_local_service_is_reached_at_the_vip_beside_balanced_ones(local_pair, tmp_path, address):
    (tmp_path / "file").write_bytes(bytes(2_000_000))
    # The kernel sends its ARP request for the client from the VIP: it must get the answer.
    checked(local_pair.shell("gw1", "ip", "neighbor", "flush", "dev", DEVICE))
    with serving(local_pair, "gw1", address, tmp_path):
        assert download(local_pair, address, "/file") == 2_000_000
        assert local_pair.requests(5, address) == 5
    assert ping(local_pair, address, 5) == 5
    assert local_pair.who_has() == ["gw1"]


def test_the_gateway_does_not_send_from_the_vips(local_pair):
    assert local_pair.gw1.group()["source"] == "10.0.0.1"
    ports = local_pair.gw1.vipctl.json("show", "ports")
    assert not BOTH & set(json.dumps(ports).replace('"', " ").split())


def test_the_addresses_follow_the_ownership(local_pair):
    assert local_pair.gw1.vipctl("group", "handover", "edge").returncode == 0
    await_vips(local_pair, NOBODY, BOTH)
    assert local_pair.who_has() == ["gw2"]
    assert local_pair.requests(5) == local_pair.requests(5, VIP6) == 5


def test_the_death_of_a_dataplane_removes_the_addresses(local_pair):
    local_pair.gw1.stop("dataplane", kill=True)
    await_vips(local_pair, NOBODY, BOTH)
    local_pair.gw1.start("dataplane")
    await_vips(local_pair, BOTH, NOBODY)


@pytest.mark.parametrize("removal, removed", [
    (["del", f"{VIP}/32"], 1), (["del", f"{VIP6}/128"], 1), (["flush", "to", f"{VIP}/32"], 1)])
def test_a_removed_address_is_restored(local_pair, removal, removed):
    before = local_pair.gw1.group()["kernel_address"]["repairs"]
    checked(local_pair.shell("gw1", "ip", "address", *removal, "dev", DEVICE))
    wait_until(lambda: vips_in_kernel(local_pair, "gw1") == BOTH, "it is back", timeout_s=1)
    wait_until(lambda: local_pair.gw1.group()["kernel_address"]
               == {"present": 2, "repairs": before + removed, "problem": None}, "it is counted")
    log = (local_pair.gw1.directory / "gw1.control.log").read_text()
    assert f"{removed} of its VIPs had been removed from {DEVICE}; added them again" in log
    assert local_pair.states() == ("active", "backup")


def test_the_kernel_has_no_vip_before_the_dataplane_keeps_it_from_answering(pair):
    with pair.gw1.frozen("dataplane"):
        pair.gw1.configure("id = 51\n", "id = 51\nkernel_address = true\n")
        assert vips_in_kernel(pair, "gw1") == NOBODY
    await_vips(pair, BOTH, NOBODY)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "stopped"])
def test_a_restart_of_control_leaves_the_addresses_alone(local_pair, kill):
    with watched_addresses(local_pair, "gw1") as removed:
        for _ in range(3):
            local_pair.gw1.stop("control", kill)
            assert vips_in_kernel(local_pair, "gw1") == BOTH
            local_pair.gw1.start("control")
            local_pair.await_states("active", "backup")
        wait_until(lambda: local_pair.gw1.group()["kernel_address"]["present"] == 2, "it has them")
        assert removed() == []
    assert vips_in_kernel(local_pair, "gw1") == BOTH
    shown = checked(local_pair.shell("gw1", "ip", "address", "show", "dev", DEVICE, "permanent"))
    assert all(f" {vip}/" in shown for vip in VIPS), "for good"


def test_after_control_ends_the_addresses_go_with_the_ownership(local_pair):
    local_pair.gw1.configure("id = 51\n", "id = 51\nhold_ms = 2000\n")
    local_pair.gw1.stop("control")
    assert vips_in_kernel(local_pair, "gw1") == BOTH, "the dataplane still owns them"
    wait_until(lambda: local_pair.gw2.state() == "active", "gw2 takes over")
    await_vips(local_pair, NOBODY, BOTH)
    local_pair.gw1.start("control")
    await_vips(local_pair, BOTH, NOBODY)


@pytest.mark.parametrize("old, new", [
    ("kernel_address = true", "kernel_address = false"),
    (f', "{VIP6}"]', "]\n" + group_text("six", 52, VIP6, priority=1))])
def test_an_address_that_is_no_longer_configured_is_removed(local_pair, old, new):
    local_pair.gw1.configure(old, new)
    kept = NOBODY if "false" in new else {VIP}
    await_vips(local_pair, kept, NOBODY)


def test_what_a_dead_gateway_leaves_behind_is_removed_and_does_not_answer(local_pair):
    for process in ("control", "dataplane"):
        local_pair.gw1.stop(process, kill=True)
    wait_until(lambda: local_pair.gw2.state() == "active", "gw2 takes over")
    await_vips(local_pair, BOTH, BOTH)
    assert local_pair.who_has() == ["gw2"]
    assert local_pair.requests(5) == local_pair.requests(5, VIP6) == 5
    local_pair.gw1.start("control")
    await_vips(local_pair, NOBODY, BOTH)


def test_backends_are_checked_through_the_tunnel_although_the_kernel_has_the_vips(local_pair):
    def health():
        return {(row["pool"], row.get("health")) for row in
                local_pair.gw1.vipctl.json("show", "backends")}

    for pool in ("web", "web6"):
        local_pair.gw1.configure(f'name = "{pool}"\nbackend', f'name = "{pool}"\n{CHECK}\nbackend')
    wait_until(lambda: health() == {("web", "up"), ("web6", "up")}, "all answer from the VIPs")
    assert local_pair.states() == ("active", "backup")


def test_vips_that_accept_only_services_still_serve(pair):
    for gateway in pair.gateways:
        gateway.configure("id = 51\n", "id = 51\naccept = false\n")

    def refused():
        drops = pair.gw1.vipctl.json("show", "drops", "--all")
        return next(row["packets"] for row in drops if row["reason"] == "vip_not_accepted")

    wait_until(lambda: ping(pair, VIP, 1) == 0, "the dataplane knows")
    for vip in VIPS:
        before = refused()
        assert ping(pair, vip, 3) == 0
        assert refused() == before + 3
        assert pair.requests(5, vip) == 5
    assert pair.who_has() == ["gw1"]
    assert pair.gw1.group()["accept"] is False
