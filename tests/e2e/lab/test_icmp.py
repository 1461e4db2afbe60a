# SPDX-License-Identifier: Apache-2.0
"""The gateway answers echo requests to a VIP; an ICMP error about a flow goes to its backend."""

import pytest
from labs import CLIENT, CLIENT6, NODES, PORTS, VIP, VIP6
from path_mtu import forget, learnt_mtu, too_big
from programs import wait_until

BACKENDS = NODES.values()


def ping(lab, address, count, data_bytes=56):
    return lab.client("ping.py", address, str(count), str(data_bytes))


@pytest.mark.parametrize("size", [0, 56, 1400])
@pytest.mark.parametrize("address", [VIP, VIP6])
def test_echo_to_a_vip_is_answered_by_the_gateway(lab, address, size):
    before = lab.status()["totals"]["answered"]
    assert ping(lab, address, 20, size) == 20
    wait_until(lambda: lab.status()["totals"]["answered"] >= before + 20, "answers are counted")


@pytest.mark.parametrize("address", ["10.0.0.199", "fd00::199"])
def test_echo_to_no_vip_is_not_answered(lab, address):
    assert ping(lab, address, 3) == 0


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_echo_to_a_vip_that_is_taken_away_is_not_answered(lab, address):
    assert ping(lab, address, 3) == 3
    moved = {VIP: "10.0.0.198", VIP6: "fd00::198"}
    lab.write_config(f'vip = "{address}"', f'vip = "{moved[address]}"')
    lab.apply("--force")
    assert ping(lab, address, 3) == 0
    assert ping(lab, moved[address], 3) == 3


@pytest.fixture
def forgetful(lab):
    yield lab
    forget(lab, *BACKENDS)


@pytest.mark.parametrize("way", PORTS)
@pytest.mark.parametrize("address, client", [(VIP, CLIENT), (VIP6, CLIENT6)])
def test_packet_too_big_reaches_the_backend_of_its_flow(forgetful, address, client, way):
    lab = forgetful
    mtus = {node: 1400 - 8 * number for number, node in enumerate(BACKENDS)}
    with too_big(lab, address, PORTS[way], mtus):
        wait_until(lambda: {node: learnt_mtu(lab, node, client) for node in BACKENDS} == mtus,
                   "each backend believes its own", timeout_s=5)
