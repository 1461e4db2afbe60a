#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends packets from random addresses and ports, as fast as one CPU can, until
its input ends. Prints how many it has sent.

  tcp_flood.py INTERFACE PACKET_IN_HEX TIMES

Each address and port sends so many packets, not one directly after the other. The packet is an
Ethernet frame with an IPv4 header without options and a TCP header. Its checksums are right for all
frames: each random word comes with its complement, and the two add up to zero.
"""

import ctypes
import itertools
import os
import select
import socket
import sys

FRAMES = 4096
AT_A_TIME = 1024
SOURCE, PORT, SEQUENCE = 26, 34, 38  # offsets in the frame
SOL_PACKET, PACKET_QDISC_BYPASS = 263, 20
COMPLEMENT = bytes(255 - byte for byte in range(256))
UNICAST = bytes(itertools.islice(itertools.cycle(
    byte for byte in range(1, 224) if byte not in (10, 127)), 256))


class IoVector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Message(ctypes.Structure):  # mmsghdr
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint32),
                ("vector", ctypes.POINTER(IoVector)), ("vector_length", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("sent", ctypes.c_uint)]


def main():
    interface, packet, times = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3])
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    link.bind((interface, 0))
    frames = bytearray(neutral(packet) * FRAMES)
    memory = (ctypes.c_char * len(frames)).from_buffer(frames)
    vectors = (IoVector * FRAMES)(*(
        IoVector(ctypes.addressof(memory) + i * len(packet), len(packet)) for i in range(FRAMES)))
    messages = (Message * FRAMES)(*(
        Message(vector=ctypes.pointer(vector), vector_length=1) for vector in vectors))
    sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg
    sent = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        randomize(frames, len(packet))
        for _ in range(times):
            at = 0
            while at < FRAMES:
                taken = max(0, sendmmsg(link.fileno(), ctypes.byref(messages[at]),
                                        min(FRAMES - at, AT_A_TIME), 0))
                sent += taken
                at += taken or 1  # the queue of the link is full: skip this one
    print(sent)


def neutral(packet):
    """The packet with zeros where randomize() writes, and with the checksums for any such words."""
    frame = bytearray(packet)
    for at, checksums in ((SOURCE, (24, 50)), (SOURCE + 2, (24, 50)), (PORT, (50,)),
                          (SEQUENCE, (50,))):
        word = int.from_bytes(frame[at:at + 2], "big")
        frame[at:at + 2] = bytes(2)
        for checksum in checksums:  # RFC 1624: takes a word out of the sum
            total = int.from_bytes(frame[checksum:checksum + 2], "big") + word
            frame[checksum:checksum + 2] = ((total & 0xFFFF) + (total >> 16)).to_bytes(2, "big")
    return bytes(frame)


def randomize(frames, length):
    for at, complement_at, alphabet in ((SOURCE, SOURCE + 2, UNICAST),
                                        (SOURCE + 1, SOURCE + 3, None),
                                        (PORT, SEQUENCE, None), (PORT + 1, SEQUENCE + 1, None)):
        chosen = os.urandom(FRAMES)
        if alphabet:
            chosen = chosen.translate(alphabet)
        frames[at::length] = chosen
        frames[complement_at::length] = chosen.translate(COMPLEMENT)


if __name__ == "__main__":
    main()
