#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends echo requests, all at once. Prints how many were answered, byte for byte, within a second.

  ping.py ADDRESS COUNT [DATA_BYTES]
"""

import os
import select
import socket
import struct
import sys
import time

TIMEOUT_S = 1
ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}  # request, reply
IPV4_BYTES = 20


def main():
    address, count = sys.argv[1], int(sys.argv[2])
    data = os.urandom(int(sys.argv[3]) if len(sys.argv) > 3 else 56)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    request, reply = ECHO[family]
    protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    wire = socket.socket(family, socket.SOCK_RAW, protocol)
    expected = set()
    for sequence in range(count):
        wire.sendto(message(request, sequence, data), (address, 0))
        expected.add(message(reply, sequence, data)[4:])
    answered = 0
    deadline = time.monotonic() + TIMEOUT_S
    while expected and select.select([wire], [], [], max(0, deadline - time.monotonic()))[0]:
        heard = wire.recv(65535)[IPV4_BYTES if family == socket.AF_INET else 0:]
        if heard[0] == reply and heard[4:] in expected:
            expected.remove(heard[4:])
            answered += 1
    print(answered)


def message(kind, sequence, data):
    body = struct.pack("!HH", os.getpid() & 0xFFFF, sequence) + data
    total = (kind << 8) + sum(struct.unpack(f"!{len(body) // 2}H", body))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBH", kind, 0, ~total & 0xFFFF) + body


if __name__ == "__main__":
    main()
