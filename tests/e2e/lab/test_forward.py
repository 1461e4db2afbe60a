# SPDX-License-Identifier: Apache-2.0
"""Every forwarding mode, from clients of both address families: HTTP and datagrams."""

import subprocess

import pytest
from labs import GATEWAY, GATEWAY6, PORTS, VIP, VIP6, checked, url
from programs import wait_until

TO_V4 = f"src host {GATEWAY} and ip proto"
TO_V6 = f"src host {GATEWAY6} and ip6 proto"
GUE = "udp and dst port 6080"
# What each mode looks like to tcpdump, between gateway and backend.
ON_THE_WIRE = {
    (VIP, "ipip"): f"{TO_V4} 4",
    (VIP, "ipip-crossed"): f"{TO_V6} 4",
    (VIP, "gue"): f"src host {GATEWAY} and {GUE}",
    (VIP, "gue-crossed"): f"src host {GATEWAY6} and {GUE}",
    (VIP, "l2"): f"ether src 02:00:00:00:00:01 and ip and dst host {VIP}",
    (VIP6, "ipip"): f"{TO_V6} 41",
    (VIP6, "ipip-crossed"): f"{TO_V4} 41",
    (VIP6, "gue"): f"src host {GATEWAY6} and {GUE}",
    (VIP6, "gue-crossed"): f"src host {GATEWAY} and {GUE}",
    (VIP6, "l2"): f"ether src 02:00:00:00:00:01 and ip6 and dst host {VIP6}",
}
ways = pytest.mark.parametrize("address, way", ON_THE_WIRE)


@ways
def test_every_request_succeeds(lab, address, way):
    answered = lab.get(40, address, PORTS[way])
    assert answered.total() == 40
    assert len(answered) > 1


@ways
def test_packets_look_as_configured(lab, address, way):
    # As root: otherwise tcpdump makes its own user the owner of /dev/null.
    with subprocess.Popen(
            [*lab.bridge(), "tcpdump", "-i", "gw1", "-Q", "in", "-c", "1", "-w", "/dev/null",
             "-Z", "root", ON_THE_WIRE[address, way]], stderr=subprocess.PIPE,
            text=True) as capture:
        try:
            assert "listening" in capture.stderr.readline()
            assert lab.get(1, address, PORTS[way]).total() == 1
            wait_until(lambda: capture.poll() == 0, "such a packet passes", timeout_s=5)
        finally:
            capture.terminate()


@ways
def test_a_large_upload_arrives_whole(lab, address, way):
    assert lab.upload(10, address, PORTS[way])


@ways
@pytest.mark.parametrize("size", [8192, 60000])
def test_every_datagram_is_answered_whole(lab, address, way, size):
    """Datagrams of 6 and of 41 fragments."""
    answered = lab.client("datagrams.py", address, str(PORTS[way]), "24", str(size))
    assert sum(answered.values()) == 24
    assert len(answered) > 1


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_a_download_arrives_whole(lab, address):
    answer = checked(lab.shell(
        "client", "curl", "-s", "-g", "--max-time", "60", "-o", "/dev/null",
        "-w", "%{http_code} %{size_download}", "-r", "0-49999999",
        url(address, path="/big")))
    assert answer == "206 50000000"
