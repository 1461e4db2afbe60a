# SPDX-License-Identifier: Apache-2.0
"""Ethernet, VLAN tags and ARP."""

from cases.case import answered, dropped, forwarded, to_kernel
from frames import (BROADCAST_MAC, CLIENT, CLIENT_MAC, ETHERNET_BYTES, FAMILIES, GATEWAY,
                    GATEWAY_MAC, IPV4_BYTES, OTHER_VIP, VIP, arp, ethernet, ipv4, ipv6,
                    patched, tagged, tcp, tcp6, udp, udp6)
from scapy.contrib.lldp import LLDPDU
from scapy.layers.inet import IPOption, UDP
from scapy.layers.l2 import ARP, LLC, Dot1AD, Dot1Q, Dot3, Ether
from scapy.packet import Raw

ARP_BYTES = 28
VRRP = 112
DHCP = UDP(sport=68, dport=67) / Raw(bytes(300))


def arp_reply(vip=VIP, client=CLIENT):
    return bytes(Ether(src=GATEWAY_MAC, dst=CLIENT_MAC)
                 / ARP(op=2, hwsrc=GATEWAY_MAC, psrc=vip, hwdst=CLIENT_MAC, pdst=client))


def cut(frame, sizes):
    return [frame[:size] for size in sizes]


WHOLE = tcp(options=[IPOption(b"\x01" * 8)], tcp_fields={"options": [("MSS", 1460)]})
WHOLE6 = tcp6(tcp_fields={"options": [("MSS", 1460)]})
IPV4_END = ETHERNET_BYTES + IPV4_BYTES
IPV6_END = ETHERNET_BYTES + 40
IPV4_OPTIONS_END = IPV4_END + 8

ARP_CASES = [
    answered(1, "an ARP request for a VIP by broadcast and to us", [
        (arp(vip, mac), arp_reply(vip)) for vip in (VIP, OTHER_VIP)
        for mac in (BROADCAST_MAC, GATEWAY_MAC)]),
    answered(1, "a padded ARP request", [(arp() + bytes(18), arp_reply())]),
    # RFC 5227 §2.1.1: with sender 0.0.0.0, the request asks whether the address is in use.
    answered(1, "an ARP probe is defended", [
        (ethernet(ARP(op=1, hwsrc=CLIENT_MAC, psrc="0.0.0.0", pdst=VIP), dst=BROADCAST_MAC),
         arp_reply(client="0.0.0.0"))]),
    # RFC 5227 §2.4: it asks for its own address, so the answer tells it of the conflict.
    answered(1, "a gratuitous ARP request of another host that uses a VIP", [
        (ethernet(ARP(op=1, hwsrc=CLIENT_MAC, psrc=vip, pdst=vip), dst=BROADCAST_MAC),
         arp_reply(vip, client=vip)) for vip in (VIP, OTHER_VIP)]),
    to_kernel(2, "other ARP", [
        arp(GATEWAY),
        arp("10.0.0.99"),
        arp(VIP, op="is-at", mac=GATEWAY_MAC),
        arp(VIP, op=3),
        arp(VIP, hwtype=6),
        arp(VIP, ptype=0x86DD),
        ethernet(ARP(op=1, psrc=VIP, pdst=CLIENT), dst=BROADCAST_MAC),
        ethernet(ARP(op=2, hwsrc=CLIENT_MAC, psrc=VIP, pdst=VIP), dst=BROADCAST_MAC),
        arp(CLIENT) + bytes(18),
    ]),
    dropped(4, "ARP cut anywhere", "arp_malformed",
            cut(arp(), range(ETHERNET_BYTES, ETHERNET_BYTES + ARP_BYTES))),
]

