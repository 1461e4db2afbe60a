#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on a backend: answers every datagram with the backend's name and the datagram's content,
from the address to which it was sent. Writes its pid file once it listens.

  echo.py PID_FILE NAME "PORT..." ADDRESS...
"""

import itertools
import os
import selectors
import socket
import sys
from pathlib import Path

SO_RCVBUFFORCE = 33  # asm-generic/socket.h
LARGEST_DATAGRAM = 65535
BUFFER_BYTES = 4_000_000


def main():
    pid_file, name, ports, *addresses = sys.argv[1:]
    selector = selectors.DefaultSelector()
    for address, port in itertools.product(addresses, ports.split()):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        server = socket.socket(family, socket.SOCK_DGRAM)
        server.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
        server.bind((address, int(port)))
        selector.register(server, selectors.EVENT_READ)
    Path(pid_file).write_text(f"{os.getpid()}\n")
    while True:
        for key, _ in selector.select():
            content, client = key.fileobj.recvfrom(LARGEST_DATAGRAM)
            key.fileobj.sendto(name.encode() + b" " + content, client)


if __name__ == "__main__":
    main()
