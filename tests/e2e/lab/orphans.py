#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends datagrams to the backends' echo servers in fragments, out of order,
beside orphans: fragments whose datagrams never complete. Prints as a JSON object how many of the
datagrams came back byte for byte, how many orphans were sent, and how many a second.

  orphans.py INTERFACE GATEWAY_MAC ADDRESS PORT DATAGRAMS ORPHANS_PER_S

One loop sends both. A slow machine lowers the rates, but not the number of orphans between two
fragments of a datagram.
"""

import itertools
import json
import os
import random
import socket
import struct
import sys
import time
from ipaddress import ip_address

from forge import checksum

TICK_S = 0.001
MOST_LATE_S = 0.003  # postpone ticks that are later: the links' queues drop long bursts
BETWEEN_DATAGRAMS = 5  # ticks
# When a datagram's fragments are sent, in ticks. A gateway holds as many orphans as come in 51 ticks
# at 20,000 a second: the second fragment comes long before that, the last one after it.
FRAGMENTS_AT = (0, 4, 24, 44, 64, 84)
DATAGRAM_BYTES = 8000
FRAGMENT_BYTES = 1440
ORPHAN_OFFSET = 800  # bytes: in the middle of its datagram
ORPHAN_BYTES = 8
FIRST_SOURCE = {4: ip_address("100.64.0.0"), 6: ip_address("fd00:64::")}  # of orphans
FEW_SOURCES = 4
ETHERTYPE = {4: b"\x08\x00", 6: b"\x86\xdd"}
UDP, IPV6_FRAGMENT = 17, 44
HOP_LIMIT = 64
SO_RCVBUFFORCE = 33  # asm-generic/socket.h
BUFFER_BYTES = 64_000_000  # holds all answers: they are read at the end
TIMEOUT_S = 3  # for the last answers


def main():
    interface, mac, address, port = sys.argv[1:5]
    datagrams, orphans_per_s = map(int, sys.argv[5:])
    vip = ip_address(address)
    client = socket.socket(socket.AF_INET6 if vip.version == 6 else socket.AF_INET,
                           socket.SOCK_DGRAM)
    client.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    client.connect((address, int(port)))
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind((interface, 0))
    ethernet = bytes.fromhex(mac.replace(":", "")) + link.getsockname()[4] + ETHERTYPE[vip.version]

    chance = random.Random(1)
    contents = [chance.randbytes(DATAGRAM_BYTES) for _ in range(datagrams)]
    ticks = [[] for _ in range(BETWEEN_DATAGRAMS * datagrams + FRAGMENTS_AT[-1])]
    for number, content in enumerate(contents):
        packets = out_of_order(fragments_of(client, number, content), number, chance)
        for at, packet in zip(FRAGMENTS_AT, packets, strict=True):
            ticks[BETWEEN_DATAGRAMS * number + at].append(ethernet + packet)
    orphans = [ethernet + orphan(vip, number) for number in range(orphans_per_s)]

    os.nice(-20)  # other processes would slow it down
    begin_s = time.monotonic()
    sent = send(link, ticks, orphans)
    took_s = time.monotonic() - begin_s
    print(json.dumps({"returned": datagrams - len(without_answer(client, contents)),
                      "orphans": sent, "orphans_per_s": round(sent / took_s)}))


def fragments_of(client, number, content):
    """A datagram of the socket, in fragments: their IP packets."""
    source, destination = client.getsockname(), client.getpeername()
    ends = ip_address(source[0]).packed + ip_address(destination[0]).packed
    length = 8 + len(content)

    def header(sum_):
        return struct.pack("!HHHH", source[1], destination[1], length, sum_)
    pseudo = ends + struct.pack("!HH", UDP, length)  # sums up to the same for both IP versions
    data = header(checksum(pseudo + header(0) + content) or 0xFFFF) + content
    for offset in range(0, len(data), FRAGMENT_BYTES):
        part = data[offset:offset + FRAGMENT_BYTES]
        yield fragment(ends, number, offset, offset + len(part) < len(data), part)


def orphan(destination, number):
    """Half of the orphans come from few addresses, each of the others from an address of its
    own."""
    address = number if number % 2 else number // 2 % FEW_SOURCES
    source = FIRST_SOURCE[destination.version] + address
    return fragment(source.packed + destination.packed, number, ORPHAN_OFFSET, True,
                    bytes(ORPHAN_BYTES))


def fragment(ends, number, offset, has_more, data):
    """An IP packet. `ends` are its addresses, `number` is its identification; the offset is in
    bytes."""
    if len(ends) == 32:
        return (struct.pack("!IHBB", 6 << 28, 8 + len(data), IPV6_FRAGMENT, HOP_LIMIT) + ends +
                struct.pack("!BBHI", UDP, 0, offset | has_more, number) + data)

    def header(sum_):
        return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data), number,
                           has_more << 13 | offset // 8, HOP_LIMIT, UDP, sum_) + ends
    return header(checksum(header(0))) + data


def out_of_order(fragments, number, chance):
    """Reverses the fragments of every other datagram, and shuffles those of the others."""
    order = list(fragments)[::-1]
    if number % 2:
        chance.shuffle(order)
    return order


def send(link, ticks, orphans):
    """Sends the frames of each tick, after a tick's share of `orphans`, which are those of a
    second. Returns the number of orphans sent."""
    share = round(len(orphans) * TICK_S)
    endless = itertools.cycle(orphans)
    due_s = time.monotonic()
    for frames in ticks:
        for frame in itertools.chain(itertools.islice(endless, share), frames):
            link.send(frame)
        due_s = max(due_s + TICK_S, time.monotonic() - MOST_LATE_S)
        time.sleep(max(0, due_s - time.monotonic()))
    return share * len(ticks)


def without_answer(client, contents):
    """The contents that do not come back."""
    waiting = set(contents)
    client.settimeout(TIMEOUT_S)
    try:
        while waiting:
            _, _, content = client.recv(65535).partition(b" ")
            waiting.discard(content)
    except TimeoutError:
        pass
    return waiting


if __name__ == "__main__":
    main()
