#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client of the lab: sends datagrams to an echo service, one every millisecond at most,
until standard input ends. Prints "ready", and at the end as JSON: for each round trip its us and how
many ms of CPU time were stolen since the one before, and the number of datagrams that were not
answered within a second.

  round_trips.py ADDRESS PORT
"""

import json
import select
import socket
import sys
import time

sys.dont_write_bytecode = True

from stolen import stolen_ms  # noqa: E402

PERIOD_S, TIMEOUT_S = 0.001, 1


def main():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.connect((sys.argv[1], int(sys.argv[2])))
    print("ready", flush=True)
    trips, lost, number, before_ms = [], 0, 0, stolen_ms()
    while not select.select([sys.stdin], [], [], 0)[0]:
        number += 1
        began = time.monotonic()
        if exchange(one, str(number).encode()):
            us, now_ms = round((time.monotonic() - began) * 1e6, 1), stolen_ms()
            trips.append((us, now_ms - before_ms))
            before_ms = now_ms
        else:
            lost += 1
        time.sleep(max(0, began + PERIOD_S - time.monotonic()))
    print(json.dumps({"trips": trips, "lost": lost}))


def exchange(one, text):
    one.send(text)
    deadline = time.monotonic() + TIMEOUT_S
    while select.select([one], [], [], max(0, deadline - time.monotonic()))[0]:
        if one.recv(2048).endswith(b" " + text):
            return True
    return False


if __name__ == "__main__":
    main()
