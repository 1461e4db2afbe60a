#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends an ARP request for an IPv4 address (RFC 826). Prints a JSON list of the
MAC addresses that answer. It waits a second for the first answer, and SECONDS for further ones.

  who_has.py INTERFACE ADDRESS SECONDS
"""

import fcntl
import json
import select
import socket
import struct
import sys
import time

SIOCGIFADDR = 0x8915
ETH_P_ARP, ETHERNET, IPV4, REQUEST, REPLY = 0x0806, 1, 0x0800, 1, 2
FIRST_S = 1


def main():
    interface, address, others_s = sys.argv[1:]
    wanted = socket.inet_aton(address)
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
    link.bind((interface, 0))
    link.send(request(link.getsockname()[4], address_of(link, interface), wanted))
    answered = []
    until = time.monotonic() + FIRST_S
    while select.select([link], [], [], max(0, until - time.monotonic()))[0]:
        frame = link.recv(2048)
        operation, sender = struct.unpack("!20xH6x4s", frame[:32])
        if operation == REPLY and sender == wanted:
            answered.append(frame[6:12].hex(":"))
            if len(answered) == 1:
                until = time.monotonic() + float(others_s)
    print(json.dumps(answered))


def address_of(link, interface):
    return fcntl.ioctl(link, SIOCGIFADDR, struct.pack("256s", interface.encode()))[20:24]


def request(mac, address, wanted):
    return (b"\xff" * 6 + mac + struct.pack("!HHHBBH", ETH_P_ARP, ETHERNET, IPV4, 6, 4, REQUEST)
            + mac + address + bytes(6) + wanted)


if __name__ == "__main__":
    main()
