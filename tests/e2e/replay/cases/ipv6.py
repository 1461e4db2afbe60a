# SPDX-License-Identifier: Apache-2.0
"""IPv6: its header and extension headers."""

from cases.case import dropped, forwarded, to_kernel
from frames import (CLIENT6, ETHERNET_BYTES, IPV6_BYTES, VIP6, ipv6, patched, tcp6,
                    tcp_segment, udp6, udp_datagram)
from scapy.layers.inet6 import (ICMPv6EchoRequest, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Jumbo, PadN, RouterAlert)
from scapy.packet import Raw

TCP, HOP_BY_HOP, ROUTING, FRAGMENT, ESP, AH, NONE, DESTINATION = 6, 0, 43, 44, 50, 51, 59, 60
REASON = "ipv6_extension_header"
PAYLOAD_LENGTH_AT = ETHERNET_BYTES + 4
SEGMENT = bytes(tcp_segment(sport=45000))
WALKED_HEADERS = 8
WALKED_BYTES = 256


def header(following, size=8):
    """An extension header of `size` bytes, filled with padding; a routing header has no segments
    left."""
    return bytes([following, size // 8 - 1]) + bytes(size - 2)


def chain(*kinds_and_sizes, last=TCP, payload=SEGMENT):
    """A frame with extension headers of (kind, size), in front of TCP."""
    kinds = [kind for kind, _ in kinds_and_sizes] + [last]
    headers = b"".join(header(following, size)
                       for (kind, size), following in zip(kinds_and_sizes, kinds[1:]))
    return ipv6(Raw(headers + payload), proto=kinds[0])


def atomic(payload, **fields):
    return ipv6(IPv6ExtHdrFragment(id=7, **fields) / payload)


HEADERS = [
    forwarded(60, "options, and a routing header without segments left", "web6", [
        ipv6(IPv6ExtHdrHopByHop(options=[PadN()]) / tcp_segment(sport=45001)),
        ipv6(IPv6ExtHdrHopByHop(options=[RouterAlert()]) / tcp_segment(sport=45002)),
        ipv6(IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(20))]) / tcp_segment(sport=45003)),
        chain((ROUTING, 24)),
        chain((HOP_BY_HOP, 8), (DESTINATION, 16), (ROUTING, 8), (DESTINATION, 8)),
    ]),
    forwarded(60, "extension headers in front of UDP", "dns6", [
        ipv6(IPv6ExtHdrHopByHop(options=[PadN()]) / IPv6ExtHdrDestOpt(options=[PadN()])
             / udp_datagram())]),
    forwarded(60, "as many extension headers as are parsed", "web6", [
        chain(*[(DESTINATION, 8)] * WALKED_HEADERS),
        chain((HOP_BY_HOP, WALKED_BYTES)),
        chain((HOP_BY_HOP, WALKED_BYTES - 16), (DESTINATION, 16)),
    ]),
    to_kernel(60, "extension headers in front of another port", [
        ipv6(IPv6ExtHdrHopByHop(options=[PadN()]) / tcp_segment(dport=79))]),
    dropped(60, "a routing header with segments left", REASON, [
        ipv6(IPv6ExtHdrRouting(addresses=["2001:db8::1"]) / tcp_segment()),
        ipv6(IPv6ExtHdrRouting(type=4, segleft=1, addresses=["2001:db8::1"]) / tcp_segment()),
    ]),
    dropped(61, "more extension headers than are parsed", REASON, [
        chain(*[(DESTINATION, 8)] * (WALKED_HEADERS + 1)),
        chain((HOP_BY_HOP, WALKED_BYTES), (DESTINATION, 8)),
        chain((HOP_BY_HOP, WALKED_BYTES + 8)),
        chain((HOP_BY_HOP, 2048)),
    ]),
    dropped(61, "an extension header cut short", REASON, [
        *(ipv6(Raw(header(TCP)[:size]), proto=kind)
          for kind in (HOP_BY_HOP, DESTINATION, ROUTING) for size in range(1, 8)),
        ipv6(Raw(header(TCP, 24)[:23]), proto=DESTINATION),
        ipv6(Raw(header(DESTINATION) + header(TCP)[:7]),
             proto=HOP_BY_HOP),
        ipv6(Raw(header(DESTINATION)), proto=DESTINATION),
        patched(chain((DESTINATION, 8)), ETHERNET_BYTES + IPV6_BYTES + 1, b"\xff"),
    ]),
    dropped(33, "TCP cut short behind extension headers", "tcp_truncated", [
        chain((DESTINATION, 8), payload=SEGMENT[:size]) for size in range(20)]),
    dropped(62, "a fragment header cut short", REASON, [
        ipv6(Raw(bytes(IPv6ExtHdrFragment(nh=TCP, id=1))[:size]), proto=FRAGMENT)
        for size in range(1, 8)]),
    dropped(62, "no fragment header", "ipv6_payload_length", [ipv6(Raw(b""), proto=FRAGMENT)]),
    forwarded(63, "an atomic fragment of TCP", "web6",
              [atomic(tcp_segment(sport=45010)), atomic(tcp_segment(sport=45011), res1=255)]),
    forwarded(63, "an atomic fragment of UDP", "dns6", [
        atomic(udp_datagram()),
        ipv6(IPv6ExtHdrHopByHop(options=[PadN()]) / IPv6ExtHdrFragment(id=8) / udp_datagram()),
    ]),
    dropped(64, "hop limit 0", "ipv6_hop_limit_zero",
            [tcp6(ttl=0), udp6(ttl=0), ipv6(ICMPv6EchoRequest(), ttl=0)]),
]

