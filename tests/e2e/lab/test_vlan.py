# SPDX-License-Identifier: Apache-2.0
"""A tagged uplink, with one tag and with two."""

import pytest
from labs import PORTS, VIP, VIP6, restored, up

both = pytest.mark.parametrize("address", [VIP, VIP6])


@pytest.fixture(scope="module", params=["100", "200.100"], ids=["tagged", "QinQ"])
def tagged_up(request):
    with up("-vlan", VLAN=request.param) as one:
        yield one


@pytest.fixture
def tagged(tagged_up):
    with restored(tagged_up):
        yield tagged_up


@both
@pytest.mark.parametrize("way", PORTS)
def test_every_request_succeeds(tagged, address, way):
    assert tagged.get(20, address, PORTS[way]).total() == 20


@both
def test_a_large_upload_arrives_whole(tagged, address):
    assert tagged.upload(10, address)


@both
def test_datagrams_in_fragments_are_answered(tagged, address):
    answered = tagged.client("datagrams.py", address, str(PORTS["ipip"]), "24", "8192")
    assert sum(answered.values()) == 24


@both
def test_echo_to_a_vip_is_answered(tagged, address):
    assert tagged.client("ping.py", address, "10") == 10
