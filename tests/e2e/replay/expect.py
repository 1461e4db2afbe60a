# SPDX-License-Identifier: Apache-2.0
"""The expected output frame for an input frame: built with scapy, compared byte by byte."""

import socket
from typing import NamedTuple

from frames import (CLIENT_MAC, ETHERNET_BYTES, GATEWAY_MAC, IPV4_BYTES, IPV6_BYTES, UDP_BYTES,
                    ip_packet, tagged)
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

OUTER_TTL = 64
INNER_PROTOCOL = {4: 4, 6: 41}  # in IPIP and GUE, by the inner IP version
UDP_NUMBER = 17
GUE_BYTES = 4
GUE_PORT = 6080
GUE_SOURCE_PORTS = range(49152, 65536)  # RFC 6335's dynamic ports
QUOTE_BYTES = {4: 548, 6: 1232}  # of packets of 576 and 1280 bytes
ERROR_CLASS = 0xC0  # DSCP CS6, RFC 1812 §4.3.2.5


class Hop(NamedTuple):
    """Where a forwarded frame goes, and the fields of its outer header that distinguish flows."""
    backend: str
    entropy: tuple


def backend_of(frame):
    """The outer destination address of an untagged frame; faster than scapy."""
    packet = frame[ETHERNET_BYTES:]
    if packet[0] >> 4 == 4:
        return socket.inet_ntop(socket.AF_INET, packet[16:20])
    return socket.inet_ntop(socket.AF_INET6, packet[24:40])


def header_of(packet):
    return IP(packet) if packet[0] >> 4 == 4 else IPv6(packet)


def untagged(frame):
    """The frame without its tags, and the tags as [(layer, VLAN, priority)], outermost first."""
    tags = []
    link = Ether(frame)
    layer = link.payload
    while isinstance(layer, (Dot1Q, Dot1AD)):
        tags.append((type(layer), layer.vlan, layer.prio))
        layer = layer.payload
    at = ETHERNET_BYTES + 4 * len(tags)
    return frame[:12] + frame[at - 2:at] + frame[at:], tags


def retagged(frame, tags):
    if not tags:
        return frame
    outer = tags[0][0] if len(tags) > 1 else Dot1AD
    return tagged(frame, *(vlan for _, vlan, _ in tags), outer=outer, prio=tags[-1][2])


def unwrapped(out, gateway):
    """The client's packet in a forwarded frame, whatever the encapsulation."""
    packet = untagged(out)[0][ETHERNET_BYTES:]
    version, outer = packet[0] >> 4, header_of(packet)
    if not gateway.tunnels_from(outer.src):
        return packet
    protocol = outer.proto if version == 4 else outer.nh
    outer_bytes = IPV4_BYTES if version == 4 else IPV6_BYTES
    return packet[outer_bytes + (UDP_BYTES + GUE_BYTES if protocol == UDP_NUMBER else 0):]


def check_forwarded(out, inner, service, gateway):
    """Checks that `out` carries the packet `inner`, unchanged, to a backend of the service. Returns
    the Hop."""
    mode = gateway.service(service).get("forward", "ipip")
    plain, tags = untagged(out)
    link = Ether(plain)
    if mode == "l2":
        backend = next(address for address, mac in gateway.neighbors.items() if mac == link.dst)
        packet, entropy = Raw(inner), ()
        ethertype = 0x0800 if inner[0] >> 4 == 4 else 0x86DD
        expected = Ether(src=GATEWAY_MAC, dst=link.dst, type=ethertype) / packet
    else:
        outer = header_of(plain[ETHERNET_BYTES:])
        backend = outer.dst
        entropy = (outer.src, outer.fl if outer.version == 6 else None,
                   outer.payload.sport if mode == "gue" else None)
        assert gateway.tunnels_from(outer.src), outer.src
        expected = (Ether(src=GATEWAY_MAC, dst=gateway.neighbors[backend])
                    / encapsulated(inner, outer, mode))
    assert backend in gateway.backends(service), f"{backend} is none of {service}'s"
    assert [vlan for _, vlan, _ in tags] == gateway.vlans
    same(plain, bytes(expected))
    if tags:
        same(out, tagged(plain, *gateway.vlans))
    return Hop(backend, entropy)


