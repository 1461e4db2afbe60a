#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends a datagram every 10 ms for SECONDS, from one port. Prints "answered"
once one has come back, and at the end how many seconds' worth of datagrams did not.

  gaps.py ADDRESS PORT SECONDS
"""

import select
import socket
import sys
import time

INTERVAL_S = 0.01


def main():
    address, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    client = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((address, port))
    client.setblocking(False)
    sent, answered = 0, set()
    until = None
    while until is None or time.monotonic() < until:
        send(client, sent)
        sent += 1
        answered |= receive(client, time.monotonic() + INTERVAL_S)
        if until is None and answered:
            until = time.monotonic() + seconds
            sent, answered = 0, set()
            print("answered", flush=True)
    answered |= receive(client, time.monotonic() + 0.3)
    print((sent - len(answered)) * INTERVAL_S)


def send(client, number):
    try:
        client.send(b"%d" % number)
    except OSError:  # the link is down
        pass


def receive(client, until):
    """The numbers that come back in time."""
    numbers = set()
    while (left_s := until - time.monotonic()) > 0:
        if select.select([client], [], [], left_s)[0]:
            try:
                numbers.add(int(client.recv(100).split()[-1]))
            except OSError:
                pass
    return numbers


if __name__ == "__main__":
    main()
