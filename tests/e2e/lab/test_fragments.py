# SPDX-License-Identifier: Apache-2.0
"""Datagrams whose fragments arrive out of order, beside a flood of orphans: fragments whose
datagrams never complete."""

import pytest
from labs import PORTS, VIP, VIP6

DATAGRAMS = 1000
ORPHANS_PER_S = 20_000


@pytest.mark.parametrize("address", [VIP, VIP6])
def test_orphan_fragments_do_not_displace_datagrams_that_are_completing(lab, address):
    [gateway] = lab.vipctl.json("show", "ports")
    before = lab.drops()
    sent = lab.client("orphans.py", "eth0", gateway["mac"], address, str(PORTS["ipip"]),
                      str(DATAGRAMS), str(ORPHANS_PER_S))
    dropped = {reason: packets - before[reason] for reason, packets in lab.drops().items()
               if packets > before[reason]}
    assert sent["returned"] == DATAGRAMS, (sent, dropped)
    assert sent["orphans_per_s"] >= ORPHANS_PER_S / 2, sent  # a condition of this test
    assert dropped.get("fragment_timeout", 0) >= sent["orphans"] / 2, (sent, dropped)
