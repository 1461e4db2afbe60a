#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client of the lab: sends datagrams of COUNT flows to an echo service whose backends
answer with their names, one every millisecond, until standard input ends. Prints "ready" once each
flow has its backend, and at the end as JSON how many were sent, how many of them were not answered,
and how many flows another backend has answered.

  steady_flows.py ADDRESS PORT COUNT
"""

import json
import select
import socket
import sys
import time

PERIOD_S, TIMEOUT_S = 0.001, 1
SO_RCVBUFFORCE = 33  # asm-generic/socket.h


class Flow:
    def __init__(self, address, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1_000_000)
        self.socket.setblocking(False)
        self.socket.connect((address, port))
        self.backend = None
        self.has_moved = False
        self.sent = self.answered = 0

    def send(self):
        try:
            self.socket.send(b"%d" % self.sent)
        except OSError:  # no route, or refused: counts as lost
            pass
        self.sent += 1

    def receive(self):
        while True:
            try:
                backend = self.socket.recv(2048).split()[0]
            except BlockingIOError:
                return
            except OSError:
                continue
            self.answered += 1
            self.has_moved |= self.backend not in (None, backend)
            self.backend = self.backend or backend


def main():
    flows = [Flow(sys.argv[1], int(sys.argv[2])) for _ in range(int(sys.argv[3]))]
    for flow in flows:
        flow.send()
        select.select([flow.socket], [], [], TIMEOUT_S)
        flow.receive()
        if flow.backend is None:
            sys.exit("a flow is not answered")
    print("ready", flush=True)
    due = time.monotonic()
    number = 0
    while not select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
        flow = flows[number % len(flows)]
        flow.receive()
        flow.send()
        number += 1
        due += PERIOD_S
    time.sleep(TIMEOUT_S)
    for flow in flows:
        flow.receive()
    sent = sum(flow.sent for flow in flows)
    print(json.dumps({"sent": sent, "lost": sent - sum(flow.answered for flow in flows),
                      "moved": sum(flow.has_moved for flow in flows)}))


if __name__ == "__main__":
    main()
