#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends or receives a datagram as an election does: protocol VRRP, to 224.0.0.18 (RFC 9568).

  multicast.py send INTERFACE_ADDRESS DATA     one advert
  multicast.py hear INTERFACE_ADDRESS          prints "listening", then the next advert's data
"""

import socket
import sys

GROUP, PROTOCOL, HOP_LIMIT = "224.0.0.18", 112, 255
IPV4_BYTES = 20


def main():
    role, address = sys.argv[1:3]
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOL)
    local = socket.inet_aton(address)
    if role == "send":
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, local)
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, HOP_LIMIT)
        wire.sendto(sys.argv[3].encode(), (GROUP, 0))
    else:
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                        socket.inet_aton(GROUP) + local)
        print("listening", flush=True)
        print(wire.recv(65535)[IPV4_BYTES:].decode(), flush=True)


if __name__ == "__main__":
    main()
