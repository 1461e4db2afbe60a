#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on a node of the lab: receives or sends IPv4 packets as bytes.

  wire.py hear INTERFACE [PROTOCOL]   prints "ready", listens until its input ends, then prints the
                                      packets that arrived as JSON, in hex, from the IP header on:
                                      adverts, or those of that IP protocol
  wire.py send INTERFACE MAC HEX ...  sends each packet to that MAC address
"""

import json
import select
import socket
import sys

ETH_P_IP = 0x0800
PACKET_OUTGOING = 4
LINK_BYTES, PROTOCOL_OFFSET, VRRP = 14, 23, 112


def main():
    role, interface = sys.argv[1:3]
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    link.bind((interface, 0))
    if role == "send":
        mac, *packets = sys.argv[3:]
        head = bytes.fromhex(mac.replace(":", "")) + link.getsockname()[4] + b"\x08\x00"
        for packet in packets:
            link.send(head + bytes.fromhex(packet))
        return
    protocol = int(sys.argv[3]) if len(sys.argv) > 3 else VRRP
    print("ready", flush=True)
    heard = []
    while sys.stdin not in (ready := select.select([sys.stdin, link], [], [])[0]):
        frame, address = link.recvfrom(2048)
        if ready and address[2] != PACKET_OUTGOING and frame[PROTOCOL_OFFSET] == protocol:
            heard.append(frame[LINK_BYTES:].hex())
    print(json.dumps(heard))


if __name__ == "__main__":
    main()
