# SPDX-License-Identifier: Apache-2.0
"""Every reason to drop a packet, by packets that meet it; and none but the first that applies."""

import re

import pytest
from expect import check_all_encapsulated
from frames import (CLIENT_MAC, ETHERNET_BYTES, IPV4_BYTES, TCP_BYTES, UDP_BYTES, VIP, arp,
                    ethernet, ip_checksummed, ipv4, patched, tcp, udp)
from programs import ROOT
from scapy.layers.inet import ICMP, TCP, UDP, IPOption
from scapy.packet import Raw

IP_AT = ETHERNET_BYTES
UDP_LENGTH_AT = ETHERNET_BYTES + IPV4_BYTES + 4
TCP_OFFSET_AT = ETHERNET_BYTES + IPV4_BYTES + 12


def version_and_ihl(value):
    return ip_checksummed(patched(tcp(), IP_AT, bytes([value])))


def total_length(value, frame=None):
    return ip_checksummed(patched(frame or tcp(), IP_AT + 2, value.to_bytes(2, "big")))


def fragment(frame, flags_and_offset):
    return ip_checksummed(patched(frame, IP_AT + 6, flags_and_offset.to_bytes(2, "big")))


def tcp_cut(size):
    """A well-formed IP packet that holds `size` bytes of a TCP header."""
    return ipv4(Raw(bytes(TCP(dport=80, sport=40000))[:size]), proto=6)


def udp_cut(size):
    return ipv4(Raw(bytes(UDP(dport=53, sport=40000))[:size]), proto=17)


def data_offset(words, frame):
    return patched(frame, TCP_OFFSET_AT, bytes([words << 4]))


# Under the usual configuration.
CASES = {
    "ethernet_truncated": [tcp()[:size] for size in range(1, ETHERNET_BYTES)],
    "ethernet_not_ours": [
        tcp(mac="02:00:00:00:00:02"),
        tcp(mac=CLIENT_MAC),
        tcp(mac="00:00:00:00:00:00"),
        arp(mac="02:00:00:00:00:02"),
        tcp(dst="10.0.0.1", mac="02:00:00:00:00:02"),
    ],
    "arp_malformed": [arp()[:size] for size in range(ETHERNET_BYTES, ETHERNET_BYTES + 28)],
    "ipv4_truncated": [tcp()[:size] for size in range(ETHERNET_BYTES, ETHERNET_BYTES + IPV4_BYTES)],
    "ipv4_version": [version_and_ihl(version << 4 | 5) for version in range(16) if version != 4],
    "ipv4_header_length": [
        *(version_and_ihl(0x40 | words) for words in range(5)),
        tcp(options=[IPOption(b"\x01" * 40)])[:ETHERNET_BYTES + 59],
        patched(tcp(), IP_AT, b"\x4f"),  # 60 bytes of header in a packet of 40
    ],
    "ipv4_total_length": [
        total_length(0),
        total_length(19),
        total_length(41),
        total_length(65535),
        tcp()[:-1],
        total_length(23, tcp(options=[IPOption(b"\x01" * 4)])),
    ],
    "ipv4_checksum": [
        tcp(chksum=0),
        tcp(chksum=0xFFFF),
        patched(tcp(), IP_AT + 8, b"\x07"),
        patched(tcp(options=[IPOption(b"\x01" * 4)]), IP_AT + 20, b"\x02"),
        tcp(dst="10.0.0.1", chksum=1),
    ],
    "ipv4_ttl_zero": [tcp(ttl=0), udp(ttl=0), ipv4(ICMP(), ttl=0)],
    "ipv4_source": [
        *(tcp(src=source) for source in ("0.0.0.0", "127.0.0.1", "127.255.255.255", "224.0.0.1",
                                         "239.1.2.3", "240.0.0.1", "255.255.255.255", VIP)),
        udp(src="127.0.0.1"),
    ],
    "fragment": [
        fragment(tcp(), 0x2000),  # the first of several
        fragment(tcp(), 0x2001),  # one in the middle
        fragment(tcp(), 0x0001),  # the last
        fragment(udp(), 0x1FFF),  # ends beyond 65535
        ipv4(ICMP(), frag=1),
    ],
    "tcp_truncated": [tcp_cut(size) for size in range(TCP_BYTES)],
    "tcp_header_length": [
        *(data_offset(words, tcp()) for words in range(5)),
        *(data_offset(words, tcp()) for words in (6, 15)),
        data_offset(6, tcp(payload=b"xyz")),
        data_offset(6, tcp() + bytes(6)),  # padding is no part of the segment
    ],
    "udp_truncated": [udp_cut(size) for size in range(UDP_BYTES)],
    "udp_length": [
        *(patched(udp(), UDP_LENGTH_AT, bytes([0, size])) for size in range(UDP_BYTES)),
        patched(udp(payload=b"12345"), UDP_LENGTH_AT, bytes([0, UDP_BYTES + 6])),
        patched(udp(), UDP_LENGTH_AT, b"\xff\xff"),
        patched(udp(payload=b""), UDP_LENGTH_AT, b"\x00\x09") + bytes(18),
    ],
    "pool_empty": [tcp(dport=81), tcp(dport=81, flags="A"), tcp(dport=81, flags="R")],
    "no_next_hop": [tcp(dport=82), tcp(dport=82, flags="A", sport=40001)],
    "too_big": [tcp(flags="A", payload=b"x" * size) for size in (1441, 1460)],
}

