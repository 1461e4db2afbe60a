# SPDX-License-Identifier: Apache-2.0
"""The gateway answers ARP for its VIPs, and for nothing else."""

from frames import (BROADCAST_MAC, CLIENT, CLIENT_MAC, GATEWAY, GATEWAY_MAC, OTHER_VIP, VIP, arp,
                    ethernet)
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

GOLDEN_IN = bytes.fromhex(
    "ffffffffffff 020000000050 0806"
    "0001 0800 06 04 0001 020000000050 0a000032 000000000000 0a000064"
    "000000000000000000000000000000000000")
GOLDEN_OUT = bytes.fromhex(
    "020000000050 020000000001 0806"
    "0001 0800 06 04 0002 020000000001 0a000064 020000000050 0a000032")


def test_golden_request_for_a_vip(replay):
    replayed = replay([GOLDEN_IN])
    assert replayed.answered == 1
    assert replayed.out[0][:len(GOLDEN_OUT)].hex(" ") == GOLDEN_OUT.hex(" ")


def test_requests_for_every_vip_by_broadcast_and_to_us(replay):
    replayed = replay([arp(vip, mac) for vip in (VIP, OTHER_VIP)
                       for mac in (BROADCAST_MAC, GATEWAY_MAC)])
    assert replayed.answered == 4
    for frame, vip in zip(replayed.out, (VIP, VIP, OTHER_VIP, OTHER_VIP)):
        link, reply = Ether(frame), Ether(frame)[ARP]
        assert (link.src, link.dst) == (GATEWAY_MAC, CLIENT_MAC)
        assert (reply.op, reply.hwsrc, reply.psrc) == (2, GATEWAY_MAC, vip)
        assert (reply.hwdst, reply.pdst) == (CLIENT_MAC, CLIENT)


def test_a_probe_for_a_vip_is_defended(replay):
    """RFC 5227 §2.1.1: a sender of 0.0.0.0 asks whether the address is taken."""
    probe = ethernet(ARP(op=1, hwsrc=CLIENT_MAC, psrc="0.0.0.0", pdst=VIP), dst=BROADCAST_MAC)
    replayed = replay([probe])
    assert Ether(replayed.out[0])[ARP].psrc == VIP


def test_other_arp_is_the_kernels(replay):
    frames = [
        arp(GATEWAY),
        arp("10.0.0.99"),
        arp(VIP, op="is-at", mac=GATEWAY_MAC),
        arp(VIP, op=3),
        arp(VIP, hwtype=6),
        arp(VIP, ptype=0x86DD),
        ethernet(ARP(op=1, psrc=VIP, pdst=CLIENT), dst=BROADCAST_MAC),
        arp(CLIENT) + bytes(18),
    ]
    replayed = replay(frames)
    assert replayed.to_kernel == len(frames)
    assert replayed.out == []


def test_answers_and_malformed_requests_side_by_side(replay):
    replayed = replay([arp(), arp()[:41], ethernet(Raw(b""), type=0x0806), arp()])
    assert replayed.answered == 2
    assert replayed.dropped == {"arp_malformed": 2}
