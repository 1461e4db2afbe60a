#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs in the namespace of a trial: sends one frame many times.

  flood.py INTERFACE COUNT FRAME_IN_HEX
"""

import socket
import sys


def main():
    interface, count, frame = sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3])
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind((interface, 0))
    for _ in range(count):
        link.send(frame)


if __name__ == "__main__":
    main()
