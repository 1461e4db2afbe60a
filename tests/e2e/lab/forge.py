#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends adverts that no gateway would send. Their destination IP address is the
multicast group, their MAC address that of one gateway, so only that one receives them. All but
"resign" would win an election by their priority if they were accepted. See KINDS.

  forge.py INTERFACE SOURCE MAC KIND ...      one of each
  forge.py --flood INTERFACE SOURCE MAC KIND  prints "ready", then sends a thousand a second, until
                                              its input ends
"""

import select
import socket
import struct
import sys

ALL_ROUTERS = "224.0.0.18"
VIP = "10.0.0.100"
VRRP = 112
PERIOD_S = 0.001


def advert(source, destination=ALL_ROUTERS, version=3, type_=1, id_=51, priority=254, count=1,
           interval_cs=10, addresses=1, vip=VIP, trailing=b"", ttl=255, wrong=0, is_plain=False):
    """An advert as an IPv4 packet. `is_plain`: its checksum covers no pseudo-header, as in RFC
    9568."""
    def payload(checksum):
        return struct.pack("!BBBBHH", version << 4 | type_, id_, priority, count, interval_cs,
                           checksum) + socket.inet_aton(vip) * addresses + trailing
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    length = len(payload(0))
    pseudo = ends + struct.pack("!BBH", 0, VRRP, length)
    covered = payload(0) if version == 2 or is_plain else pseudo + payload(0)
    data = payload(checksum(covered) ^ wrong)

    def header(sum_):
        return struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + length, 0, 0x4000, ttl,
                           VRRP, sum_) + ends
    return header(checksum(header(0))) + data


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


KINDS = {
    "resign": {"priority": 0},
    "plain-checksum": {"is_plain": True},
    "longest-interval": {"interval_cs": 4095},
    "ttl": {"ttl": 254},
    "version": {"version": 4},
    "other-version": {"version": 2, "interval_cs": 1, "trailing": bytes(8)},
    "type": {"type_": 2},
    "cut-short": {"addresses": 0},
    "trailing-bytes": {"trailing": bytes(4)},
    "count": {"count": 0, "addresses": 0},
    "interval": {"interval_cs": 0},
    "checksum": {"wrong": 0x0100},
    "unknown-id": {"id_": 52},
    "not-peer": {},
    "foreign-vip": {"vip": "172.16.9.1"},
}


def main():
    words = sys.argv[1:]
    is_flood = words[0] == "--flood"
    interface, source, mac, *kinds = words[is_flood:]
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind((interface, 0))
    own_mac = link.getsockname()[4]
    frames = [bytes.fromhex(mac.replace(":", "")) + own_mac + b"\x08\x00" +
              advert(source, **KINDS[kind]) for kind in kinds]
    for frame in frames:
        link.send(frame)
    if is_flood:
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], PERIOD_S)[0]:
            link.send(frames[0])


if __name__ == "__main__":
    main()
