# SPDX-License-Identifier: Apache-2.0
"""Writes captures: packets of many clients to one service."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tests" / "e2e"))

import pcap  # noqa: E402
from gateway import SERVICE_PORT  # noqa: E402

FIRST_CLIENT = 0xC6120000  # 198.18.0.0, in the network that RFC 2544 reserves for benchmarks
CLIENTS = 256


def write_captures(paths, flows):
    """Writes as many packets into each file, in random order: 60 bytes and one flow each."""
    from frames import from_flows, tcp
    ports = flows // min(flows, CLIENTS)
    clients = [(FIRST_CLIENT + i, 1024 + k) for i in range(min(flows, CLIENTS))
               for k in range(ports)]
    random.Random(1).shuffle(clients)
    frames = list(from_flows(tcp(dport=SERVICE_PORT, flags="A", payload=bytes(6)), clients))
    share = len(frames) // len(paths)
    for i, path in enumerate(paths):
        pcap.write(path, frames[i * share:(i + 1) * share])
