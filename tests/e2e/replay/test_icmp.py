# SPDX-License-Identifier: Apache-2.0
"""Many echo requests to a VIP; cases/icmp.py has the cases of single packets."""

import struct

import pytest
from cases.icmp import echo_pair
from frames import ETHERNET_BYTES, FAMILIES, V4, ip_packet, patched
from scapy.layers.inet import ICMP
from scapy.layers.inet6 import ICMPv6EchoReply


def numbered(frame, identifier, checksum_at):
    """The echo message with this identifier, its checksum updated as RFC 1624 describes."""
    old = struct.unpack_from("!H", frame, checksum_at + 2)[0]
    checksum = struct.unpack_from("!H", frame, checksum_at)[0]
    total = (~checksum & 0xFFFF) + (~old & 0xFFFF) + identifier
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return patched(frame, checksum_at, struct.pack("!HH", ~total & 0xFFFF, identifier))


@pytest.mark.parametrize("ip", FAMILIES, ids=lambda ip: ip.name)
def test_echo_requests_with_all_identifiers_are_answered(replay, ip):
    question, answer = echo_pair(ip, identifier=0)
    checksum_at = ETHERNET_BYTES + ip.header_bytes + 2
    replayed = replay(numbered(question, i, checksum_at) for i in range(65536))
    assert replayed.answered == 65536
    for identifier, got in enumerate(replayed.out):
        wanted = numbered(answer, identifier, checksum_at)
        assert got == wanted or got == scapy_checksummed(wanted, ip), identifier


def scapy_checksummed(frame, ip):
    """The checksum as scapy computes it: 0 and 0xffff are the same number to it, but not the same
    bytes."""
    packet = ip.header(ip_packet(frame))
    if ip is V4:
        packet[ICMP].chksum = None
    else:
        packet[ICMPv6EchoReply].cksum = None
    return frame[:ETHERNET_BYTES] + bytes(packet)


@pytest.mark.parametrize("ip", FAMILIES, ids=lambda ip: ip.name)
def test_echo_payloads_of_all_lengths_are_answered(replay, ip):
    pairs = [echo_pair(ip, (b"\xff\x00\x7f" * 500)[:size]) for size in range(0, 1400, 7)]
    replayed = replay(question for question, _ in pairs)
    assert replayed.out == [answer for _, answer in pairs]