def encapsulated(inner, outer, mode):
    """The expected frame. Fields that may vary (addresses, flow label, UDP source port) are taken
    from `outer`."""
    version, inside = inner[0] >> 4, header_of(inner)
    protocol = INNER_PROTOCOL[version]
    payload = Raw(inner)
    if mode == "gue":
        sport = outer.payload.sport
        assert sport in GUE_SOURCE_PORTS
        gue = bytes([0, protocol, 0, 0])
        payload = UDP(sport=sport, dport=GUE_PORT, chksum=0) / Raw(gue + inner)
        protocol = UDP_NUMBER
    traffic_class = inside.tos if version == 4 else inside.tc  # DSCP and ECN, RFC 6040
    if outer.version == 6:
        return IPv6(src=outer.src, dst=outer.dst, nh=protocol, hlim=OUTER_TTL, tc=traffic_class,
                    fl=outer.fl) / payload
    dont_fragment = version == 6 or inside.flags.DF
    return IP(src=outer.src, dst=outer.dst, proto=protocol, ttl=OUTER_TTL, tos=traffic_class,
              id=inside.id if version == 4 and dont_fragment else outer.id,
              flags="DF" if dont_fragment else 0) / payload


def too_big_answer(sent, mtu):
    """The ICMP error that tells the sender of a frame about the MTU."""
    plain, tags = untagged(sent)
    packet = ip_packet(plain)
    asked = header_of(packet)
    version = packet[0] >> 4
    quote = Raw(packet[:QUOTE_BYTES[version]])
    if version == 4:
        answer = (IP(src=asked.dst, dst=asked.src, ttl=OUTER_TTL, tos=ERROR_CLASS, id=0, flags="DF")
                  / ICMP(type=3, code=4, nexthopmtu=mtu) / quote)
    else:
        answer = (IPv6(src=asked.dst, dst=asked.src, hlim=OUTER_TTL, tc=ERROR_CLASS)
                  / ICMPv6PacketTooBig(mtu=mtu) / quote)
    return retagged(bytes(Ether(src=GATEWAY_MAC, dst=CLIENT_MAC) / answer), tags)


def tells_small_mtu(packet):
    """Whether a frame is an ICMP error about an MTU below the minimum of its IP version."""
    message = header_of(packet)
    if ICMP in message:
        icmp = message[ICMP]
        return (icmp.type, icmp.code) == (3, 4) and icmp.nexthopmtu < 576
    return ICMPv6PacketTooBig in message and message[ICMPv6PacketTooBig].mtu < 1280


def check_pieces(pieces, whole):
    """Checks that these IPv4 fragments make up the packet `whole`, which may be a fragment itself
    (RFC 791)."""
    original = IP(whole)
    header_bytes = original.ihl * 4
    data, end = whole[header_bytes:], original.frag * 8
    for i, piece in enumerate(pieces):
        part = IP(piece)
        is_last = i == len(pieces) - 1
        size = part.len - part.ihl * 4
        assert part.frag * 8 == end, "a gap, or an overlap"
        assert is_last or size % 8 == 0
        start = end - original.frag * 8
        expected = original.copy()
        expected.remove_payload()
        expected.len, expected.frag, expected.chksum = None, part.frag, None
        expected.flags.MF = not is_last or original.flags.MF
        same(piece, bytes(expected / Raw(data[start:start + size])))
        end += size
    assert end == original.frag * 8 + len(data), "not all of it"


def same(got, expected):
    assert got == expected, f"got      {got.hex()}\nexpected {expected.hex()}"
