#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends COUNT datagrams to UDP port 80 of ADDRESS by INTERFACE, each in three fragments. Prints as
JSON for each the time in milliseconds until all three have come back to the interface, in frames
to the backend's MAC address MAC; null if they have not within 2 s.

  fragment_times.py INTERFACE MAC COUNT ADDRESS
"""

import json
import select
import socket
import sys
import time

ETH_P_IP = 0x0800
FRAGMENTS = 3
DATA = bytes(2 * 1480)  # and a UDP header, with an MTU of 1500
PAUSE_S = 0.002  # after which a worker that has nothing to do waits
TIMEOUT_S = 2


def main():
    interface, mac, count, address = sys.argv[1:]
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    wire.bind((interface, ETH_P_IP))
    times = []
    for _ in range(int(count)):
        time.sleep(PAUSE_S)
        began = time.monotonic()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(DATA, (address, 80))
        whole = hears(wire, bytes.fromhex(mac.replace(":", "")), began + TIMEOUT_S)
        times.append((time.monotonic() - began) * 1000 if whole else None)
    print(json.dumps(times))


def hears(wire, mac, deadline):
    missing = FRAGMENTS
    while missing > 0 and select.select([wire], [], [], max(0, deadline - time.monotonic()))[0]:
        if wire.recv(65535).startswith(mac):
            missing -= 1
    return missing == 0


if __name__ == "__main__":
    main()
