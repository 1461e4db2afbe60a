# SPDX-License-Identifier: Apache-2.0
"""Packets that fit the port's MTU once encapsulated, and those that do not."""

from cases.case import Dropped, Forwarded, Split, TooBig, dropped, forwarded, mixed
from cases.fragmenting import identifications, udp_in
from frames import (ETHERNET_BYTES, FAMILIES, TCP_BYTES, V4, V6, ip_checksummed, ip_packet, ipv4,
                    ipv6, patched, tagged, tcp)
from scapy.layers.inet import ICMP, IP, IPOption, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6, IPv6ExtHdrHopByHop, PadN
from scapy.packet import Raw

MTU = 1500
JUMBO_MTU = 9100
DONT_FRAGMENT = 2
FLAGS_AT = ETHERNET_BYTES + 6
TOO_BIG = "too_big"
# Bytes that each mode adds: an IP header; IP, UDP and GUE (4 bytes); nothing.
MODES = [("web", 80, {4: 20, 6: 40}), ("cross", 90, {4: 40, 6: 20}), ("gue", 91, {4: 32, 6: 52}),
         ("gue-cross", 92, {4: 52, 6: 32}), ("direct", 93, {4: 0, 6: 0})]


def data(ip, size, sport, dport=80):
    """A TCP segment in an IP packet of `size` bytes."""
    known_by = {"id": next(identifications)} if ip is V4 else {}
    return ip.tcp(sport=sport, dport=dport, flags="A",
                  payload=b"x" * (size - ip.header_bytes - TCP_BYTES), **known_by)


def with_df(ip, size, sport, dport=80):
    frame = data(ip, size, sport, dport)
    return ip_checksummed(patched(frame, FLAGS_AT, b"\x40\x00")) if ip is V4 else frame


def fits(ip, service, port, overhead):
    room = MTU - overhead
    name = service + ip.suffix
    yield forwarded(72, f"exactly the MTU, {name}", name, [
        with_df(ip, room, 47000, port), data(ip, room, 47001, port)])
    yield mixed(20, f"one byte beyond the MTU, {name}", [
        (with_df(ip, room + 1, 47002, port), TooBig(room)),
        (with_df(ip, MTU + 1, 47003, port), TooBig(room)),
    ])


def split(service, port, overhead):
    room = MTU - overhead
    yield mixed(21, f"one byte beyond the MTU without DF, {service}",
                [(data(V4, room + 1, 47100 + i, port), Split(service, ("split", port, i)))
                 for i in range(4)]
                + [(tcp(sport=47100 + i, dport=port), Forwarded(service, ("split", port, i)))
                   for i in range(4)])
    yield mixed(21, f"many times the MTU without DF, {service}", [
        (data(V4, size, 47110, port), Split(service)) for size in (2000, 4000, 9000)])


def fragment_of(ip, sport, size, start, **fields):
    """A fragment that is an IP packet of `size` bytes."""
    datagram = udp_in(ip, sport, size=6000)
    header = ip.header_bytes + (8 if ip is V6 else 0)
    end = start + (size - header) // 8 * 8
    return datagram, datagram.fragment(start, end, **fields)


def fragments():
    datagram, first = fragment_of(V4, 47200, MTU, 0)
    steps = [(first, Split("quic", "47200"))]
    steps += [(datagram.fragment(start, start + 1480), Split("quic", "47200"))
              for start in (1480, 2960)]
    steps += [(datagram.fragment(4440, 5920), Split("quic", "47200")),
              (datagram.fragment(5920), Forwarded("quic", "47200"))]
    yield mixed(21, "fragments of the MTU, in smaller ones", steps)
    yield mixed(21, "fragments of the MTU, in smaller ones, the first one late",
                late_first(47201))
    datagram, first = fragment_of(V4, 47202, MTU, 0, flags=DONT_FRAGMENT)
    yield mixed(20, "a first fragment with DF is answered, a later one is not", [
        (datagram.fragment(0, 800, flags=DONT_FRAGMENT), Forwarded("quic")),
        (datagram.fragment(800, 2280, flags=DONT_FRAGMENT), Dropped(TOO_BIG)),
    ])
    yield mixed(20, "a first fragment with DF", [(first, TooBig(MTU - 20))])
    datagram, first = fragment_of(V6, 47203, MTU, 0)
    yield mixed(20, "an IPv6 first fragment", [(first, TooBig(MTU - 40))])
    datagram, _ = fragment_of(V6, 47204, MTU, 0)
    yield mixed(20, "an IPv6 later fragment", [
        (datagram.fragment(0, 800), Forwarded("quic6")),
        (datagram.fragment(800, 2248), Dropped(TOO_BIG)),
    ])


def late_first(sport):
    datagram = udp_in(V4, sport, size=3000)
    return [(datagram.fragment(1480, 2960), Split("quic")),
            (datagram.fragment(2960), Forwarded("quic")),
            (datagram.fragment(0, 1480), Split("quic"))]


QUOTED = IP(src=V4.vip, dst=V4.client) / UDP(sport=443, dport=47300) / Raw(bytes(1452))
QUOTED6 = IPv6(src=V6.vip, dst=V6.client) / UDP(sport=443, dport=47300) / Raw(bytes(1420))

CASES = [
    *(case for ip in FAMILIES for service, port, overheads in MODES
      for case in fits(ip, service, port, overheads[6 if ip is V6 else 4])),
    *(case for service, port, overheads in MODES for case in split(service, port, overheads[4])),
    *fragments(),
    mixed(20, "an answer quotes IPv4 options", [
        (ipv4(IP(ip_packet(data(V4, 1480, 47400))).payload, flags=DONT_FRAGMENT,
              options=[IPOption(b"\x01" * 8)]), TooBig(1480))]),
    mixed(20, "an answer quotes extension headers", [
        (ipv6(IPv6ExtHdrHopByHop(options=[PadN()])
              / IPv6(ip_packet(data(V6, 1480, 47401))).payload),
         TooBig(1460))]),
    dropped(20, "an ICMP error that is too big is not answered", TOO_BIG, [
        ipv4(ICMP(type=3, code=3) / Raw(bytes(QUOTED)[:1472]), src="192.0.2.1",
             flags=DONT_FRAGMENT),
        ipv6(ICMPv6DestUnreach(code=4) / Raw(bytes(QUOTED6)[:1452]), src="2001:db8::1"),
    ]),
    *(mixed(20, f"the answer carries the tags that the packet had, {gateway}", [
        (tagged(with_df(ip, 1500, 47500), *vlans), TooBig(1500 - ip.header_bytes))
        for ip in FAMILIES], gateway)
      for gateway, vlans in [("vlan", [100]), ("qinq", [200, 100])]),
    *(forwarded(71, f"the smallest frame, padded, {ip.name}", "web" + ip.suffix,
                [ip.tcp(sport=47600).ljust(60, b"\0")]) for ip in FAMILIES),
    *(forwarded(73, f"9000 bytes, {ip.name}", "web" + ip.suffix, [
        with_df(ip, size, 47700) for size in (2000, 2048, 4100, 9000, JUMBO_MTU - ip.header_bytes)],
        "jumbo") for ip in FAMILIES),
    *(mixed(20, f"beyond a jumbo MTU, {ip.name}", [
        (with_df(ip, JUMBO_MTU + 1, 47701), TooBig(JUMBO_MTU - ip.header_bytes))], "jumbo")
      for ip in FAMILIES),
    mixed(21, "beyond a jumbo MTU without DF",
          [(data(V4, 20000, 47702), Split("web")), (data(V4, JUMBO_MTU, 47703), Split("web"))],
          "jumbo"),
]
