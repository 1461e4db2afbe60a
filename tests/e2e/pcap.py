# SPDX-License-Identifier: Apache-2.0
"""Reads and writes captures of Ethernet frames (the classic pcap format), fast enough for
millions."""

import struct

LONGEST = 262_144  # bytes of a frame in a capture
FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, LONGEST, 1)
RECORD = struct.Struct("<IIII")


def record(frame):
    return RECORD.pack(0, 0, len(frame), len(frame)) + frame


def write(path, frames):
    with open(path, "wb") as file:
        file.write(FILE_HEADER)
        file.writelines(map(record, frames))


def read(path):
    """The frames of a capture, in the byte order of this machine."""
    data = path.read_bytes()
    magic, *_, link_type = struct.unpack_from("<IHHiIII", data)
    assert magic in (0xA1B2C3D4, 0xA1B23C4D), "written on a machine of another byte order"
    assert link_type == 1, "not Ethernet"
    frames = []
    at = len(FILE_HEADER)
    while at < len(data):
        _, _, captured, length = RECORD.unpack_from(data, at)
        assert captured == length, "frame cut short"
        at += RECORD.size
        frames.append(data[at:at + length])
        at += length
    return frames
