#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends datagrams to the backends' echo servers, each from a different port,
some at a time; first a short one from each port. Prints as a JSON object, for each backend, how
many came back byte for byte from the backend that had answered the short one.

  datagrams.py ADDRESS PORT COUNT BYTES [TRIES]
"""

import errno
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
        clients = [client(address, port) for _ in range(min(AT_A_TIME, count - first))]
        before = ask(clients, 1, tries)
        after = ask(clients, bytes_, tries)
        answered += Counter(name for one, name in after.items() if before.get(one) == name)
    print(json.dumps(answered))


def client(address, port):
    one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    one.connect((address, port))
    return one


def ask(clients, bytes_, tries):
    """For each client, the backend that answered."""
    waiting = {one: os.urandom(bytes_) for one in clients}
    answers = {}
    for _ in range(tries):
        for one, said in waiting.items():
            one.send(said)
        deadline = time.monotonic() + TIMEOUT_S
        while waiting and time.monotonic() < deadline:
            ready, _, _ = select.select(waiting, [], [], max(0, deadline - time.monotonic()))
            for one in ready:
                hear(one, waiting, answers)
    return answers


def hear(one, waiting, answers):
    try:
        name, _, heard = one.recv(65535).partition(b" ")
    except OSError as problem:
        if problem.errno != errno.EMSGSIZE:  # the path MTU was just learnt: try again
            raise
        one.send(waiting[one])
        return
    if heard == waiting[one]:
        del waiting[one]
        answers[one] = name.decode()


if __name__ == "__main__":
    main()
