# SPDX-License-Identifier: Apache-2.0
"""Cuts datagrams into fragments, at any offset and in either IP version."""

import itertools

from frames import V4, tcp_segment, udp_datagram
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.packet import Raw

UNIT = 8
TCP_NUMBER, UDP_NUMBER = 6, 17
identifications = itertools.count(0x1001)


class Datagram:
    """The bytes of a TCP segment or UDP datagram, from which fragments are made."""

    def __init__(self, ip, data, protocol, source=None):
        self.ip = ip
        self.data = data
        self.protocol = protocol
        self.addresses = {"src": source or ip.client}
        self.identification = next(identifications)

    def fragment(self, start, end=None, is_last=None, data=None, **fields):
        """The fragment with the bytes from `start` to `end`, as a frame."""
        data = self.data[start:end] if data is None else data
        if is_last is None:
            is_last = end is None or end >= len(self.data)
        return self.raw(start // UNIT, not is_last, data, **fields)

    def raw(self, offset_units, more, data, **fields):
        if self.ip is V4:
            flags = fields.pop("flags", 0) | (1 if more else 0)
            return self.ip.ip(Raw(data), id=self.identification, flags=flags, frag=offset_units,
                              proto=self.protocol, **self.addresses, **fields)
        header = IPv6ExtHdrFragment(id=self.identification, offset=offset_units, m=int(more),
                                    nh=self.protocol)
        return self.ip.ip(header / Raw(data), **self.addresses, **fields)

    def cut(self, *places, **fields):
        """All fragments in order, if the datagram is cut at these offsets."""
        bounds = [0, *places, len(self.data)]
        return [self.fragment(start, end, **fields) for start, end in zip(bounds, bounds[1:])]


def transport_bytes(ip, layer):
    """TCP or UDP with the right checksum, as if from the client to the VIP."""
    header = IP(src=ip.client, dst=ip.vip) if ip is V4 else IPv6(src=ip.client, dst=ip.vip)
    return bytes(type(header)(bytes(header / layer)).payload)


def udp_in(ip, sport, size=64, dport=443):
    """A datagram with `size` bytes of payload to the service "quic"."""
    payload = bytes(i % 251 for i in range(size))
    return Datagram(ip, transport_bytes(ip, udp_datagram(sport, dport, payload)), UDP_NUMBER)


def tcp_in(ip, sport, size=60, dport=80, flags="A"):
    payload = bytes(i % 251 for i in range(size))
    return Datagram(ip, transport_bytes(ip, tcp_segment(sport, dport, flags, payload)), TCP_NUMBER)

