# SPDX-License-Identifier: Apache-2.0
"""Fragments to a VIP: each is forwarded by itself, to the backend of its flow."""

from cases.case import Dropped, Forwarded, dropped, forwarded, mixed, to_kernel
from cases.fragmenting import TCP_NUMBER, UNIT, Datagram, tcp_in, udp_in
from frames import FAMILIES, GATEWAY, GATEWAY6, UDP_BYTES, V4, V6, tcp_segment
from scapy.layers.inet import ICMP
from scapy.layers.inet6 import ICMPv6EchoRequest
from scapy.packet import Raw

MALFORMED, OVERLAP, DUPLICATE = "fragment_malformed", "fragment_overlap", "fragment_duplicate"
TIMEOUT = "fragment_timeout"
ESP = 50
DONT_FRAGMENT = 2
LARGEST_OFFSET = 0x1FFF  # units
ORDERS = {
    "in order": (0, 1, 2, 3),
    "reversed": (3, 2, 1, 0),
    "shuffled": (2, 0, 3, 1),
    "the first one late": (1, 2, 0, 3),
}


class Flow:
    """A datagram to the service "quic" in four fragments, and a whole packet of its flow: all go to
    one backend."""

    def __init__(self, ip, sport):
        self.ip = ip
        self.service = "quic" + ip.suffix
        self.flow = (ip.name, "udp", sport)
        self.whole = ip.udp(sport=sport, dport=443)
        self.datagram = udp_in(ip, sport)
        self.fragments = self.datagram.cut(16, 32, 48)

    def to(self, *frames):
        return [(frame, Forwarded(self.service, self.flow)) for frame in frames]


def dropping(reason, *frames):
    return [(frame, Dropped(reason)) for frame in frames]


def orders(ip):
    for number, (name, order) in enumerate(ORDERS.items()):
        for sport in range(46000 + 10 * number, 46004 + 10 * number):
            flow = Flow(ip, sport)
            frames = [flow.fragments[i] for i in order]
            yield mixed(22, f"fragments, {name}, {sport}, {ip.name}",
                        flow.to(flow.whole, *frames, flow.whole))
    for sport in range(46100, 46104):
        segment = tcp_in(ip, sport)
        yield forwarded(22, f"fragments of TCP, reversed, {sport}, {ip.name}", "web" + ip.suffix,
                        [ip.tcp(sport=sport), *reversed(segment.cut(24, 40))],
                        flow=(ip.name, "tcp", sport))


def incomplete(ip):
    at = ", " + ip.name
    flow = Flow(ip, 46200)
    first, second, third, last = flow.fragments
    yield mixed(22, "duplicates, of the first fragment too" + at, [
        *flow.to(first, second), *dropping(DUPLICATE, first, second, second),
        *flow.to(last), *dropping(DUPLICATE, last), *flow.to(third)])
    flow = Flow(ip, 46201)
    first, second, third, last = flow.fragments
    yield mixed(22, "duplicates of waiting fragments" + at, [
        *flow.to(third), *dropping(DUPLICATE, third), *flow.to(last, first, second)])
    flow = Flow(ip, 46202)
    yield mixed(22, "the last fragment missing" + at, flow.to(*flow.fragments[:3]))
    flow = Flow(ip, 46203)
    yield mixed(22, "one in the middle missing" + at,
                flow.to(flow.fragments[0], flow.fragments[3]))
    yield dropped(22, "the first fragment missing" + at, TIMEOUT, Flow(ip, 46204).fragments[1:])
    flow, other = Flow(ip, 46205), Flow(ip, 46206)
    yield mixed(22, "two datagrams, interleaved" + at, [
        *other.to(other.fragments[2]), *flow.to(flow.fragments[1]), *flow.to(flow.fragments[0]),
        *other.to(other.fragments[0], other.fragments[3]), *flow.to(flow.fragments[3]),
        *other.to(other.fragments[1]), *flow.to(flow.fragments[2])])


