#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: asks all for an IPv4 address, by ARP. Prints the MAC addresses that answer
within a moment, as a JSON list.

  who_has.py INTERFACE ADDRESS
"""

import json
import socket
import struct
import sys
import time

ETH_P_ARP = 0x0806
WAIT_S = 0.3


def main():
    interface, address = sys.argv[1], socket.inet_aton(sys.argv[2])
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
    link.bind((interface, 0))
    mac = link.getsockname()[4]
    request = struct.pack("!6s6sHHHBBH6s4s6s4s", b"\xff" * 6, mac, ETH_P_ARP, 1, 0x0800, 6, 4, 1,
                          mac, bytes(4), bytes(6), address)
    link.send(request)
    answers = set()
    until = time.monotonic() + WAIT_S
    while (left := until - time.monotonic()) > 0:
        link.settimeout(left)
        try:
            frame = link.recv(2048)
        except TimeoutError:
            break
        if frame[20:22] == b"\x00\x02" and frame[28:32] == address:
            answers.add(frame[22:28].hex(":"))
    print(json.dumps(sorted(answers)))


if __name__ == "__main__":
    main()