FRAMES = [
    to_kernel(3, "an unknown ethertype, LLC", [
        ethernet(Raw(b""), type=0x1234),
        ethernet(Raw(b"x" * 46), type=0x88CC),
        bytes(Dot3(src=CLIENT_MAC, dst=GATEWAY_MAC) / LLC()),
    ]),
    dropped(4, "a frame cut in its Ethernet header", "ethernet_truncated",
            cut(WHOLE, range(1, ETHERNET_BYTES))),
    dropped(4, "a frame cut in its IPv4 header", "ipv4_truncated",
            cut(WHOLE, range(ETHERNET_BYTES, IPV4_END))),
    dropped(4, "a frame cut in its IPv4 options", "ipv4_header_length",
            cut(WHOLE, range(IPV4_END, IPV4_OPTIONS_END))),
    dropped(4, "a frame cut behind its IPv4 header", "ipv4_total_length",
            cut(WHOLE, range(IPV4_OPTIONS_END, len(WHOLE)))),
    dropped(4, "a frame cut in its IPv6 header", "ipv6_truncated",
            cut(WHOLE6, range(ETHERNET_BYTES, IPV6_END))),
    dropped(4, "a frame cut behind its IPv6 header", "ipv6_payload_length",
            cut(WHOLE6, range(IPV6_END, len(WHOLE6)))),
    dropped(5, "a frame to another MAC address", "ethernet_not_ours", [
        *(make(mac=mac) for make in (tcp, tcp6, udp6, arp)
          for mac in ("02:00:00:00:00:02", CLIENT_MAC, "00:00:00:00:00:00")),
        tcp(dst=GATEWAY, mac="02:00:00:00:00:02"),
        tagged(tcp(mac=CLIENT_MAC), 0),
    ]),
    to_kernel(10, "multicast on the link", [
        ipv4(Raw(bytes(20)), mac="01:00:5e:00:00:12", dst="224.0.0.18", proto=VRRP, ttl=255),
        ipv6(Raw(bytes(20)), mac="33:33:00:00:00:12", dst="ff02::12", proto=VRRP, ttl=255),
        ipv4(DHCP, src="0.0.0.0", dst="255.255.255.255", mac=BROADCAST_MAC),
        ethernet(LLDPDU(), dst="01:80:c2:00:00:0e", type=0x88CC),
        bytes(Dot3(src=CLIENT_MAC, dst="01:80:c2:00:00:00") / LLC() / Raw(bytes(35))),
        tcp(mac=BROADCAST_MAC),
        tcp(mac="33:33:00:00:00:01"),
        tcp6(mac=BROADCAST_MAC),
        tcp6(mac="33:33:00:00:00:01"),
    ]),
    *(forwarded(11, f"padding is not forwarded, {ip.name}", "web" + ip.suffix, [
        ip.tcp(sport=40100 + pad) + b"\xff" * pad for pad in (1, 6, 18, 1000)])
      for ip in FAMILIES),
    *(forwarded(11, f"padding behind an empty datagram, {ip.name}", "dns" + ip.suffix, [
        ip.udp(payload=b"") + b"\xff" * 18]) for ip in FAMILIES),
]

NOT_OURS = "vlan_not_ours"
ARP_TAGGED = tagged(arp(), 0, prio=5)

UNTAGGED_PORT = [
    *(forwarded(7, f"a priority tag on a port without VLAN, {ip.name}", "web" + ip.suffix,
                [tagged(ip.tcp(sport=40200 + priority), 0, prio=priority) for priority in (0, 5)])
      for ip in FAMILIES),
    answered(7, "the answer to a priority-tagged ARP request has the tag",
             [(ARP_TAGGED, tagged(arp_reply(), 0, prio=5))]),
    dropped(6, "a tag on a port without VLAN", NOT_OURS, [
        *(tagged(frame, vlan) for frame in (tcp(), tcp6(), arp()) for vlan in (1, 100, 4095)),
        patched(tagged(tcp(), 0), 12, b"\x88\xa8"),
        tagged(ethernet(Raw(b"lldp"), type=0x88CC), 100),
        tagged(tcp(mac=BROADCAST_MAC), 100),
    ]),
    dropped(8, "two tags on a port without VLAN", NOT_OURS,
            [tagged(tcp(), 0, 0, outer=Dot1Q), tagged(tcp(), 200, 100)]),
    dropped(9, "three tags on a port without VLAN", NOT_OURS, [tagged(tcp(), 300, 200, 100)]),
    dropped(4, "a frame cut in its tag", "vlan_truncated", cut(tagged(tcp(), 0), range(14, 18))),
    dropped(4, "a frame cut behind its tag", "ipv4_truncated",
            cut(tagged(tcp(), 0), range(18, 18 + IPV4_BYTES))),
]

