#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes seeds for a fuzzer. Those for the packet core are made from the packet cases of the replay
tests.

  tests/fuzz/seeds.py TARGET FOLDER
"""

import subprocess
import sys
import tempfile
from pathlib import Path

EXPORT = Path(__file__).resolve().parent.parent / "e2e" / "replay" / "export"
ETHERNET_BYTES = 14
IPV4_BYTES = 20
IPV6_BYTES = 40
ICMP, ICMPV6 = 1, 58


def main():
    target, folder = sys.argv[1], Path(sys.argv[2])
    for number, seed in enumerate(SEEDS[target](), 1):
        (folder / f"case-{number:05}").write_bytes(seed)


def frames():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([EXPORT, folder], check=True)
        return [path.read_bytes() for path in sorted(Path(folder).glob("*.frame"))]


def payloads(ethertype, header_bytes):
    """(IP header, payload) of the frames of one family."""
    end = ETHERNET_BYTES + header_bytes
    for frame in frames():
        if frame[12:14] == ethertype and len(frame) >= end:
            yield frame[ETHERNET_BYTES:end], frame[end:]


def pipeline():
    """Inputs of settings and a few frames, in the format that pipeline_fuzz.cpp reads."""
    kept = [frame for frame in frames() if len(frame) < 2048]
    for start in range(0, len(kept), 3):
        few = kept[start:start + 3]
        yield b"\0" + b"".join(len(frame).to_bytes(2, "little") + frame for frame in few)


def chain():
    """The same frames with 0 to 262,143 bytes more in further buffers, as chain_fuzz.cpp reads
    them."""
    kept = [frame for frame in frames() if len(frame) < 2048]
    for number, frame in enumerate(kept):
        further = number * 7919 % 262_144
        yield b"\1" + len(frame).to_bytes(2, "little") + further.to_bytes(4, "little") + frame


def icmp():
    for header, message in payloads(b"\x08\x00", IPV4_BYTES):
        if header[0] == 0x45 and header[9] == ICMP:
            yield b"\1" + message
    for header, message in payloads(b"\x86\xdd", IPV6_BYTES):
        if header[6] == ICMPV6:
            yield b"\0" + message


def extension_headers():
    for header, payload in payloads(b"\x86\xdd", IPV6_BYTES):
        yield header[6:7] + payload


def peer_message():
    """A digest, one with a trailer, a report of two findings, a command and an answer."""
    message = (b"vfp1" + bytes([1, 51, 0, 0]) + bytes(range(12)) + b"0.1.0".ljust(20, b"\0")
               + bytes(range(8)))
    yield message
    yield message + b"vfa1" + bytes(40)
    report = b"vfp1" + bytes([2, 51, 0, 0]) + (3).to_bytes(4, "big") + bytes(8) + b"\xff" * 8
    yield report + bytes(8) + bytes(7) + b"\5\1" + bytes(7) + b"\6\4"
    command = b"vfp1" + bytes([3, 51, 0, 0]) + bytes(range(16)) + bytes([3, 1, 0, 50, 0, 0, 0, 60])
    yield command + b"\3web" + b"\x0910.0.0.11"
    yield b"vfp1" + bytes([4, 51, 0, 0]) + bytes(range(16)) + b"\2no"


def vrrp():
    """Adverts of both versions and families: the family, steps (1 corrects the checksum, 2 signs, 4
    forges), the payload."""
    version3 = bytes.fromhex("3133c802000a07630a0000640a000065")
    yield b"\1\1" + version3
    yield b"\1\3" + version3
    yield b"\1\7" + version3
    yield b"\1\1" + version3 + b"vfa1" + bytes(40)
    yield b"\1\1" + bytes.fromhex("210164010001ba52c0a800010000000000000000")
    yield b"\0\1" + bytes.fromhex("3133c80100640000fe80") + bytes(13) + b"\1"


def mysql_packet(sequence, payload):
    return len(payload).to_bytes(3, "little") + bytes([sequence]) + payload


def health_dialog():
    """Good answers: the type of the dialog, options, what the server sends."""
    yield b"\0\1+PONG\r\n"
    yield (b"\1\1\1\0\0\0\0\0\x3a\0\x0a\0\x0a\0\x09\0\0\0\x15\x07productS\0\0\0\x08RabbitMQ"
           b"\0\0\0\x0ePLAIN AMQPLAIN\0\0\0\x05en_US\xce")
    yield b"\1\1AMQP\0\1\0\0"
    yield b"\4\3drain maxconn:30,75% # for people\r\n"
    greeting = (b"\x0a10.11.6-MariaDB\0\7\0\0\00001234567\0\xfe\xf7\x2d\2\0\xff\x81\x15" + bytes(10)
                + b"89abcdefghij\0mysql_native_password\0")
    end = b"\xfe\0\0\2\0"
    login = mysql_packet(0, greeting) + mysql_packet(2, b"\0\0\0\2\0\0\0")
    rows = [b"\2", b"\3def", b"\3def", end, b"\x11wsrep_local_state\0014", b"\tread_only\3OFF", end]
    result = b"".join(mysql_packet(number, row) for number, row in enumerate(rows, 1))
    yield b"\2\1" + login + result + result
    yield b"\2\0" + login + mysql_packet(1, b"\xff\x10\4#08004Too many connections")
    yield b"\2\1" + mysql_packet(0, greeting) + mysql_packet(
        2, b"\xfemysql_native_password\0" + bytes(range(20)) + b"\0")
    question = b"\7example\3org\0"
    for kind, data in ((15, b"\0\x0a\2mx\xc0\x0c"), (16, b"\x0emx.example.org")):
        yield (b"\3" + bytes([kind - 15]) + b"dg\x81\0\0\1\0\1\0\0\0\0" + question
               + bytes([0, kind, 0, 1]) + b"\xc0\x0c" + bytes([0, kind, 0, 1, 0, 0, 0, 60])
               + len(data).to_bytes(2, "big") + data)


SEEDS = {"pipeline_fuzz": pipeline, "chain_fuzz": chain, "icmp_fuzz": icmp,
         "extension_headers_fuzz": extension_headers, "region_fuzz": lambda: [b"\0\0\0\0\1"],
         "vrrp_fuzz": vrrp, "peer_message_fuzz": peer_message,
         "health_dialog_fuzz": health_dialog}


if __name__ == "__main__":
    main()
