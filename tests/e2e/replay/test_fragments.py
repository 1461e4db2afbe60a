# SPDX-License-Identifier: Apache-2.0
"""Fragments: the order in which they leave, and many datagrams at a time. cases/fragments.py has
the cases of single datagrams."""

import random

import pytest
from cases.fragmenting import udp_in
from cases.gateways import GATEWAYS
from expect import unwrapped
from frames import FAMILIES, V4, from_flows, ip_packet

TABLE_DATAGRAMS = 1024
GATEWAY = GATEWAYS["usual"]


def packets(replayed):
    return [unwrapped(frame, GATEWAY) for frame in replayed.out]


@pytest.mark.parametrize("ip", FAMILIES, ids=lambda ip: ip.name)
def test_fragments_that_waited_leave_in_order_of_arrival(replay, ip):
    first, *rest = udp_in(ip, 50000, size=400).cut(*range(16, 400, 16))
    random.Random(1).shuffle(rest)
    replayed = replay([*rest, first])
    assert replayed.forwarded == len(rest) + 1
    waited = [packet for packet in packets(replayed) if packet != ip_packet(first)]
    assert waited == [ip_packet(frame) for frame in rest]


@pytest.mark.parametrize("ip", FAMILIES, ids=lambda ip: ip.name)
def test_many_datagrams_in_any_order(replay, ip):
    """All fragments of 400 datagrams, shuffled together."""
    heap = [frame for sport in range(20000, 20400) for frame in udp_in(ip, sport).cut(16, 32, 48)]
    random.Random(2).shuffle(heap)
    replayed = replay(heap)
    assert replayed.forwarded == len(heap)
    assert sorted(packets(replayed)) == sorted(map(ip_packet, heap))


def test_an_identification_may_be_reused(replay):
    """Once a datagram has passed as a whole, the next one may have its identification."""
    for ip in FAMILIES:
        datagram = udp_in(ip, 50001).cut(16, 32, 48)
        assert replay(datagram * 50).forwarded == 200


def test_too_many_datagrams_at_once_lose_only_fragments_that_wait(replay):
    """Only fragments that wait for the first of their datagram are dropped, and counted."""
    head, tail = udp_in(V4, 50002).cut(16)
    senders = [(0x0B000001 + i, 50002) for i in range(4 * TABLE_DATAGRAMS)]
    heads, tails = list(from_flows(head, senders)), list(from_flows(tail, senders))
    whole = V4.udp(dport=443)
    replayed = replay([*heads, whole])
    assert replayed.forwarded == len(heads) + 1
    replayed = replay([*tails, whole, *heads])
    assert set(replayed.dropped) <= {"fragment_timeout", "no_buffer"}
    assert replayed.forwarded >= 1 + len(heads)
