# SPDX-License-Identifier: Apache-2.0
"""All links have an MTU of 1500, so a full packet does not fit into a tunnel: the gateway tells the
client, or fragments what may be fragmented, and everything arrives."""

import pytest
from labs import PORTS, VIP, VIP6, checked, restored, up, url
from path_mtu import forget, learnt_mtu

# Bytes that each forwarding mode adds to a packet.
ADDED = {
    (VIP, "ipip"): 20, (VIP, "ipip-crossed"): 40, (VIP, "gue"): 32, (VIP, "gue-crossed"): 52,
    (VIP, "l2"): 0,
    (VIP6, "ipip"): 40, (VIP6, "ipip-crossed"): 20, (VIP6, "gue"): 52, (VIP6, "gue-crossed"): 32,
    (VIP6, "l2"): 0,
}
ways = pytest.mark.parametrize("address, way", ADDED)


@pytest.fixture(scope="module")
def narrow_up():
    with up("-narrow", MTU=1500) as one:
        yield one


@pytest.fixture
def narrow(narrow_up):
    """The lab, before the client has learnt an MTU of the path."""
    forget(narrow_up, "client")
    with restored(narrow_up):
        yield narrow_up


@ways
def test_an_upload_completes_once_the_client_is_told(narrow, address, way):
    assert narrow.upload(10, address, PORTS[way])
    told = 1500 - ADDED[address, way] if ADDED[address, way] else None
    assert learnt_mtu(narrow, "client", address) == told


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_a_download_completes(narrow, address):
    answer = checked(narrow.shell(
        "client", "curl", "-s", "-g", "--max-time", "30", "-o", "/dev/null", "-r", "0-19999999",
        "-w", "%{size_download}", url(address, path="/big")))
    assert answer == "20000000"


@pytest.fixture
def without_discovery(narrow):
    setting = "net.ipv4.ip_no_pmtu_disc"
    checked(narrow.shell("client", "sysctl", "-qw", f"{setting}=1"))
    yield narrow
    checked(narrow.shell("client", "sysctl", "-qw", f"{setting}=0"))


@pytest.mark.parametrize("way", PORTS)
def test_an_upload_that_may_be_fragmented_is(without_discovery, way):
    assert without_discovery.upload(10, VIP, PORTS[way])
    assert learnt_mtu(without_discovery, "client", VIP) is None


@ways
def test_every_datagram_is_answered(narrow, address, way):
    """Fragments that are too big are fragmented again; over IPv6, the sender sends smaller ones."""
    answered = narrow.client("datagrams.py", address, str(PORTS[way]), "24", "8192", "5")
    assert sum(answered.values()) == 24
