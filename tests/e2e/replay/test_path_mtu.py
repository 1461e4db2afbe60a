# SPDX-License-Identifier: Apache-2.0
"""Path MTU discovery through the gateway. cases/too_big.py has the cases of single packets."""

import pytest
from cases.icmp import about, quoted, too_big
from cases.too_big import with_df
from frames import ETHERNET_BYTES, FAMILIES, V4, ip_checksummed, patched

# Answers in 100 ms, and in a second, to flows that have not lasted.
PER_STEP = 50
PER_SECOND = 500
PER_SOURCE = 40  # in a second


@pytest.mark.parametrize("ip", FAMILIES, ids=lambda ip: ip.name)
def test_a_source_has_a_share_of_the_answers_and_the_rest_is_dropped_with_a_reason(replay, ip):
    frame, port_at = with_df(ip, 1500, 1), ETHERNET_BYTES + ip.header_bytes
    frames = [patched(frame, port_at, sport.to_bytes(2, "big")) for sport in range(1, 2001)]
    replayed = replay(frames)
    assert PER_SOURCE <= replayed.answered <= 2 * PER_SOURCE, "one second, or parts of two"
    assert replayed.dropped == {"too_big": len(frames) - replayed.answered}


@pytest.mark.parametrize("ip", FAMILIES, ids=lambda ip: ip.name)
def test_answers_to_all_sources_are_limited(replay, ip):
    frame, source_at = with_df(ip, 1500, 1), ETHERNET_BYTES + (12 if ip is V4 else 8)
    frames = []
    for number in range(2000):
        source = (bytes([198, 18]) if ip is V4 else bytes.fromhex("20010db80000")) \
            + number.to_bytes(2, "big")
        one = patched(frame, source_at, source)
        frames.append(ip_checksummed(one) if ip is V4 else one)
    replayed = replay(frames)
    assert PER_STEP <= replayed.answered <= PER_SECOND
    assert replayed.dropped == {"too_big": len(frames) - replayed.answered}


def test_the_backend_learns_of_a_smaller_mtu_on_the_path_to_the_client(replay):
    """The error goes to the backend of the flow, although its source is a router."""
    for ip in FAMILIES:
        frames = []
        for sport in range(30000, 30100):
            frames += [ip.tcp(sport=sport), about(ip, quoted(ip, sport), too_big(ip, 1280))]
        replayed = replay(frames)
        macs = [frame[:6] for frame in replayed.out]
        assert len(set(macs)) == 3
        assert macs[::2] == macs[1::2]
