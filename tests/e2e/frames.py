# SPDX-License-Identifier: Apache-2.0
"""Frames as the client of replay/gateway.toml sends them, as bytes."""

import struct

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

CLIENT = "10.0.0.50"
CLIENT_MAC = "02:00:00:00:00:50"
GATEWAY = "10.0.0.1"
GATEWAY_MAC = "02:00:00:00:00:01"
BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
VIP = "10.0.0.100"
OTHER_VIP = "10.0.0.101"

ETHERNET_BYTES = 14
IPV4_BYTES = 20
TCP_BYTES = 20
UDP_BYTES = 8


def ethernet(payload, dst=GATEWAY_MAC, **fields):
    return bytes(Ether(src=CLIENT_MAC, dst=dst, **fields) / payload)


def ipv4(payload, src=CLIENT, dst=VIP, mac=GATEWAY_MAC, **fields):
    """`fields` are scapy's of IP; what is left out it computes."""
    return ethernet(IP(src=src, dst=dst, **fields) / payload, dst=mac)


def tcp(sport=40000, dport=80, flags="S", payload=b"", tcp_fields=None, **fields):
    segment = TCP(sport=sport, dport=dport, flags=flags, **(tcp_fields or {}))
    return ipv4(segment / Raw(payload) if payload else segment, **fields)


def udp(sport=40000, dport=53, payload=b"query", udp_fields=None, **fields):
    datagram = UDP(sport=sport, dport=dport, **(udp_fields or {}))
    return ipv4(datagram / Raw(payload), **fields)


def arp(target=VIP, mac=BROADCAST_MAC, op="who-has", **fields):
    return ethernet(ARP(op=op, hwsrc=CLIENT_MAC, psrc=CLIENT, pdst=target, **fields), dst=mac)


def patched(frame, offset, value):
    """The frame with the bytes `value` at `offset`; checksums stay as they were."""
    return frame[:offset] + value + frame[offset + len(value):]


def ip_checksummed(frame):
    """The frame with the IPv4 header checksum that its bytes ask for."""
    header_bytes = (frame[ETHERNET_BYTES] & 0xF) * 4
    zeroed = patched(frame, ETHERNET_BYTES + 10, b"\0\0")
    header = zeroed[ETHERNET_BYTES:ETHERNET_BYTES + header_bytes]
    return patched(zeroed, ETHERNET_BYTES + 10, struct.pack("!H", internet_checksum(header)))


def internet_checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def from_flows(frame, flows):
    """The frame once for each (source address as number, source port), quickly: the IPv4 checksum
    is right, that of TCP or UDP is left as it was."""
    source_at = ETHERNET_BYTES + 12
    port_at = ETHERNET_BYTES + IPV4_BYTES
    heads = {}
    for source, port in flows:
        if source not in heads:
            heads[source] = ip_checksummed(patched(frame, source_at, source.to_bytes(4, "big")))
        head = heads[source]
        yield head[:port_at] + port.to_bytes(2, "big") + head[port_at + 2:]
