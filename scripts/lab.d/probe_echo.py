#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends a datagram each millisecond to a VIP's echo service, until its input
ends. Then prints as JSON how many it has sent, and when it sent those that were not answered
("lost", in seconds). Prints "ready" after the first answer.

  probe_echo.py ADDRESS PORT
"""

import json
import select
import socket
import struct
import sys
import time

SO_RCVBUFFORCE = 33  # asm-generic/socket.h
BUFFER_BYTES = 4_000_000  # so that no answer is lost while this process waits for a CPU
PERIOD_S = 0.001
LAST_ANSWERS_TIMEOUT_S = 0.5


def main():
    address, port = sys.argv[1], int(sys.argv[2])
    probe = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    probe.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    probe.connect((address, port))
    probe.setblocking(False)
    sent, answered = [], set()
    due = time.monotonic()
    is_ready = False
    while not select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
        receive(probe, answered)
        send(probe, sent)
        due += PERIOD_S
        if answered and not is_ready:
            is_ready = True
            print("ready", flush=True)
    until = time.monotonic() + LAST_ANSWERS_TIMEOUT_S
    while len(answered) < len(sent) and time.monotonic() < until:
        select.select([probe], [], [], until - time.monotonic())
        receive(probe, answered)
    lost = [at for number, at in enumerate(sent) if number not in answered]
    print(json.dumps({"sent": len(sent), "lost": lost}))


def send(probe, sent):
    try:
        probe.send(struct.pack("!Q", len(sent)))
    except OSError:  # no route, or refused: counts as lost
        pass
    sent.append(time.time())


def receive(probe, answered):
    while True:
        try:
            answer = probe.recv(2048)
        except BlockingIOError:
            return
        except OSError:
            continue
        answered.update(struct.unpack("!Q", answer[-8:]))


if __name__ == "__main__":
    main()
