# SPDX-License-Identifier: Apache-2.0
"""A port that DPDK has to itself: packets of no service pass through a tap to the kernel and
back."""

import subprocess

import pytest
from frames import udp
from labs import CLIENT, GATEWAY, GATEWAY6, HERE, VIP, VIP6, checked
from local_service import download, serving
from programs import wait_until

GATEWAY_MAC = "02:00:00:00:00:01"
FLOOD = 100_000_000  # more than can be sent in the time of the test


def to_kernel(lab):
    return lab.status()["totals"]["to_kernel"]


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_services_work(whole_port, address):
    assert whole_port.get(40, address).total() == 40
    assert whole_port.client("ping.py", address, "10") == 10


@pytest.mark.parametrize("address", [GATEWAY, GATEWAY6])
@pytest.mark.parametrize("size", [56, 1400])
def test_the_gateways_own_address_answers(whole_port, address, size):
    before = to_kernel(whole_port)
    assert whole_port.client("ping.py", address, "10", str(size)) == 10
    assert to_kernel(whole_port) >= before + 10


@pytest.mark.parametrize("address", [GATEWAY, GATEWAY6])
def test_connections_with_the_gateway_itself_work(whole_port, tmp_path, address):
    (tmp_path / "file").write_bytes(bytes(5_000_000))
    with serving(whole_port, "gw1", address, tmp_path):
        assert download(whole_port, address, "/file") == 5_000_000


def test_the_gateway_reaches_others(whole_port):
    answer = whole_port.shell("gw1", "curl", "-s", "--max-time", "5", "http://10.0.0.11/")
    assert answer.stdout == "be1\n"


def test_multicast_passes_both_ways(whole_port):
    for listener, heard_at, sender, sent_from in (
            ("gw1", GATEWAY, "client", CLIENT), ("client", CLIENT, "gw1", GATEWAY)):
        with subprocess.Popen(
                [*whole_port.scripts_lab, "shell", listener, HERE / "multicast.py", "hear",
                 heard_at], stdout=subprocess.PIPE, text=True) as hearing:
            try:
                assert hearing.stdout.readline() == "listening\n"
                checked(whole_port.shell(sender, HERE / "multicast.py", "send", sent_from, "hello"))
                assert wait_until(lambda: hearing.poll() is not None, "it is heard") is True
                assert hearing.stdout.readline() == "hello\n"
            finally:
                hearing.terminate()


def test_a_flood_for_the_kernel_does_not_starve_services(whole_port):
    before = whole_port.drops()["kernel_path_full"]
    frame = udp(dst=GATEWAY, dport=9, mac=GATEWAY_MAC)
    with subprocess.Popen([*whole_port.scripts_lab, "shell", "client", HERE / "flood.py", "eth0",
                           str(FLOOD), frame.hex()]) as flood:
        try:
            wait_until(lambda: whole_port.drops()["kernel_path_full"] > before, "the limit is met")
            assert whole_port.get(40).total() == 40
            assert whole_port.get(40, VIP6).total() == 40
            assert flood.poll() is None
        finally:
            flood.terminate()


def test_a_restarted_dataplane_restores_the_path_to_the_kernel(whole_port):
    whole_port.stop("dataplane", kill=True)
    whole_port.start("dataplane")
    whole_port.settle()
    assert whole_port.get(20).total() == 20
    wait_until(lambda: whole_port.client("ping.py", GATEWAY, "1") == 1, "the kernel answers")


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_a_local_service_is_reached_at_a_vip_that_the_kernel_has_as_well(
        whole_port, tmp_path, address):
    group = ('[[group]]\nname = "edge"\nport = "uplink"\nid = 51\nadvert_interval_ms = 50\n'
             f'vips = ["{VIP}", "{VIP6}"]\nkernel_address = true\n\n')
    pool = '[[pool]]\nname = "web"\n'
    whole_port.write_config(pool, group + pool)
    whole_port.apply()

    def kernel_has_the_vips():
        [edge] = whole_port.vipctl.json("show", "groups")
        return edge["kernel_address"]["present"] == 2

    wait_until(kernel_has_the_vips, "the group owns its VIPs")
    (tmp_path / "file").write_bytes(bytes(2_000_000))
    with serving(whole_port, "gw1", address, tmp_path):
        assert download(whole_port, address, "/file") == 2_000_000
        assert whole_port.get(20, address).total() == 20
