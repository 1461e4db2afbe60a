# SPDX-License-Identifier: Apache-2.0
"""Forwarded packets as bytes on the wire; and packets of many kinds in one burst."""

import pytest
from cases.gateways import GATEWAYS
from expect import check_forwarded
from frames import V6, arp, ip_packet, tcp, tcp6, udp

# To services with one backend. A dot stands for a digit that depends on the flow's hash.
GOLDEN = {
    "IPv4 in IPv4": (
        "020000000001 020000000050 0800"
        "4510 0028 1234 4000 40 06 13f7 0a000032 0a000064"
        "9c40 1f40 00000001 00000000 50 02 2000 abcd 0000",
        "020000000012 020000000001 0800"
        "4510 003c 1234 4000 40 04 146e 0a000001 0a00000c"
        "4510 0028 1234 4000 40 06 13f7 0a000032 0a000064"
        "9c40 1f40 00000001 00000000 50 02 2000 abcd 0000"),
    "IPv6 in IPv6": (
        "020000000001 020000000050 86dd"
        "61012345 0014 06 40 fd000000000000000000000000000050 fd000000000000000000000000000100"
        "9c40 1f40 00000001 00000000 50 02 2000 abcd 0000",
        "020000000612 020000000001 86dd"
        "610..... 003c 29 40 fd000000000000000000000000000001 fd000000000000000000000000000012"
        "61012345 0014 06 40 fd000000000000000000000000000050 fd000000000000000000000000000100"
        "9c40 1f40 00000001 00000000 50 02 2000 abcd 0000"),
    "an ARP request": (
        "ffffffffffff 020000000050 0806"
        "0001 0800 06 04 0001 020000000050 0a000032 000000000000 0a000064",
        "020000000050 020000000001 0806"
        "0001 0800 06 04 0002 020000000001 0a000064 020000000050 0a000032"),
    "a neighbor solicitation": (
        "3333ff000100 020000000050 86dd"
        "60000000 0020 3a ff fd000000000000000000000000000050 ff0200000000000000000001ff000100"
        "87 00 7afd 00000000 fd000000000000000000000000000100 01 01 020000000050",
        "020000000050 020000000001 86dd"
        "60000000 0020 3a ff fd000000000000000000000000000100 fd000000000000000000000000000050"
        "88 00 9a4f e0000000 fd000000000000000000000000000100 02 01 020000000001"),
    "an echo request": (
        "020000000001 020000000050 0800"
        "4510 001e 1234 4000 07 01 4d06 0a000032 0a000064"
        "08 00 f5fd 0001 0001 0200",
        "020000000050 020000000001 0800"
        "4510 001e 1234 4000 40 01 1406 0a000064 0a000032"
        "00 00 fdfd 0001 0001 0200"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_packet(replay, name):
    sent, wanted = (text.replace(" ", "") for text in GOLDEN[name])
    replayed = replay([bytes.fromhex(sent)])
    assert len(replayed.out) == 1, replayed.report
    got = replayed.out[0].hex()
    assert [a if b != "." else b for a, b in zip(got, wanted)] == list(wanted), got
    assert len(got) == len(wanted)


def test_golden_packet_is_counted(replay):
    replayed = replay([bytes.fromhex(GOLDEN["IPv4 in IPv4"][0])])
    assert replayed.report["services"]["range"] == {"packets": 1, "bytes": 40}
    assert replayed.report["backends"]["range/range1"] == {"packets": 1, "bytes": 40}
    assert replayed.forwarded == replayed.transmitted == 1


def test_many_kinds_of_packets_in_one_burst_do_not_affect_each_other(replay):
    kinds = [tcp(), arp(), udp(), tcp(dst="10.0.0.1"), tcp6(), tcp(ttl=0), tcp(dport=8050),
             V6.udp(dport=443), tcp6(dport=79)]
    services = ["web", None, "dns", None, "web6", None, "range", "quic6", None]
    replayed = replay(kinds * 40)
    assert (replayed.forwarded, replayed.answered, replayed.to_kernel) == (200, 40, 80)
    assert replayed.dropped == {"ipv4_ttl_zero": 40}
    assert {name: row["packets"] for name, row in replayed.services.items() if row["packets"]} == {
        name: 40 for name in services if name}
    forwarded = [frame for frame in replayed.out if frame[12:14] != b"\x08\x06"]
    wanted = [(frame, service) for frame, service in zip(kinds, services) if service] * 40
    for out, (frame, service) in zip(forwarded, wanted):
        check_forwarded(out, ip_packet(frame), service, GATEWAYS["usual"])
