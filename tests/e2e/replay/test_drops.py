# SPDX-License-Identifier: Apache-2.0
"""Every drop reason has a packet that is dropped for it, in the cases or in another test."""

import re

import cases
import pytest
from cases.case import Dropped
from frames import (ETHERNET_BYTES, IPV4_BYTES, IPV6_BYTES, UDP_BYTES, ethernet, ip_checksummed,
                    patched, tcp, tcp6, udp, udp6)
from programs import ROOT
from scapy.layers.inet import IPOption
from scapy.packet import Raw

COVERED = {step.outcome.reason for case in cases.ALL for step in case.steps
           if isinstance(step.outcome, Dropped)}

# Reasons that no capture can cause, or no single packet, and the test that covers them.
TESTED_ELSEWHERE = {
    "kernel_path_full": "tests/dataplane/path/kernel_path_test.cpp",
    "no_buffer": "tests/dataplane/path/walk_test.cpp",
    "no_headroom": "tests/dataplane/packet/rewrite_tunnel_test.cpp",
    "no_kernel_path": "tests/dataplane/path/walk_test.cpp",
    "transmit_full": "tests/e2e/lab/test_transmit.py",
    "port_closed": "tests/dataplane/path/transmit_test.cpp",
    "vip_not_accepted": "tests/dataplane/packet/match_test.cpp",
    "vip_not_owned": "tests/dataplane/packet/rewrite_answer_test.cpp",
    "worker_busy": "tests/dataplane/path/walk_test.cpp",
}


def test_every_reason_has_a_case(vipctl):
    reasons = {row["reason"] for row in vipctl.json("show", "drops", "--all")}
    assert reasons == COVERED | TESTED_ELSEWHERE.keys()


@pytest.mark.parametrize("reason", TESTED_ELSEWHERE)
def test_a_case_elsewhere_exists(reason):
    constant = "k" + "".join(word.capitalize() for word in reason.split("_"))
    assert re.search(rf"\b({constant}|{reason})\b", (ROOT / TESTED_ELSEWHERE[reason]).read_text())


def cut_everywhere(replay, whole, reasons):
    """Replays a frame cut at every byte: it must be dropped until it is whole."""
    replayed = replay([whole[:size] for size in range(1, len(whole) + 1)])
    assert replayed.forwarded == 1
    assert sum(replayed.dropped.values()) == len(whole) - 1
    assert set(replayed.dropped) == {"ethernet_truncated", *reasons}


def test_a_frame_cut_at_every_byte_is_dropped_until_it_is_whole(replay):
    options = {"options": [("MSS", 1460)]}
    cut_everywhere(replay, tcp(options=[IPOption(b"\x01" * 8)], tcp_fields=options),
                   {"ipv4_truncated", "ipv4_header_length", "ipv4_total_length"})
    cut_everywhere(replay, tcp6(tcp_fields=options), {"ipv6_truncated", "ipv6_payload_length"})


def test_a_datagram_cut_at_every_byte_is_dropped_until_it_is_whole(replay):
    whole, whole6 = udp(payload=b"question"), udp6(payload=b"question")
    cut = [with_total_length(whole[:size]) for size in range(ETHERNET_BYTES + IPV4_BYTES,
                                                             len(whole))]
    cut6 = [with_payload_length(whole6[:size])
            for size in range(ETHERNET_BYTES + IPV6_BYTES + 1, len(whole6))]
    replayed = replay([*cut, *cut6, whole, whole6])
    assert replayed.dropped == {"udp_truncated": 2 * UDP_BYTES - 1,
                                "udp_length": 2 * len(b"question")}
    assert replayed.forwarded == 2


def with_total_length(frame):
    length = len(frame) - ETHERNET_BYTES
    return ip_checksummed(patched(frame, ETHERNET_BYTES + 2, length.to_bytes(2, "big")))


def with_payload_length(frame):
    length = len(frame) - ETHERNET_BYTES - IPV6_BYTES
    return patched(frame, ETHERNET_BYTES + 4, length.to_bytes(2, "big"))


def test_an_empty_frame_does_no_harm(replay):
    """A capture can contain an empty frame; a wire cannot."""
    replayed = replay([b"", ethernet(Raw(b""))[:ETHERNET_BYTES], tcp()])
    assert replayed.forwarded == 1