VLAN_PORT = [
    *(forwarded(6, f"the tag of the port's VLAN, {ip.name}", "web" + ip.suffix, [
        tagged(ip.tcp(sport=40300 + priority), 100, prio=priority) for priority in (0, 7)], "vlan")
      for ip in FAMILIES),
    answered(6, "the answer to an ARP request in the port's VLAN has the tag",
             [(tagged(arp(), 100, prio=3), tagged(arp_reply(), 100, prio=3))], "vlan"),
    dropped(6, "a tag of another VLAN", NOT_OURS, [
        *(tagged(frame, vlan) for frame in (tcp(), tcp6(), arp()) for vlan in (1, 101, 4095)),
        patched(tagged(tcp(), 100), 12, b"\x88\xa8"),
    ], "vlan"),
    to_kernel(7, "no tag and a priority tag on a port with a VLAN", [
        tcp(), udp6(), arp(), tagged(tcp(), 0), tagged(arp(), 0, prio=5), tcp(mac=BROADCAST_MAC),
    ], "vlan"),
    dropped(8, "two tags on a port with one", NOT_OURS, [
        tagged(tcp(), 200, 100), tagged(tcp(), 100, 200), tagged(tcp(), 100, 100),
        tagged(tcp(), 0, 100, outer=Dot1Q),
    ], "vlan"),
    dropped(4, "a frame cut in the tag of the port's VLAN", "vlan_truncated",
            cut(tagged(tcp(), 100), range(14, 18)), "vlan"),
]

QINQ_PORT = [
    *(forwarded(8, f"both tags of the port, {ip.name}", "web" + ip.suffix, [
        tagged(ip.tcp(sport=40400), 200, 100), tagged(ip.tcp(sport=40401), 200, 100, outer=Dot1Q)],
        "qinq") for ip in FAMILIES),
    answered(8, "the answer to a doubly tagged ARP request has both tags", [
        (tagged(arp(), 200, 100, outer=outer), tagged(arp_reply(), 200, 100, outer=outer))
        for outer in (Dot1AD, Dot1Q)], "qinq"),
    dropped(8, "other tags than the port's two", NOT_OURS, [
        tagged(tcp(), 100, 200), tagged(tcp(), 200, 101), tagged(tcp(), 201, 100),
        tagged(tcp(), 200, 0), tagged(tcp(), 100), tagged(tcp(), 200),
        patched(tagged(tcp(), 200, 100), 16, b"\x88\xa8"),
    ], "qinq"),
    dropped(9, "three tags on a port with two", NOT_OURS, [
        tagged(tcp(), 300, 200, 100), tagged(tcp(), 200, 100, 100), tagged(tcp(), 200, 200, 100),
    ], "qinq"),
    to_kernel(7, "no tag and a priority tag on a port with two", [
        tcp(), arp(), tagged(tcp(), 0), tagged(udp(), 0, prio=5)], "qinq"),
    dropped(4, "a frame cut in the second tag", "vlan_truncated",
            cut(tagged(tcp(), 200, 100), range(18, 22)), "qinq"),
]

CASES = [*ARP_CASES, *FRAMES, *UNTAGGED_PORT, *VLAN_PORT, *QINQ_PORT]
