#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: opens HTTP connections until it has one with each backend. Then it tells each
backend, as a router on the path would, that a packet of that connection was too big. Prints as a
JSON object the MTU that each backend was told, and keeps the connections until its input ends.

  too_big.py INTERFACE GATEWAY_MAC ADDRESS PORT BACKEND=MTU...
"""

import http.client
import json
import socket
import struct
import sys

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.sendrecv import sendp

TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21  # linux/tcp.h
RECEIVE_QUEUE, REPAIR_ON, REPAIR_OFF = 1, 1, 0
ROUTER, ROUTER6 = "10.0.0.60", "fd00::60"
TRIES = 100


def main():
    interface, mac, address, port = sys.argv[1:5]
    mtus = {node: int(mtu) for node, mtu in (word.split("=") for word in sys.argv[5:])}
    connections = {}
    for _ in range(TRIES):
        if connections.keys() == mtus.keys():
            break
        connection = http.client.HTTPConnection(address, int(port), timeout=5)
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        connections.setdefault(answer.getheader("X-Backend"), connection)
    for node, connection in connections.items():
        sendp(Ether(dst=mac) / error(connection.sock, mtus[node]), iface=interface, verbose=False)
    print(json.dumps({node: mtus[node] for node in connections}), flush=True)
    sys.stdin.read()


def error(sock, mtu):
    """The ICMP error. It quotes the next segment from the VIP, with the headers up to the sequence
    number."""
    client, vip = sock.getsockname(), sock.getpeername()
    ports_and_sequence = struct.pack("!HHI", vip[1], client[1], next_sequence(sock))
    if sock.family == socket.AF_INET:
        quoted = IP(src=vip[0], dst=client[0], proto=6, len=1500, flags="DF") / Raw(
            ports_and_sequence)
        return IP(src=ROUTER, dst=vip[0]) / ICMP(type=3, code=4, nexthopmtu=mtu) / quoted
    quoted = IPv6(src=vip[0], dst=client[0], nh=6, plen=1460) / Raw(ports_and_sequence)
    return IPv6(src=ROUTER6, dst=vip[0]) / ICMPv6PacketTooBig(mtu=mtu) / quoted


def next_sequence(sock):
    """The sequence number that the backend sends next: it accepts only errors about data in
    flight."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_ON)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, RECEIVE_QUEUE)
    sequence = sock.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_OFF)
    return sequence & 0xFFFFFFFF


if __name__ == "__main__":
    main()
