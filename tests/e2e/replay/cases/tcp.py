# SPDX-License-Identifier: Apache-2.0
"""TCP: the gateway checks only what it needs to find the service; the backend checks the rest."""

from cases.case import dropped, forwarded, to_kernel
from frames import ETHERNET_BYTES, FAMILIES, TCP_BYTES, V4, patched
from scapy.layers.inet import TCP
from scapy.packet import Raw

OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 2)), ("WScale", 7)]


def cut(ip, size):
    """A well-formed IP packet that holds `size` bytes of a TCP header."""
    return ip.ip(Raw(bytes(TCP(dport=80, sport=40000))[:size]), proto=6)


def data_offset(ip, words, frame):
    return patched(frame, ETHERNET_BYTES + ip.header_bytes + 12, bytes([words << 4]))


def cases_of(ip):
    web = "web" + ip.suffix
    at = ", " + ip.name
    yield forwarded(29, "a SYN" + at, web, [
        ip.tcp(), ip.tcp(sport=1), ip.tcp(sport=65535), ip.tcp(tcp_fields={"options": OPTIONS})])
    for port in range(43000, 43008):
        yield forwarded(30, f"a flow from its SYN on, {port}{at}", web, [
            ip.tcp(sport=port, flags=flags) for flags in ("S", "A", "PA", "A", "FA", "A", "R")],
            flow=(ip.name, port))
    yield forwarded(30, "an ACK without state" + at, web, [
        ip.tcp(sport=port, flags="A", payload=b"data") for port in range(43100, 43104)])
    yield forwarded(31, "RST and FIN without state" + at, web, [
        ip.tcp(sport=43200 + i, flags=flags) for i, flags in enumerate(("R", "RA", "F", "FA"))])
    yield forwarded(32, "flags that no TCP sends" + at, web, [
        ip.tcp(sport=43300 + i, flags=flags)
        for i, flags in enumerate(("", "FPU", "SF", "SR", "SFRPAUEC"))])
    yield dropped(33, "a TCP header cut short" + at, "tcp_truncated",
                  [cut(ip, size) for size in range(0 if ip is V4 else 1, TCP_BYTES)])
    yield dropped(34, "a data offset below 5 or beyond the segment" + at, "tcp_header_length", [
        *(data_offset(ip, words, ip.tcp()) for words in (0, 1, 2, 3, 4, 6, 15)),
        data_offset(ip, 6, ip.tcp(payload=b"xyz")),
        data_offset(ip, 6, ip.tcp() + bytes(6)),  # padding does not belong to the segment
    ])
    yield forwarded(35, "options of length 0, and to the end" + at, web, [
        ip.ip(Raw(segment_with(options)), proto=6)
        for options in (b"\x02\x00\x00\x00", b"\x01" * 40, b"\xfe\xff\x00\x00")])
    yield forwarded(36, "a wrong checksum is for the backend to judge" + at, web, [
        ip.tcp(sport=43500 + chksum % 7, tcp_fields={"chksum": chksum})
        for chksum in (0, 0x1234, 0xFFFF)])
    yield to_kernel(38, "TCP to port 0, which has no service" + at, [ip.tcp(dport=0)])
    yield forwarded(38, "TCP from port 0" + at, web, [ip.tcp(sport=0)])
    yield to_kernel(39, "TCP to ports without a service" + at,
                    [ip.tcp(dport=port) for port in (79, 53, 443, 65535)])
    yield forwarded(40, "the first and the last port of a range" + at, "range" + ip.suffix,
                    [ip.tcp(dport=port) for port in (8000, 8050, 8099)])
    yield to_kernel(40, "one port before and one after a range" + at,
                    [ip.tcp(dport=port) for port in (7999, 8100)])


def segment_with(options):
    segment = bytes(TCP(sport=43400, dport=80, flags="S", dataofs=5 + len(options) // 4))
    return segment + options


CASES = [case for ip in FAMILIES for case in cases_of(ip)]
