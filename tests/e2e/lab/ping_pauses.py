#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends COUNT echo requests to the addresses in turn, each after a pause that differs in length,
from no time at all to 3 ms. Prints as JSON the round trip of each in milliseconds, or null if no
answer came within 2 s.

  ping_pauses.py COUNT ADDRESS...
"""

import json
import select
import socket
import sys
import time

from ping import ECHO, IPV4_BYTES, message

LONGEST_S = 0.003
TIMEOUT_S = 2


def main():
    count, addresses = int(sys.argv[1]), sys.argv[2:]
    request, reply = ECHO[socket.AF_INET]
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    times = []
    for number in range(count):
        time.sleep(LONGEST_S * number / count)
        began = time.monotonic()
        wire.sendto(message(request, number, b""), (addresses[number % len(addresses)], 0))
        answered = hears(wire, message(reply, number, b""), began + TIMEOUT_S)
        times.append((time.monotonic() - began) * 1000 if answered else None)
    print(json.dumps(times))


def hears(wire, expected, deadline):
    while select.select([wire], [], [], max(0, deadline - time.monotonic()))[0]:
        if wire.recv(65535)[IPV4_BYTES:] == expected:
            return True
    return False


if __name__ == "__main__":
    main()
