# SPDX-License-Identifier: Apache-2.0
"""Neighbor discovery: solicitations for VIPs are answered as RFC 4861 requires."""

import socket

from cases.case import answered, dropped, to_kernel
from frames import (CLIENT6, CLIENT_MAC, ETHERNET_BYTES, GATEWAY6, GATEWAY_MAC, OTHER_VIP6, VIP6,
                    ipv6, patched, tagged)
from scapy.layers.inet6 import (ICMPv6MLReport2, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                                ICMPv6ND_RS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IPv6,
                                IPv6ExtHdrHopByHop, RouterAlert)
from scapy.layers.l2 import Ether
from scapy.packet import Raw

MALFORMED = "neighbor_malformed"
ICMP_AT = ETHERNET_BYTES + 40
ALL_NODES, ALL_NODES_MAC = "ff02::1", "33:33:00:00:00:01"
LINK_LAYER = ICMPv6NDOptSrcLLAddr(lladdr=CLIENT_MAC)


def solicited_node(address):
    """The multicast address of RFC 4291 §2.7.1, and its MAC address."""
    last = socket.inet_pton(socket.AF_INET6, address)[13:]
    group = b"\xff\x02" + bytes(9) + b"\x01\xff" + last
    return socket.inet_ntop(socket.AF_INET6, group), "33:33:ff:" + last.hex(":")


def solicitation(target=VIP6, src=CLIENT6, dst=None, mac=None, option=LINK_LAYER, ns=None,
                 **fields):
    """A neighbor solicitation; multicast, unless `dst` and `mac` are given."""
    group, group_mac = solicited_node(target)
    message = ICMPv6ND_NS(tgt=target, **(ns or {}))
    return ipv6(message / option if option is not None else message, src=src, dst=dst or group,
                mac=mac or group_mac, **{"ttl": 255, **fields})


def advertisement(target=VIP6, dst=CLIENT6, mac=CLIENT_MAC, solicited=1):
    return bytes(Ether(src=GATEWAY_MAC, dst=mac) / IPv6(src=target, dst=dst, hlim=255)
                 / ICMPv6ND_NA(R=1, S=solicited, O=1, tgt=target)
                 / ICMPv6NDOptDstLLAddr(lladdr=GATEWAY_MAC))


DEFENCE = advertisement(dst=ALL_NODES, mac=ALL_NODES_MAC, solicited=0)
UNICAST = {"dst": VIP6, "mac": GATEWAY_MAC}

ANSWERED = [
    answered(67, "a solicitation for a VIP by multicast", [
        (solicitation(target), advertisement(target)) for target in (VIP6, OTHER_VIP6)]),
    answered(67, "a solicitation by multicast without its link-layer option",
             [(solicitation(option=None), advertisement())]),
    answered(67, "a solicitation by unicast, with and without its link-layer option", [
        (solicitation(option=option, **UNICAST), advertisement())
        for option in (LINK_LAYER, None)]),
    answered(67, "a solicitation from a link-local source",
             [(solicitation(src="fe80::50"), advertisement(dst="fe80::50"))]),
    answered(67, "duplicate address detection learns that the VIP is in use",
             [(solicitation(src="::", option=None), DEFENCE)]),
    answered(67, "a solicitation with an unknown option", [
        (solicitation(option=Raw(b"\xfd\x01" + bytes(6))), advertisement()),
        (solicitation(option=LINK_LAYER / Raw(b"\xfd\x02" + bytes(14))), advertisement())]),
    answered(67, "a padded solicitation",
             [(solicitation(option=None) + bytes(6), advertisement())]),
    answered(67, "a tagged solicitation",
             [(tagged(solicitation(), 0, prio=5), tagged(advertisement(), 0, prio=5))]),
    answered(67, "a solicitation in the port's VLAN",
             [(tagged(solicitation(), 100), tagged(advertisement(), 100))], "vlan"),
]

REJECTED = [
    dropped(68, "a solicitation from beyond the link", MALFORMED, [
        *(solicitation(ttl=ttl) for ttl in (1, 64, 254)), solicitation(ttl=254, **UNICAST)]),
    dropped(67, "a solicitation with a wrong checksum or code", MALFORMED, [
        solicitation(ns={"cksum": 0x1234}), solicitation(ns={"code": 1}),
        patched(solicitation(), ICMP_AT + 24 + 2, b"\x77"),
    ]),
    dropped(67, "a solicitation with a broken option", MALFORMED, [
        solicitation(option=Raw(b"\x01\x00" + bytes(6))),
        solicitation(option=Raw(b"\xfd\x00" + bytes(6))),
        solicitation(option=Raw(b"\x01\x02" + bytes(6))),
        solicitation(option=Raw(b"\x01")),
        solicitation(option=Raw(bytes(LINK_LAYER)[:7])),
    ]),
    dropped(67, "a solicitation cut short in front of its target", MALFORMED, [
        ipv6(Raw(bytes(ICMPv6ND_NS(tgt=VIP6))[:size]), proto=58, ttl=255)
        for size in range(1, 24)]),
    dropped(66, "a solicitation from an impossible source", "ipv6_source", [
        solicitation(src=source) for source in ("::1", "ff02::1", "::ffff:10.0.0.50", VIP6)]),
    dropped(67, "malformed duplicate address detection", MALFORMED, [
        solicitation(src="::", option=LINK_LAYER),
        solicitation(src="::", option=None, **UNICAST),
        solicitation(src="::", option=None, dst=ALL_NODES, mac=ALL_NODES_MAC),
    ]),
]

GATEWAY_GROUP, GATEWAY_GROUP_MAC = solicited_node(GATEWAY6)
OTHERS = [
    to_kernel(67, "solicitations for others", [
        solicitation(GATEWAY6), solicitation("fd00::99"), solicitation("fe80::1"),
        solicitation(GATEWAY6, ttl=64), solicitation(GATEWAY6, ns={"cksum": 1}),
        solicitation(GATEWAY6, dst=GATEWAY6, mac=GATEWAY_MAC),
        solicitation("fd00::99", src="::", option=None),
    ]),
    to_kernel(69, "router solicitations and advertisements", [
        ipv6(ICMPv6ND_RS() / LINK_LAYER, dst="ff02::2", mac="33:33:00:00:00:02", ttl=255),
        ipv6(ICMPv6ND_RA() / LINK_LAYER, src="fe80::1", dst=ALL_NODES, mac=ALL_NODES_MAC, ttl=255),
        ipv6(ICMPv6ND_RA(), src="fe80::1", dst=GATEWAY6, ttl=255),
    ]),
    to_kernel(69, "advertisements and multicast listeners", [
        ipv6(ICMPv6ND_NA(tgt=CLIENT6), dst=ALL_NODES, mac=ALL_NODES_MAC, ttl=255),
        ipv6(ICMPv6ND_NA(tgt=VIP6), dst=ALL_NODES, mac=ALL_NODES_MAC, ttl=255),
        ipv6(ICMPv6ND_NA(tgt=CLIENT6), dst=GATEWAY6, ttl=255),
        ipv6(IPv6ExtHdrHopByHop(options=[RouterAlert()]) / ICMPv6MLReport2(), dst="ff02::16",
             mac="33:33:00:00:00:16", ttl=1),
    ]),
]

CASES = [*ANSWERED, *REJECTED, *OTHERS]
