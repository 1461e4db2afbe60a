#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends datagrams to the backends' echo servers, each from a port of its own, a
few at a time. Prints by backend how many came back, byte for byte, as a JSON object.

  datagrams.py ADDRESS PORT COUNT BYTES [TRIES]
"""

import json
import os
import select
import socket
import sys
import time
from collections import Counter

AT_A_TIME = 8
TIMEOUT_S = 2


def main():
    address, port, count, bytes_ = sys.argv[1], *map(int, sys.argv[2:5])
    tries = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    answered = Counter()
    for first in range(0, count, AT_A_TIME):
        waiting = {client(address, port): os.urandom(bytes_)
                   for _ in range(min(AT_A_TIME, count - first))}
        for _ in range(tries):
            answered += exchange(waiting)
    print(json.dumps(answered))


def client(address, port):
    one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    one.connect((address, port))
    return one


def exchange(waiting):
    """Sends what has not been answered; takes what is answered out of `waiting`."""
    answered = Counter()
    for one, said in waiting.items():
        one.send(said)
    deadline = time.monotonic() + TIMEOUT_S
    while waiting:
        ready, _, _ = select.select(waiting, [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return answered
        for one in ready:
            name, _, heard = one.recv(65535).partition(b" ")
            if heard == waiting.pop(one):
                answered[name.decode()] += 1
    return answered


if __name__ == "__main__":
    main()
