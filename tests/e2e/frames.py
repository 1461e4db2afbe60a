# SPDX-License-Identifier: Apache-2.0
"""Makes the frames, as bytes, that the client of replay/gateway.toml sends over IPv4 and IPv6.

The IPv6 functions take the IPv4 names of fields that both versions have (ttl, tos, proto, len).
"""

import struct
from typing import Callable, NamedTuple

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

CLIENT = "10.0.0.50"
CLIENT6 = "fd00::50"
CLIENT_MAC = "02:00:00:00:00:50"
GATEWAY = "10.0.0.1"
GATEWAY6 = "fd00::1"
GATEWAY_MAC = "02:00:00:00:00:01"
BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
VIP = "10.0.0.100"
OTHER_VIP = "10.0.0.101"
VIP6 = "fd00::100"
OTHER_VIP6 = "fd00::101"

ETHERNET_BYTES = 14
IPV4_BYTES = 20
IPV6_BYTES = 40
TCP_BYTES = 20
UDP_BYTES = 8

IPV6_NAMES = {"ttl": "hlim", "tos": "tc", "proto": "nh", "len": "plen"}


def ethernet(payload, dst=GATEWAY_MAC, **fields):
    return bytes(Ether(src=CLIENT_MAC, dst=dst, **fields) / payload)


def ipv4(payload, src=CLIENT, dst=VIP, mac=GATEWAY_MAC, **fields):
    """`fields` are those of scapy's IP; scapy computes those that are left out."""
    return ethernet(IP(src=src, dst=dst, **fields) / payload, dst=mac)


def ipv6(payload, src=CLIENT6, dst=VIP6, mac=GATEWAY_MAC, **fields):
    fields = {IPV6_NAMES.get(name, name): value for name, value in fields.items()}
    return ethernet(IPv6(**{"src": src, "dst": dst, "hlim": 64, **fields}) / payload, dst=mac)


def tcp_segment(sport=40000, dport=80, flags="S", payload=b"", tcp_fields=None):
    segment = TCP(sport=sport, dport=dport, flags=flags, **(tcp_fields or {}))
    return segment / Raw(payload) if payload else segment


def udp_datagram(sport=40000, dport=53, payload=b"query", udp_fields=None):
    return UDP(sport=sport, dport=dport, **(udp_fields or {})) / Raw(payload)


def tcp(sport=40000, dport=80, flags="S", payload=b"", tcp_fields=None, **fields):
    return ipv4(tcp_segment(sport, dport, flags, payload, tcp_fields), **fields)


def tcp6(sport=40000, dport=80, flags="S", payload=b"", tcp_fields=None, **fields):
    return ipv6(tcp_segment(sport, dport, flags, payload, tcp_fields), **fields)


def udp(sport=40000, dport=53, payload=b"query", udp_fields=None, **fields):
    return ipv4(udp_datagram(sport, dport, payload, udp_fields), **fields)


def udp6(sport=40000, dport=53, payload=b"query", udp_fields=None, **fields):
    return ipv6(udp_datagram(sport, dport, payload, udp_fields), **fields)


def arp(target=VIP, mac=BROADCAST_MAC, op="who-has", **fields):
    return ethernet(ARP(op=op, hwsrc=CLIENT_MAC, psrc=CLIENT, pdst=target, **fields), dst=mac)


class Family(NamedTuple):
    """What differs between the IP versions in an otherwise equal packet."""
    name: str
    ip: Callable
    tcp: Callable
    udp: Callable
    header: type  # scapy's
    header_bytes: int
    client: str
    vip: str
    other_vip: str
    gateway: str
    suffix: str  # of the names of its services in gateway.toml
    icmp: int  # its protocol number


V4 = Family("IPv4", ipv4, tcp, udp, IP, IPV4_BYTES, CLIENT, VIP, OTHER_VIP, GATEWAY, "", 1)
V6 = Family("IPv6", ipv6, tcp6, udp6, IPv6, IPV6_BYTES, CLIENT6, VIP6, OTHER_VIP6, GATEWAY6, "6",
            58)
FAMILIES = (V4, V6)


def tagged(frame, *vlans, outer=Dot1AD, **fields):
    """The frame with 802.1Q tags, outermost first; all but the last are of type `outer`."""
    link = Ether(frame[:ETHERNET_BYTES])
    head, inner_type = Ether(src=link.src, dst=link.dst), link.type
    for vlan in vlans[:-1]:
        head = head / outer(vlan=vlan)
    return bytes(head / Dot1Q(vlan=vlans[-1], type=inner_type, **fields)
                 / Raw(frame[ETHERNET_BYTES:]))


def patched(frame, offset, value):
    """The frame with the bytes `value` at `offset`; checksums stay as they were."""
    return frame[:offset] + value + frame[offset + len(value):]


def ip_checksummed(frame):
    """The frame with the right IPv4 header checksum."""
    header_bytes = (frame[ETHERNET_BYTES] & 0xF) * 4
    zeroed = patched(frame, ETHERNET_BYTES + 10, b"\0\0")
    header = zeroed[ETHERNET_BYTES:ETHERNET_BYTES + header_bytes]
    return patched(zeroed, ETHERNET_BYTES + 10, struct.pack("!H", internet_checksum(header)))


def internet_checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(frame):
    """The IP packet of an untagged frame, without padding."""
    packet = frame[ETHERNET_BYTES:]
    if frame[12:14] == b"\x86\xdd":
        return packet[:IPV6_BYTES + int.from_bytes(packet[4:6], "big")]
    return packet[:int.from_bytes(packet[2:4], "big")]


def echo(identifier=1, sequence=1, payload=b"0123456789", **fields):
    return ipv4(ICMP(type=8, id=identifier, seq=sequence) / Raw(payload), **fields)


def from_flows(frame, flows):
    """Yields the frame for each flow (source address as number, source port). To be quick, it
    updates only the IPv4 checksum, not that of TCP or UDP."""
    source_at = ETHERNET_BYTES + 12
    port_at = ETHERNET_BYTES + IPV4_BYTES
    heads = {}
    for source, port in flows:
        if source not in heads:
            heads[source] = ip_checksummed(patched(frame, source_at, source.to_bytes(4, "big")))
        head = heads[source]
        yield head[:port_at] + port.to_bytes(2, "big") + head[port_at + 2:]
