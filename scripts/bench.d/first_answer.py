#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client of the lab, while no gateway forwards: sends a datagram to an echo service
every millisecond, until one is answered or standard input ends. Prints "ready", and at the end as
JSON when the answer came (CLOCK_BOOTTIME, in seconds), or null.

  first_answer.py ADDRESS PORT
"""

import json
import select
import socket
import sys
import time

PERIOD_S = 0.001


def main():
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setblocking(False)
    client.connect((sys.argv[1], int(sys.argv[2])))
    print("ready", flush=True)
    answered_at = None
    while answered_at is None and not select.select([sys.stdin], [], [], PERIOD_S)[0]:
        answered_at = exchange(client)
    sys.stdin.read()
    print(json.dumps(answered_at))


def exchange(client):
    """When an earlier datagram was answered, or None."""
    try:
        client.recv(2048)
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except OSError:
        pass
    try:
        client.send(b"?")
    except OSError:
        pass
    return None


if __name__ == "__main__":
    main()
