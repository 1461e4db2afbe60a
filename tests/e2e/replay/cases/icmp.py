# SPDX-License-Identifier: Apache-2.0
"""ICMP to a VIP: echo requests are answered, errors go where the flow goes that they are about."""

from cases.case import answered, dropped, forwarded, to_kernel
from cases.fragmenting import Datagram
from frames import (CLIENT_MAC, FAMILIES, GATEWAY_MAC, V4, V6, ipv4, ipv6, patched,
                    tagged)
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest,
                                ICMPv6MLQuery, ICMPv6ND_Redirect, ICMPv6PacketTooBig,
                                ICMPv6ParamProblem, ICMPv6TimeExceeded, IPv6, IPv6ExtHdrDestOpt,
                                IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN)
from scapy.layers.l2 import Ether
from scapy.packet import Raw

ROUTER, ROUTER6 = "192.0.2.1", "2001:db8::1"
ICMP_BYTES = 8
TRUNCATED, INNER = "icmp_truncated", "icmp_inner"
REDIRECT, FRAGMENT = "icmp_redirect", "icmp_fragment"
OPTIONS = [IPOption(b"\x94\x04\x00\x00")]
ESP = 50


def echo_pair(ip, payload=b"0123456789", identifier=1, sequence=1, vip=None, behind=None, **fields):
    """A request and its answer, both `behind` the same extension headers."""
    request, reply = ((ICMP(type=8), ICMP(type=0)) if ip is V4 else
                      (ICMPv6EchoRequest(), ICMPv6EchoReply()))
    request.id = reply.id = identifier
    request.seq = reply.seq = sequence
    if ip is V6:
        request.data = reply.data = payload
    else:
        request, reply = request / Raw(payload), reply / Raw(payload)
    if behind is not None:
        request, reply = behind / request, behind / reply
    vip = vip or ip.vip
    question = ip.ip(request, dst=vip, **fields)
    answer = ip.ip(reply, src=vip, dst=ip.client, **{**fields, "ttl": 64})
    return question, bytes(Ether(src=GATEWAY_MAC, dst=CLIENT_MAC))[:12] + answer[12:]


def echoes(ip):
    at = ", " + ip.name
    payloads = [b"", b"x", b"\xff\xff", bytes(range(56)), bytes(57), b"\xff" * 1000]
    yield answered(46, "an echo request of any size" + at, [
        echo_pair(ip, payload, identifier=i) for i, payload in enumerate(payloads)])
    yield answered(46, "an echo request that fills the MTU" + at,
                   [echo_pair(ip, bytes(1500 - ip.header_bytes - ICMP_BYTES))])
    yield dropped(48, "an echo request beyond the MTU" + at, "too_big",
                  [echo_pair(ip, bytes(1500 - ip.header_bytes - ICMP_BYTES + 1))[0]])
    yield answered(46, "an echo request to the other VIP" + at,
                   [echo_pair(ip, vip=ip.other_vip)])
    yield answered(46, "an echo request of any TTL and TOS" + at, [
        echo_pair(ip, identifier=ttl, ttl=ttl, tos=ttl) for ttl in (1, 64, 255)])
    question, answer = echo_pair(ip)
    yield answered(46, "a padded echo request" + at, [(question + bytes(18), answer)])
    yield answered(46, "an echo request with a priority tag" + at,
                   [(tagged(question, 0, prio=3), tagged(answer, 0, prio=3))])
    yield answered(46, "an echo request in the port's VLAN" + at,
                   [(tagged(question, 100, prio=3), tagged(answer, 100, prio=3))], "vlan")


def quoted(ip, dport=48000, sport=80, protocol=TCP, **fields):
    """The packet that an error quotes: from the VIP to the client."""
    if ip is V4:
        header = IP(**{"src": ip.vip, "dst": ip.client, **fields})
    else:
        header = IPv6(**{"src": ip.vip, "dst": ip.client, **fields})
    return bytes(header / protocol(sport=sport, dport=dport) / Raw(b"answer" * 10))


def too_big(ip, mtu=1400):
    return ICMP(type=3, code=4, nexthopmtu=mtu) if ip is V4 else ICMPv6PacketTooBig(mtu=mtu)


def about(ip, quote, message=None, **fields):
    """An error from a router on the path that quotes these bytes."""
    source = ROUTER if ip is V4 else ROUTER6
    return ip.ip((message or too_big(ip)) / Raw(quote), **{"src": source, **fields})