LENGTHS = [
    dropped(65, "payload length 0 where there has to be a payload", "ipv6_payload_length", [
        patched(tcp6(), PAYLOAD_LENGTH_AT, b"\0\0"),
        patched(udp6(), PAYLOAD_LENGTH_AT, b"\0\0"),
        patched(ipv6(ICMPv6EchoRequest()), PAYLOAD_LENGTH_AT, b"\0\0"),
        *(ipv6(Raw(b""), proto=kind) for kind in (TCP, 17, 58, HOP_BY_HOP, DESTINATION, ROUTING)),
    ]),
    dropped(65, "a jumbogram", "ipv6_payload_length", [
        patched(ipv6(IPv6ExtHdrHopByHop(options=[Jumbo(jumboplen=28)]) / tcp_segment()),
                PAYLOAD_LENGTH_AT, b"\0\0")]),
    dropped(65, "a payload length beyond the frame", "ipv6_payload_length", [
        patched(tcp6(), PAYLOAD_LENGTH_AT, size.to_bytes(2, "big")) for size in (21, 28, 65535)]),
]

# RFC 4291 §2.5.2, §2.5.3, §2.7, §2.5.5.2.
IMPOSSIBLE_SOURCES = ("::", "::1", "ff00::1", "ff02::1", "ff0e::1", "ffff:ffff::",
                      "::ffff:10.0.0.50")
ADDRESSES = [
    dropped(66, "an impossible IPv6 source", "ipv6_source", [
        *(tcp6(src=source) for source in IMPOSSIBLE_SOURCES),
        *(udp6(src=source) for source in ("::", "::1")),
        ipv6(ICMPv6EchoRequest(), src="ff02::1"),
    ]),
    dropped(19, "source and destination are the VIP, IPv6", "ipv6_source",
            [tcp6(src=VIP6), udp6(src=VIP6), ipv6(ICMPv6EchoRequest(), src=VIP6)]),
    forwarded(66, "possible IPv6 sources", "web6", [
        tcp6(src=source) for source in ("2001:db8::1", "fe80::50", "fd00::51", "64:ff9b::808:808",
                                        "2002:a00::1", "::2", CLIENT6)]),
]

OTHERS = [
    to_kernel(70, "ESP, AH, no next header, unknown ones", [
        *(ipv6(Raw(bytes(24)), proto=kind) for kind in (ESP, AH, NONE, 135, 139, 140, 253)),
        ipv6(Raw(b""), proto=NONE),
        chain((DESTINATION, 8), last=NONE, payload=b""),
        chain((HOP_BY_HOP, 8), last=ESP),
        chain((HOP_BY_HOP, 8), last=AH),
    ]),
]

CASES = [*HEADERS, *LENGTHS, *ADDRESSES, *OTHERS]