# Under a configuration of their own: what to replace in the usual one, by what; and the packets.
CONFIGURED_CASES = {
    "no_tunnel_source": ('addresses = ["10.0.0.1/24"]', 'addresses = ["fd00::1/64"]', [tcp()]),
}

# What no capture can show, and where it is tested.
TESTED_ELSEWHERE = {
    "forward_unsupported": "tests/dataplane/packet/pipeline_test.cpp",
    "no_headroom": "tests/dataplane/packet/pipeline_test.cpp",
    "no_kernel_path": "tests/e2e/lab/test_traffic.py",
    "transmit_full": "tests/e2e/lab/test_transmit.py",
}


@pytest.mark.parametrize("reason", CASES)
def test_reason(replay, reason):
    frames = CASES[reason]
    replay(frames).only_dropped(reason, len(frames))


@pytest.mark.parametrize("reason", CONFIGURED_CASES)
def test_reason_of_configuration(replay, edited_config, reason):
    old, new, frames = CONFIGURED_CASES[reason]
    replay(frames, edited_config(old, new)).only_dropped(reason, len(frames))


def test_every_reason_has_a_case(vipctl):
    covered = CASES.keys() | CONFIGURED_CASES.keys() | TESTED_ELSEWHERE.keys()
    assert {row["reason"] for row in vipctl.json("show", "drops", "--all")} == covered


@pytest.mark.parametrize("reason", TESTED_ELSEWHERE)
def test_a_case_elsewhere_exists(reason):
    constant = "k" + "".join(word.capitalize() for word in reason.split("_"))
    assert re.search(rf"\b({constant}|{reason})\b", (ROOT / TESTED_ELSEWHERE[reason]).read_text())


def test_a_frame_cut_at_every_byte_is_dropped_until_it_is_whole(replay):
    whole = tcp(options=[IPOption(b"\x01" * 8)], tcp_fields={"options": [("MSS", 1460)]})
    replayed = replay([whole[:size] for size in range(1, len(whole) + 1)])
    assert replayed.forwarded == 1
    assert sum(replayed.dropped.values()) == len(whole) - 1
    assert set(replayed.dropped) == {"ethernet_truncated", "ipv4_truncated", "ipv4_header_length",
                                     "ipv4_total_length"}


def test_a_datagram_cut_at_every_byte_is_dropped_until_it_is_whole(replay):
    whole = udp(payload=b"question")
    cut = [total_length(size - ETHERNET_BYTES, whole[:size])
           for size in range(ETHERNET_BYTES + IPV4_BYTES, len(whole))]
    replayed = replay([*cut, whole])
    assert replayed.dropped == {"udp_truncated": UDP_BYTES, "udp_length": len(b"question")}
    check_all_encapsulated(replayed, [whole])


def test_an_empty_frame_does_no_harm(replay):
    """A capture may hold one; a wire cannot."""
    replayed = replay([b"", ethernet(Raw(b""))[:ETHERNET_BYTES], tcp()])
    assert replayed.forwarded == 1
