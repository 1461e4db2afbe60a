# SPDX-License-Identifier: Apache-2.0
"""A million packets, each of which must be accounted for."""

import itertools
import json
from collections import Counter

import pcap
from frames import arp, from_flows, tagged, tcp
from replaying import CONFIG, Replayed, run_replay

ROWS = 50_000  # of 20 packets each
FIRST_SOURCE = 0x0B000001
DROPPED = {
    "ethernet_not_ours": tcp(mac="02:00:00:00:00:02"),
    "ipv4_checksum": tcp(chksum=1),
    "ipv4_ttl_zero": tcp(ttl=0),
    "vlan_not_ours": tagged(tcp(), 5),
    "pool_empty": tcp(dport=81),
}
CAPTURED_IPIP = pcap.RECORD.size + 14 + 20 + 40
CAPTURED_ARP = pcap.RECORD.size + 14 + 28


def million_packets():
    """Each row has 16 new flows to the web service, 2 ARP requests, 1 packet for the kernel, 1 to
    drop."""
    flows = ((FIRST_SOURCE + i % 16, 1 + i // 16) for i in range(16 * ROWS))
    syns = map(pcap.record, from_flows(tcp(), flows))
    request, other = pcap.record(arp()), pcap.record(tcp(dst="10.0.0.1"))
    drops = itertools.cycle([pcap.record(frame) for frame in DROPPED.values()])
    for _ in range(ROWS):
        yield b"".join(itertools.islice(syns, 16)) + request + other + request + next(drops)


def transmitted_by_destination(path):
    """Counts frames by outer destination, ARP replies as "arp", without creating a million
    objects."""
    data = path.read_bytes()
    counts = Counter()
    at = len(pcap.FILE_HEADER)
    while at < len(data):
        ethertype_at = at + pcap.RECORD.size + 12
        if data[ethertype_at:ethertype_at + 2] == b"\x08\x06":
            counts["arp"] += 1
            at += CAPTURED_ARP
        else:
            destination = data[ethertype_at + 18:ethertype_at + 22]
            counts[".".join(map(str, destination))] += 1
            at += CAPTURED_IPIP
    assert at == len(data)
    return counts


def test_a_million_packets_are_all_accounted_for(tmp_path):
    capture, out = tmp_path / "in.pcap", tmp_path / "out.pcap"
    with open(capture, "wb") as file:
        file.write(pcap.FILE_HEADER)
        file.writelines(million_packets())
    finished = run_replay(CONFIG, capture, out, timeout_s=300)
    assert finished.returncode == 0, finished.stderr

    replayed = Replayed(json.loads(finished.stdout), out=None)
    replayed.check_accounts(20 * ROWS)
    assert (replayed.forwarded, replayed.answered, replayed.to_kernel) == (
        16 * ROWS, 2 * ROWS, ROWS)
    assert replayed.dropped == {reason: ROWS // len(DROPPED) for reason in DROPPED}
    assert replayed.services["web"] == {"packets": 16 * ROWS, "bytes": 16 * ROWS * 40}

    by_backend = {"10.0.0.11": "web/web1", "10.0.0.12": "web/web2", "10.0.0.13": "web/web3"}
    counts = transmitted_by_destination(out)
    assert counts.pop("arp") == 2 * ROWS
    assert counts == {address: replayed.backends[name]["packets"]
                      for address, name in by_backend.items()}
