# SPDX-License-Identifier: Apache-2.0
"""What a forwarded frame must look like, given the frame that came in."""

from frames import ETHERNET_BYTES, GATEWAY, GATEWAY_MAC, internet_checksum
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

NEIGHBORS = {
    "10.0.0.11": "02:00:00:00:00:11",
    "10.0.0.12": "02:00:00:00:00:12",
    "10.0.0.13": "02:00:00:00:00:13",
}
OUTER_BYTES = 20
OUTER_TTL = 64


def backend_of(frame):
    """The address that a transmitted frame's outer header is for."""
    return ".".join(str(byte) for byte in frame[ETHERNET_BYTES + 16:ETHERNET_BYTES + 20])


def check_encapsulated(out, sent):
    """`out` is `sent` in IPIP (RFC 2003), without padding, the inner packet untouched."""
    inner = ip_packet(sent)
    assert len(out) == ETHERNET_BYTES + OUTER_BYTES + len(inner)
    assert out[ETHERNET_BYTES + OUTER_BYTES:] == inner

    link = Ether(out)
    assert link.src == GATEWAY_MAC
    assert link.dst == NEIGHBORS[backend_of(out)]
    assert link.type == 0x0800

    outer, before = link[IP], IP(inner)
    assert (outer.version, outer.ihl, outer.len) == (4, 5, OUTER_BYTES + len(inner))
    assert (outer.src, outer.proto, outer.ttl) == (GATEWAY, 4, OUTER_TTL)
    assert outer.tos == before.tos  # DSCP and ECN, RFC 6040
    assert outer.id == before.id
    assert (outer.flags.DF, outer.flags.MF, outer.frag) == (before.flags.DF, 0, 0)
    assert internet_checksum(out[ETHERNET_BYTES:ETHERNET_BYTES + OUTER_BYTES]) == 0


def check_all_encapsulated(replayed, sent):
    """Each frame sent was forwarded, in the order of arrival."""
    assert replayed.forwarded == len(sent), replayed.report
    for out, frame in zip(replayed.out, sent):
        check_encapsulated(out, frame)


def ip_packet(frame):
    """Without what pads the frame."""
    length = int.from_bytes(frame[ETHERNET_BYTES + 2:ETHERNET_BYTES + 4], "big")
    return frame[ETHERNET_BYTES:ETHERNET_BYTES + length]
