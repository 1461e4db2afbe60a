# SPDX-License-Identifier: Apache-2.0
"""Compares what the gateway sent and counted with the outcomes that cases expect."""

from collections import Counter, defaultdict

import expect
from cases.case import Answered, Dropped, Forwarded, Split, ToKernel, TooBig
from frames import ETHERNET_BYTES, ip_packet

COUNTERS = ("forwarded", "answered", "to_kernel", "held", "split", "too_big_answers",
            "icmp_small_mtu")


def problems(cases, gateway, replayed):
    """A list with a text for each difference; empty if everything is as the cases expect."""
    judgement = Judgement(gateway, replayed)
    found = []
    # Last: fragments of a split packet are recognised as those that belong to no other frame.
    for is_split in (False, True):
        for case in cases:
            for number, step in enumerate(case.steps, 1):
                if isinstance(step.outcome, Split) != is_split:
                    continue
                try:
                    judgement.take(*step)
                except AssertionError as error:
                    found.append(f"{case.id}, frame {number}: {error}\nsent     "
                                 f"{step.frame.hex()}\nwanted   {step.outcome}")
    return found + judgement.left_over()


class Judgement:
    """Removes the outcome of each frame from what was transmitted and counted."""

    def __init__(self, gateway, replayed):
        self.gateway = gateway
        self.replayed = replayed
        self.answers = Counter()
        self.carried = defaultdict(list)  # forwarded frames, by their inner packet
        self.backends = {}  # by flow
        self.wanted = Counter()
        self.dropped = Counter()
        self.services = Counter()
        macs = set(gateway.neighbors.values())
        for frame in replayed.out:
            if frame[:6].hex(":") in macs:
                self.carried[expect.unwrapped(frame, gateway)].append(frame)
            else:
                self.answers[frame] += 1

    def take(self, frame, outcome):
        if isinstance(outcome, (Forwarded, Split)):
            self.wanted["forwarded"] += 1
            self.services[outcome.service] += 1
            packet = ip_packet(expect.untagged(frame)[0])
            self.wanted["icmp_small_mtu"] += expect.tells_small_mtu(packet)
            (self.take_pieces if isinstance(outcome, Split) else self.take_carried)(packet, outcome)
        elif isinstance(outcome, (Answered, TooBig)):
            self.wanted["answered"] += 1
            self.take_answer(frame, outcome)
        elif isinstance(outcome, Dropped):
            self.dropped[outcome.reason] += 1
        elif isinstance(outcome, ToKernel):
            self.wanted["to_kernel"] += 1

    def take_carried(self, packet, outcome):
        assert self.carried[packet], "not forwarded"
        out = self.carried[packet].pop(0)
        hop = expect.check_forwarded(out, packet, outcome.service, self.gateway)
        assert len(expect.untagged(out)[0]) - ETHERNET_BYTES <= self.gateway.port["mtu"]
        if outcome.flow is not None:
            met = self.backends.setdefault(outcome.flow, hop.backend)
            assert met == hop.backend, f"to {hop.backend}, others of its flow to {met}"

    def take_pieces(self, packet, outcome):
        pieces = sorted((piece for piece, frames in self.carried.items()
                         if frames and is_piece(piece, packet)), key=offset)
        assert len(pieces) > 1, f"not split: {len(pieces)} pieces"
        expect.check_pieces(pieces, packet)
        for piece in pieces:
            self.take_carried(piece, outcome)
        self.wanted["split"] += len(pieces) - 1

    def take_answer(self, frame, outcome):
        if isinstance(outcome, TooBig):
            answer = expect.too_big_answer(frame, outcome.mtu)
            self.wanted["too_big_answers"] += 1
        else:
            answer = outcome.frame
        padded = answer + frame[len(answer):]
        found = next((got for got in (answer, padded) if self.answers[got] > 0), None)
        assert found is not None, f"no such answer: {answer.hex()}"
        self.answers[found] -= 1

    def left_over(self):
        """Frames and counts that no case expects."""
        frames = [f"sent, but nobody's: {frame.hex()}" for frames in self.carried.values()
                  for frame in frames]
        frames += [f"answered, but nobody's: {frame.hex()}"
                   for frame, count in self.answers.items() for _ in range(count)]
        report = self.replayed.report
        wanted = {name: self.wanted[name] for name in COUNTERS}
        wanted |= {"dropped": dict(self.dropped)}
        counted = {name: report[name] for name in wanted}
        services = {name: row["packets"] for name, row in report["services"].items()
                    if row["packets"] > 0}
        if services != self.services:
            frames.append(f"services: counted {services}, not {dict(self.services)}")
        return frames + [f"{name}: counted {counted[name]}, not {value}"
                         for name, value in wanted.items() if counted[name] != value]


def offset(packet):
    return int.from_bytes(packet[6:8], "big") & 0x1FFF


def is_piece(piece, packet):
    """Whether a frame is a fragment of the IPv4 packet (or fragment) `packet`."""
    same_datagram = piece[0] >> 4 == 4 and [piece[4:6], piece[9], piece[12:20]] == [
        packet[4:6], packet[9], packet[12:20]]
    size = len(packet) - (packet[0] & 0xF) * 4
    return same_datagram and offset(packet) <= offset(piece) < offset(packet) + (size + 7) // 8