def tiny(ip):
    at = ", " + ip.name
    flow = Flow(ip, 46300)
    yield mixed(23, "UDP with only its header in the first fragment" + at,
                flow.to(*flow.datagram.cut(UDP_BYTES)))
    yield mixed(23, "TCP with all its header in the first fragment" + at, [
        (frame, Forwarded("web" + ip.suffix)) for frame in tcp_in(ip, 46301).cut(24)])
    for size in (8, 16):
        first, rest = tcp_in(ip, 46302).cut(size)
        yield mixed(23, f"TCP with {size} bytes in the first fragment{at}", [
            *dropping("tcp_truncated", first), *dropping(TIMEOUT, rest)])
    options = tcp_segment(sport=46303, tcp_fields={"options": [("Timestamp", (1, 2))]})
    segment = Datagram(ip, bytes(options / Raw(bytes(60))), TCP_NUMBER)
    yield forwarded(23, "TCP options that continue in the next fragment" + at, "web" + ip.suffix,
                    segment.cut(24))


def overlapping(ip):
    at = ", " + ip.name
    flow = Flow(ip, 46400)
    first, second, third, last = flow.fragments
    yield mixed(24, "overlapping the first fragment" + at, [
        *flow.to(first), *dropping(OVERLAP, flow.datagram.fragment(8, 24), second, third, last)])
    flow = Flow(ip, 46401)
    first, second, third, last = flow.fragments
    yield mixed(24, "overlapping an earlier one on both sides" + at, [
        *flow.to(first, third), *dropping(OVERLAP, flow.datagram.fragment(16, 56), last)])
    flow = Flow(ip, 46402)
    first, second, third, last = flow.fragments
    yield mixed(24, "beyond the end" + at, [
        *flow.to(first, last), *dropping(
            OVERLAP, flow.datagram.raw(len(flow.datagram.data) // UNIT, True, bytes(8)), second)])
    flow = Flow(ip, 46404)
    first, second, third, last = flow.fragments
    yield mixed(24, "a second end before the first" + at, [
        *flow.to(first, last), *dropping(
            OVERLAP, flow.datagram.fragment(16, 32, is_last=True), third)])
    flow = Flow(ip, 46403)
    first, second, third, last = flow.fragments
    yield mixed(24, "a second end before earlier bytes" + at, [
        *flow.to(first, third), *dropping(
            OVERLAP, flow.datagram.fragment(16, 32, is_last=True), last)])


def malformed(ip):
    at = ", " + ip.name
    datagram = udp_in(ip, 46500)
    yield dropped(25, "beyond 65535 bytes" + at, MALFORMED, [
        datagram.raw(LARGEST_OFFSET, False, bytes(8)),
        datagram.raw(LARGEST_OFFSET, False, bytes(100)),
        datagram.raw(LARGEST_OFFSET - 1, True, bytes(16)),
    ])
    yield dropped(25, "one in front of others with an odd length" + at, MALFORMED, [
        datagram.raw(0, True, bytes(datagram.data[:20])),
        datagram.raw(2, True, bytes(1)), datagram.raw(2, True, bytes(15)),
    ])
    yield dropped(25, "empty" + at, MALFORMED,
                  [datagram.raw(2, True, b""), datagram.raw(2, False, b"")])


def other(ip):
    at = ", " + ip.name
    gateway = GATEWAY if ip is V4 else GATEWAY6
    nobody = udp_in(ip, 46600, dport=79).cut(32)
    yield to_kernel(22, "fragments to a port without a service" + at, nobody)
    yield to_kernel(22, "fragments to a port without a service, reversed" + at,
                    reversed(udp_in(ip, 46601, dport=79).cut(32)))
    esp = Datagram(ip, bytes(64), ESP)
    yield to_kernel(27, "fragments of ESP" + at, esp.cut(32))
    stranger = udp_in(ip, 46602)
    yield to_kernel(28, "fragments to others" + at, [
        *stranger.cut(32, dst=gateway), stranger.raw(LARGEST_OFFSET, False, bytes(8), dst=gateway)])
    message = bytes((ICMP() if ip is V4 else ICMPv6EchoRequest()) / Raw(bytes(56)))
    yield dropped(48, "a fragmented echo request" + at, "icmp_fragment",
                  Datagram(ip, message, ip.icmp).cut(32))


def without_checksum():
    datagram = udp_in(V6, 46701)
    return datagram.fragment(0, 32, data=datagram.data[:6] + bytes(26))


SINGLE = [
    forwarded(22, "fragments that say not to fragment", "quic",
              udp_in(V4, 46700).cut(32, flags=DONT_FRAGMENT)),
    dropped(41, "a first fragment without a checksum over IPv6", "udp_checksum",
            [without_checksum()]),
]

CASES = [*SINGLE, *(case for ip in FAMILIES
                    for make in (orders, incomplete, tiny, overlapping, malformed, other)
                    for case in make(ip))]
