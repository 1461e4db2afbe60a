#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client, which receives multicast and broadcast: records announcements of VIPs, and
adverts, until its input ends. Then prints them as JSON: {"at": seconds, "mac", and "priority" of an
advert or "vip" of an announcement}. Times are the kernel's receive timestamps. Prints "ready"
first.

  watch.py INTERFACE
"""

import json
import select
import socket
import struct
import sys

SO_TIMESTAMPNS = 35  # asm-generic/socket.h
SO_RCVBUFFORCE = 33
ETH_P_ALL = 3
BUFFER_BYTES = 64_000_000
IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
VRRP, ICMPV6, NEIGHBOR_ADVERTISEMENT = 112, 58, 136


def main():
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    link.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    link.bind((sys.argv[1], 0))
    link.setblocking(False)
    print("ready", flush=True)
    heard = []
    while not select.select([sys.stdin, link], [], [])[0].count(sys.stdin):
        hear(link, heard)
    hear(link, heard)
    print(json.dumps(heard))


def hear(link, heard):
    while True:
        try:
            frame, control, _, _ = link.recvmsg(2048, 64)
        except BlockingIOError:
            return
        seconds, nanoseconds = struct.unpack("@ll", control[0][2][:16])
        content = parse(frame)
        if content:
            mac = frame[6:12].hex(":")
            heard.append({"at": seconds + nanoseconds / 1e9, "mac": mac, **content})


def parse(frame):
    [kind] = struct.unpack("!H", frame[12:14])
    if kind == ARP:
        sender, target = frame[28:32], frame[38:42]
        announces = sender == target and frame[0] & 1  # to all: not an answer to another's
        return {"vip": socket.inet_ntop(socket.AF_INET, sender)} if announces else None
    if kind == IPV4 and frame[23] == VRRP:
        return {"priority": frame[14 + (frame[14] & 15) * 4 + 2]}
    if kind == IPV6 and frame[20] == VRRP:
        return {"priority": frame[56]}
    if kind == IPV6 and frame[20] == ICMPV6 and frame[54] == NEIGHBOR_ADVERTISEMENT:
        solicited = frame[58] & 0x40
        return None if solicited else {"vip": socket.inet_ntop(socket.AF_INET6, frame[62:78])}
    return None


if __name__ == "__main__":
    main()
