#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends one frame of another host, THIEF, that uses a VIP as its own address.
See KINDS.

  use_vip.py INTERFACE KIND VIP
"""

import ipaddress
import socket
import struct
import sys

THIEF = "02:00:00:00:00:77"
OTHER, OTHER6 = "10.0.0.9", "fd00::9"  # hosts that do not exist
ARP, IPV6 = 0x0806, 0x86DD
ICMPV6, SOLICITATION, ADVERTISEMENT = 58, 135, 136
OVERRIDE = 0x20000000


def raw(mac):
    return bytes.fromhex(mac.replace(":", ""))


def ethernet(destination, kind):
    return raw(destination) + raw(THIEF) + struct.pack("!H", kind)


def arp(operation, sender, target):
    return (ethernet("ff:ff:ff:ff:ff:ff", ARP) + struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
            + raw(THIEF) + socket.inet_aton(sender) + bytes(6) + socket.inet_aton(target))


def announcement(vip):
    """A gratuitous ARP request (RFC 5227)."""
    return arp(1, vip, vip)


def request(vip):
    """An ARP request for another address, as before any packet from the VIP."""
    return arp(1, vip, OTHER)


def probe(vip):
    """A question whether the VIP is free (RFC 5227 section 2.1.1)."""
    return arp(1, "0.0.0.0", vip)


def neighbor(type_, source, destination, target, flags=0, option=b""):
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    body = struct.pack("!I", flags) + ipaddress.ip_address(target).packed + option
    length = 4 + len(body)
    data = ends + struct.pack("!II", length, ICMPV6) + bytes([type_, 0]) + body
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    message = bytes([type_, 0]) + struct.pack("!H", ~total & 0xFFFF) + body
    mac = "33:33:" + ":".join(f"{byte:02x}" for byte in ends[-4:])
    return (ethernet(mac, IPV6) + struct.pack("!IHBB", 6 << 28, length, ICMPV6, 255) + ends
            + message)


def solicited_node(address):
    return f"ff02::1:ff{ipaddress.ip_address(address).packed[13:].hex()[:2]}:" + \
        ipaddress.ip_address(address).packed[14:].hex()


def advertisement(vip):
    """An unsolicited neighbor advertisement to all nodes (RFC 4861 section 7.2.6)."""
    return neighbor(ADVERTISEMENT, "fe80::77", "ff02::1", vip, OVERRIDE, b"\x02\x01" + raw(THIEF))


def solicitation(vip):
    """A neighbor solicitation from the VIP, for another address."""
    return neighbor(SOLICITATION, vip, solicited_node(OTHER6), OTHER6, 0, b"\x01\x01" + raw(THIEF))


def detection(vip):
    """Duplicate address detection (RFC 4862 section 5.4.2)."""
    return neighbor(SOLICITATION, "::", solicited_node(vip), vip)


KINDS = {kind.__name__: kind for kind in
         (announcement, request, probe, advertisement, solicitation, detection)}


def main():
    interface, kind, vip = sys.argv[1:]
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind((interface, 0))
    link.send(KINDS[kind](vip))


if __name__ == "__main__":
    main()
