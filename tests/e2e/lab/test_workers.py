# SPDX-License-Identifier: Apache-2.0
"""Two workers, each with a queue: a packet that arrives at another worker than its flow still
reaches the flow's backend.

IPv4 datagrams in fragments are not tested: with this driver, the kernel reassembles them, and they
are larger than a frame can be."""

import pytest
from labs import CLIENT, CLIENT6, NODES, PORTS, VIP, VIP6, restored, up
from path_mtu import forget, learnt_mtu, too_big
from programs import wait_until

both = pytest.mark.parametrize("address", [VIP, VIP6])


@pytest.fixture(scope="module")
def pair_up():
    with up("-pair", DRIVER="af_packet", WORKERS=2) as one:
        yield one


@pytest.fixture
def pair(pair_up):
    with restored(pair_up):
        yield pair_up
    forget(pair_up, *NODES.values())


@both
def test_both_workers_forward(pair, address):
    assert pair.get(100, address).total() == 100
    assert all(row["forwarded"] > 0 for row in pair.vipctl.json("show", "workers"))


@pytest.mark.parametrize("address, size", [(VIP, 1), (VIP6, 1), (VIP6, 8192)])
def test_every_datagram_is_answered(pair, address, size):
    answered = pair.client("datagrams.py", address, str(PORTS["ipip"]), "80", str(size))
    assert sum(answered.values()) == 80


def test_fragments_are_handed_to_the_worker_of_their_datagram(pair):
    def handed():
        return [row["handed_in"] for row in pair.vipctl.json("show", "workers")]

    before = handed()
    pair.client("datagrams.py", VIP6, str(PORTS["ipip"]), "80", "8192")
    assert sum(handed()) > sum(before)


@pytest.mark.parametrize("address, client", [(VIP, CLIENT), (VIP6, CLIENT6)])
def test_packet_too_big_reaches_the_backend_of_its_flow(pair, address, client):
    mtus = {node: 1400 - 8 * number for number, node in enumerate(NODES.values())}
    with too_big(pair, address, PORTS["ipip"], mtus):
        wait_until(lambda: {node: learnt_mtu(pair, node, client) for node in mtus} == mtus,
                   "each backend believes its own", timeout_s=5)
