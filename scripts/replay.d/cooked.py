# SPDX-License-Identifier: Apache-2.0
"""Captures on all interfaces of a Linux machine (`tcpdump -i any`): "cooked" packets, which have a
header of libpcap's instead of that of Ethernet (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2, see
tcpdump.org/linktypes)."""

import struct
from contextlib import closing
from typing import NamedTuple

SLL, SLL2 = 113, 276
ETHERNET = 1
TO_US, BROADCAST, MULTICAST, OTHER_HOST, OUTGOING = range(5)
FOREIGN = bytes.fromhex("020000000000")  # stands for the address of another host
IPV4, IPV6 = 0x0800, 0x86DD
LONGEST = 262_144  # bytes of a packet in a capture
SCAPY_LONGEST = 65_535  # what scapy reads of it: the rest counts as cut by whoever captured it
PCAPNG, INTERFACE_BLOCK = b"\x0a\x0d\x0d\x0a", 1


class Damaged(Exception):
    """Its message says where."""


class Header(NamedTuple):
    bytes: int
    type: int  # TO_US and so on
    source: bytes
    protocol: int


def link_type(path):
    """That of a capture, or of the first interface in it. None: it is no capture, as the dataplane
    will say."""
    try:
        with open(path, "rb") as file:
            head = file.read(28)
            if head[:4] == PCAPNG:
                order = "<" if head[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
                file.seek(struct.unpack_from(order + "I", head, 4)[0])
                block, _, link = struct.unpack(order + "IIH", file.read(10))
                return link if block == INTERFACE_BLOCK else None
            order = "<" if head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
            return struct.unpack_from(order + "I", head, 20)[0] & 0xFFFF
    except (OSError, struct.error):
        return None


def reader(path):
    from scapy.utils import RawPcapReader  # takes half a second, which few captures need
    return RawPcapReader(str(path))


def to_ethernet(path, mac, written):
    """Writes the packets as Ethernet frames: those that were sent to the machine, to the address
    `mac`. Leaves out those that the machine has sent, and returns their number. May raise
    Damaged."""
    from scapy.utils import RawPcapWriter
    outgoing = 0
    with (closing(reader(path)) as capture,
          closing(RawPcapWriter(str(written), ETHERNET, snaplen=LONGEST)) as frames):
        frames.write_header(None)
        for number, (data, metadata) in enumerate(capture):
            if len(data) < min(getattr(metadata, "caplen", 0), SCAPY_LONGEST):
                raise Damaged(f"truncated after {number} packets")
            kind = getattr(metadata, "linktype", None) or capture.linktype
            if kind == ETHERNET:  # of another interface in the same file
                frames.write_packet(data, sec=0, usec=0, caplen=len(data),
                                    wirelen=metadata.wirelen)
                continue
            header = parse(data, kind)
            if header is None or header.type == OUTGOING:
                outgoing += 1
                continue
            payload = data[header.bytes:]
            frame = (destination(header, payload, mac) + header.source +
                     struct.pack("!H", header.protocol) + payload)
            cut = metadata.wirelen - len(data)
            frames.write_packet(frame, sec=0, usec=0, caplen=len(frame), wirelen=len(frame) + cut)
    return outgoing


def parse(data, kind):
    """None: shorter than a header."""
    if kind == SLL and len(data) >= 16:
        type_, _, length, source, protocol = struct.unpack_from("!HHH8sH", data)
        return Header(16, type_, address(source, length), protocol)
    if kind == SLL2 and len(data) >= 20:
        protocol, _, _, _, type_, length, source = struct.unpack_from("!HHIHBB8s", data)
        return Header(20, type_, address(source, length), protocol)
    return None


def address(source, length):
    return source[:6] if length == 6 else FOREIGN


def destination(header, payload, mac):
    if header.type == TO_US:
        return mac
    if header.type == OTHER_HOST:
        return FOREIGN
    if header.type == MULTICAST and header.protocol == IPV4 and len(payload) >= 20:
        return b"\x01\x00\x5e" + bytes([payload[17] & 0x7F]) + payload[18:20]  # RFC 1112 §6.4
    if header.type == MULTICAST and header.protocol == IPV6 and len(payload) >= 40:
        return b"\x33\x33" + payload[36:40]  # RFC 2464 §7
    return b"\xff" * 6
