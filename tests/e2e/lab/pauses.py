#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends COUNT datagrams, each after a pause that differs in length, from no
time at all to 3 ms. Prints as JSON the round trip of each in milliseconds, or null if no answer
came within 2 s.

  pauses.py ADDRESS PORT COUNT
"""

import json
import socket
import sys
import time

LONGEST_S = 0.003
TIMEOUT_S = 2


def main():
    address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(TIMEOUT_S)
    client.connect((address, port))
    times = []
    for number in range(count):
        time.sleep(LONGEST_S * number / count)
        began = time.monotonic()
        client.send(b"%d" % number)
        try:
            client.recv(100)
            times.append((time.monotonic() - began) * 1000)
        except TimeoutError:
            times.append(None)
    print(json.dumps(times))


if __name__ == "__main__":
    main()