def kinds_of_errors(ip):
    if ip is V4:
        return [*(ICMP(type=3, code=code) for code in (0, 1, 2, 3, 4, 13)), ICMP(type=4),
                ICMP(type=11, code=0), ICMP(type=11, code=1), ICMP(type=12)]
    return [*(ICMPv6DestUnreach(code=code) for code in (0, 1, 3, 4)), ICMPv6PacketTooBig(),
            ICMPv6TimeExceeded(code=0), ICMPv6TimeExceeded(code=1), ICMPv6ParamProblem()]


def errors(ip):
    at = ", " + ip.name
    web, quic = "web" + ip.suffix, "quic" + ip.suffix
    for port in range(48000, 48008):
        flow = (ip.name, port)
        whole = quoted(ip, port)
        yield forwarded(49, f"packet too big, quoting 8 bytes and more, {port}{at}", web, [
            ip.tcp(sport=port),
            *(about(ip, whole[:ip.header_bytes + size]) for size in (8, 20, 21)),
            about(ip, whole), ip.tcp(sport=port, flags="A")], flow=flow)
        yield forwarded(49, f"packet too big about UDP, {port}{at}", quic, [
            ip.udp(sport=port, dport=443),
            about(ip, quoted(ip, port, 443, UDP)[:ip.header_bytes + 8]),
        ], flow=(ip.name, "udp", port))
    yield forwarded(55, "unreachable, time exceeded, parameter problem" + at, web, [
        about(ip, quoted(ip, 48100 + i), message)
        for i, message in enumerate(kinds_of_errors(ip))])
    yield forwarded(49, "an error without a flow" + at, web, [about(ip, quoted(ip, 48200))])
    yield forwarded(51, "an absurd MTU" + at, web, [
        about(ip, quoted(ip, 48300 + mtu % 89), too_big(ip, mtu))
        for mtu in (0, 1, 67, 68, 575, 576, 1279, 1280, 65535)])
    yield dropped(52, "an error about a packet of another host" + at, INNER, [
        about(ip, quoted(ip, src=ip.gateway)), about(ip, quoted(ip, src=ip.client, dst=ip.vip)),
        about(ip, quoted(ip, src=ip.other_vip, sport=53, protocol=UDP)),
    ])
    yield dropped(52, "an error about a packet of no service" + at, INNER, [
        about(ip, quoted(ip, sport=79)), about(ip, quoted(ip, sport=80, protocol=UDP))])
    yield to_kernel(52, "an error that is not to a VIP" + at,
                    [about(ip, quoted(ip), dst=ip.gateway)])
    yield dropped(54, "an error that quotes too little" + at, INNER, [
        about(ip, quoted(ip)[:size]) for size in range(ip.header_bytes + 8)])
    yield dropped(54, "an error that quotes no IP, or the other version's" + at, INNER, [
        about(ip, b"\x00" * 60), about(ip, b"\xff" * 60),
        about(ip, quoted(V4 if ip is V6 else V6))])
    yield dropped(58, "an error in fragments" + at, FRAGMENT, Datagram(
        ip, bytes(too_big(ip) / Raw(quoted(ip))), ip.icmp).cut(40))
    yield dropped(4, "an ICMP header cut short" + at, TRUNCATED, [
        ip.ip(Raw(bytes(message)[:size]), proto=ip.icmp)
        for message in (too_big(ip), ICMP() if ip is V4 else ICMPv6EchoRequest())
        for size in range(0 if ip is V4 else 1, ICMP_BYTES)])


IPV4_ONLY = [
    answered(46, "an echo request with IPv4 options", [echo_pair(V4, options=OPTIONS)]),
    answered(46, "an echo request with IPv4 flags and identification", [
        echo_pair(V4, identifier=i, id=0xBEEF, flags=flags) for i, flags in enumerate((0, 2))]),
    forwarded(50, "an error that quotes IPv4 options", "web", [
        about(V4, quoted(V4, 48400, options=[IPOption(b"\x00\x50\x00\x50" * words)])[
            :28 + 4 * words])
        for words in (1, 9)]),
    forwarded(50, "an error with IPv4 options of its own", "web",
              [about(V4, quoted(V4, 48401), options=OPTIONS)]),
    dropped(54, "an error whose quote ends in its options", INNER, [
        about(V4, quoted(V4, 48400, options=OPTIONS)[:size]) for size in (20, 24, 31)]),
    dropped(54, "an error that quotes an impossible header length", INNER, [
        about(V4, patched(quoted(V4), 0, bytes([0x40 | words]))) for words in (0, 4, 15)]),
    forwarded(53, "an error about a first fragment", "web",
              [about(V4, quoted(V4, 48402, flags=1)), about(V4, quoted(V4, 48403, flags=3))]),
    dropped(53, "an error about a later fragment", INNER, [
        about(V4, quoted(V4, frag=1)), about(V4, quoted(V4, frag=100, flags=1))]),
    dropped(56, "an error about ICMP", INNER, [
        about(V4, bytes(IP(src=V4.vip, dst=V4.client) / inner / Raw(bytes(20))))
        for inner in (ICMP(type=3, code=3), ICMP(type=11), ICMP(type=0), ICMP(type=8))]),
    dropped(52, "an error about a protocol without ports", INNER, [
        about(V4, bytes(IP(src=V4.vip, dst=V4.client, proto=ESP) / Raw(bytes(20))))]),
    dropped(57, "a redirect", REDIRECT, [
        about(V4, quoted(V4), ICMP(type=5, code=code, gw="10.0.0.66")) for code in range(4)]),
    to_kernel(46, "other ICMP to a VIP", [
        *(ipv4(ICMP(type=kind)) for kind in (0, 9, 10, 13, 14, 15, 17, 42)),
        ipv4(ICMP(type=8, code=1))]),
    to_kernel(46, "echo requests to others", [ipv4(ICMP(), dst="10.0.0.1")]),
]


