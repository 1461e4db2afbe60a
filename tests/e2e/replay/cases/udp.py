# SPDX-License-Identifier: Apache-2.0
"""UDP: lengths, ports and checksums."""

from cases.case import dropped, forwarded, to_kernel
from frames import ETHERNET_BYTES, FAMILIES, UDP_BYTES, V4, V6, patched
from scapy.layers.inet import UDP
from scapy.packet import Raw

QUIC_INITIAL = bytes.fromhex("c3 00000001 08 0001020304050607 00 00 449e") + bytes(1182)
QUIC_SHORT = bytes.fromhex("43 0001020304050607 17") + bytes(40)


def cut(ip, size):
    return ip.ip(Raw(bytes(UDP(dport=53, sport=40000))[:size]), proto=17)


def length(ip, value, frame):
    return patched(frame, ETHERNET_BYTES + ip.header_bytes + 4, value.to_bytes(2, "big"))


def cases_of(ip):
    dns = "dns" + ip.suffix
    at = ", " + ip.name
    yield forwarded(41, "a wrong checksum is for the backend to judge" + at, dns,
                    [ip.udp(udp_fields={"chksum": 0xBEEF})])
    yield dropped(42, "a UDP header cut short" + at, "udp_truncated",
                  [cut(ip, size) for size in range(0 if ip is V4 else 1, UDP_BYTES)])
    yield dropped(42, "a UDP length below 8 or beyond the datagram" + at, "udp_length", [
        *(length(ip, size, ip.udp()) for size in range(UDP_BYTES)),
        length(ip, UDP_BYTES + 6, ip.udp(payload=b"12345")),
        length(ip, 65535, ip.udp()),
        length(ip, 9, ip.udp(payload=b"") + bytes(18)),  # padding does not belong to the datagram
    ])
    yield forwarded(43, "a UDP length below the payload's" + at, dns, [
        length(ip, size, ip.udp(payload=b"longer than UDP says")) for size in (8, 10)])
    yield forwarded(44, "no payload" + at, dns, [ip.udp(payload=b"")])
    for port in range(44000, 44008):
        yield forwarded(45, f"QUIC, long and short headers, {port}{at}", "quic" + ip.suffix, [
            ip.udp(sport=port, dport=443, payload=payload)
            for payload in (QUIC_INITIAL, QUIC_SHORT, QUIC_SHORT)], flow=(ip.name, port))
    yield to_kernel(38, "UDP to port 0, which has no service" + at, [ip.udp(dport=0)])
    yield forwarded(38, "any port, port 0 too" + at, "any" + ip.suffix, [
        ip.udp(dst=ip.other_vip, dport=port) for port in (0, 1, 53, 6080, 65535)])
    yield to_kernel(39, "UDP to ports without a service" + at,
                    [ip.udp(dport=port) for port in (80, 54, 65535)])
    yield to_kernel(40, "any port is not any protocol" + at, [ip.tcp(dst=ip.other_vip, dport=53)])


CASES = [
    forwarded(41, "no checksum over IPv4", "dns", [V4.udp(udp_fields={"chksum": 0})]),
    dropped(41, "no checksum over IPv6", "udp_checksum", [
        V6.udp(udp_fields={"chksum": 0}), V6.udp(udp_fields={"chksum": 0}, payload=b"")]),
    *(case for ip in FAMILIES for case in cases_of(ip)),
]