def behind(headers, protocol=TCP, port=48400):
    return bytes(IPv6(src=V6.vip, dst=V6.client) / headers / protocol(sport=80, dport=port)
                 / Raw(bytes(20)))


IPV6_ONLY = [
    forwarded(50, "an error that quotes extension headers", "web6", [
        about(V6, behind(IPv6ExtHdrHopByHop(options=[PadN()]), port=48500)),
        about(V6, behind(IPv6ExtHdrDestOpt(options=[PadN()]) / IPv6ExtHdrDestOpt(options=[PadN()]),
                         port=48501)),
    ]),
    forwarded(50, "an error with extension headers of its own", "web6", [
        ipv6(IPv6ExtHdrHopByHop(options=[PadN()]) / ICMPv6PacketTooBig(mtu=1400)
             / Raw(quoted(V6, 48502)), src=ROUTER6)]),
    forwarded(53, "an error about a first fragment, IPv6", "web6",
              [about(V6, behind(IPv6ExtHdrFragment(id=1, m=1), port=48503))]),
    dropped(53, "an error about a later fragment, IPv6", INNER, [
        about(V6, behind(IPv6ExtHdrFragment(id=1, offset=1, m=more))) for more in (0, 1)]),
    dropped(54, "an error whose quote ends in extension headers", INNER, [
        about(V6, behind(IPv6ExtHdrHopByHop(options=[PadN()]))[:size])
        for size in (40, 47, 48, 55)]),
    dropped(56, "an error about ICMPv6", INNER, [
        about(V6, bytes(IPv6(src=V6.vip, dst=V6.client) / inner / Raw(bytes(20))))
        for inner in (ICMPv6DestUnreach(), ICMPv6PacketTooBig(), ICMPv6EchoReply(),
                      ICMPv6EchoRequest())]),
    dropped(52, "an error about a protocol without ports, IPv6", INNER, [
        about(V6, bytes(IPv6(src=V6.vip, dst=V6.client, nh=ESP) / Raw(bytes(20))))]),
    dropped(57, "a redirect, IPv6", REDIRECT, [
        ipv6(ICMPv6ND_Redirect(tgt="fe80::66", dst="2001:db8::5"), src="fe80::1", ttl=255)]),
    to_kernel(46, "other ICMPv6 to a VIP", [
        ipv6(ICMPv6EchoReply()), ipv6(ICMPv6MLQuery()),
        *(ipv6(Raw(bytes([kind]) + bytes(23)), proto=V6.icmp)
          for kind in (100, 127, 139, 200, 255))]),
    to_kernel(46, "ICMPv6 echo requests to others", [ipv6(ICMPv6EchoRequest(), dst="fd00::1")]),
    answered(46, "an ICMPv6 echo request with a flow label",
             [echo_pair(V6, fl=0x12345), echo_pair(V6, fl=0, identifier=2)]),
    answered(46, "an ICMPv6 echo request behind extension headers", [
        echo_pair(V6, behind=headers) for headers in (
            IPv6ExtHdrDestOpt(options=[PadN()]), IPv6ExtHdrFragment(id=9),
            IPv6ExtHdrHopByHop(options=[PadN()]) / IPv6ExtHdrDestOpt(options=[PadN()]))]),
]

CASES = [*(case for ip in FAMILIES for make in (echoes, errors) for case in make(ip)),
         *IPV4_ONLY, *IPV6_ONLY]
